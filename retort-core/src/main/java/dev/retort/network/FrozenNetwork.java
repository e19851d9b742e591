package dev.retort.network;

import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.system.CodeDigest;
import dev.retort.system.Sha256;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A network that learns no more, made ready to be applied to many images: its {@link Graph} is
 * recorded once, batch normalisation is folded into the convolution before it, the folded
 * convolutions' weights are in the precision's own format, and ReLU and residual sums are computed
 * with the convolution before them where the engine can. A network that computes by other means
 * than {@link ForwardPass#apply} is run as it is. The network must not learn on: what is folded
 * would stay as it was, and the rest would follow.
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
  private final @Nullable FrozenGraph graph;

  /**
   * Moves the network to the device and to the type that the precision stores parameters in, and
   * folds it; the new tensors belong to the innermost open scope.
   */
  public FrozenNetwork(Network network, Precision precision, Device device) {
    this.network = network;
    this.precision = precision;
    this.device = device;
    boolean narrow = precision == Precision.BF16;
    ScalarType type = narrow ? ScalarType.BFloat16 : precision.parameterType();
    network.state().moveTo(device);
    network.state().convertTo(precision.parameterType());
    boolean fuses = narrow && device == Device.CPU && FusedConvolution.isAvailable();
    try (NoGrad noGrad = NoGrad.open()) {
      this.graph =
          Graph.recorded(network)
              .map(recorded -> recorded.folded(type, withinModules(network.state())))
              .map(folded -> new FrozenGraph(folded, fuses, this::compute))
              .orElse(null);
    }
  }

  /**
   * Layers of one module, such as {@code layer1.0.conv1} and {@code layer1.0.bn1}. A wide ResNet's
   * first normalisation is its first block's, and its kept outputs were computed without folding it
   * into the stem.
   */
  private static Predicate<Graph.Foldable> withinModules(State state) {
    IdentityHashMap<Tensor, String> modules = new IdentityHashMap<>();
    state.all().forEach((path, tensor) -> modules.put(tensor, parent(parent(path))));
    return foldable ->
        Objects.equals(
            modules.get(foldable.weights().weight()),
            modules.get(foldable.normalization().weight()));
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
  }

  /**
   * A digest of the code of a network of a user's own, whose outputs may change while its name and
   * its state do not: of all classes in its jar or folder. Empty for the zoo's.
   */
  public String code() {
    return Networks.isOfZoo(network.name()) ? "" : CodeDigest.of(network.getClass());
  }

  /**
   * Adds to a digest of the network what makes other bits of it than before. What the processor
   * changes is no part of it: another one may go on with a study.
   */
  public void addTo(Sha256 digest) {
    if (graph != null && precision == Precision.BF16 && device == Device.CPU && graph.hasSums()) {
      digest.text("fused sums");
    }
    if (graph != null && !Networks.isOfZoo(network.name())) {
      digest.text("folded");
    }
    digest.version("frozen network", VERSION);
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
    Tensor placed = device.place(images);
    try (NoGrad noGrad = NoGrad.open()) {
      if (graph == null) {
        return ForwardPass.run(network, placed, false, taps, precision, device, this::compute);
      }
      ForwardPass.requireAll(taps, graph.representations(), network);
      ScalarType type = precision.parameterType();
      return precision.run(device, () -> graph.run(placed, taps, type));
    }
  }

  /** So that the last layer's output for an image does not depend on its place in a batch. */
  private Tensor compute(Operation operation, Tensor... inputs) {
    // Products in bf16 are; only those in fp32 and fp64 have to be told.
    boolean imageByImage = device.isAlikeForAll() && precision != Precision.BF16;
    return imageByImage && operation instanceof Operation.FullyConnected layer
        ? layer.computeImageByImage(inputs[0])
        : operation.compute(inputs);
  }
}
