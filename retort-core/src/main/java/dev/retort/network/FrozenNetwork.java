package dev.retort.network;

import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network that learns no more, made ready to be applied to many images: batch normalisation is
 * folded into the convolution before it, the convolutions' weights are in the precision's own
 * format, and ReLU and residual sums are computed with the convolution before them where the engine
 * can. Later changes of the network's state are not seen.
 */
public final class FrozenNetwork {
  /**
   * Raise it where folding, fusing or anything else makes other bits of the same state and images:
   * kept outputs of teachers are then computed anew. {@code FrozenNetworkVersionTest} pins them.
   */
  public static final int VERSION = 1;

  private final Network network;
  private final Precision precision;
  private final Device device;
  private final FoldedConvolutions folded;

  /**
   * Moves the network to the device and to the type that the precision stores parameters in, and
   * folds it; the new tensors belong to the innermost open scope.
   */
  public FrozenNetwork(Network network, Precision precision, Device device) {
    this.network = network;
    this.precision = precision;
    this.device = device;
    ScalarType type = precision == Precision.BF16 ? ScalarType.BFloat16 : precision.parameterType();
    network.state().moveTo(device);
    network.state().convertTo(precision.parameterType());
    this.folded = new FoldedConvolutions(network, type, device);
  }

  /**
   * Whether a sum and the ReLU after it are computed with the convolution before them, as oneDNN
   * does in bf16: rounded once, where the network rounds twice.
   */
  public boolean fusesSums() {
    return folded.fusesSums();
  }

  /**
   * Applies it in evaluation mode, without gradient, on its device.
   *
   * @param images {@code [N, C, H, W]}, normalised, best channels-last
   * @param taps the names of the representations wanted beside the logits; they do not change any
   *     bit of the others
   * @return logits and taps, in fp32 (fp64 where the precision is that)
   * @throws IllegalArgumentException if the network has no representation of a name in {@code taps}
   */
  public Activations apply(Tensor images, Set<String> taps) {
    try (NoGrad noGrad = NoGrad.open()) {
      return ForwardPass.run(network, folded, device.place(images), taps, precision, device);
    }
  }
}
