package dev.retort.network;

import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A network's convolutions, each with the batch normalisation after it folded in and, in bf16 on
 * the CPU, fused with what follows.
 */
final class FoldedConvolutions {
  private final ScalarType type;
  private final Device device;
  private final Map<NormalizedConvolution, Convolution> folded = new HashMap<>();
  private final Map<NormalizedConvolution, FusedConvolution> fused = new HashMap<>();
  private final boolean hasSums;

  /**
   * Folds them; the tensors belong to the innermost open scope.
   *
   * @param type of their weights
   */
  FoldedConvolutions(Network network, ScalarType type, Device device) {
    this.type = type;
    this.device = device;
    Layers layers = Layers.of(network);
    hasSums = layers.sums;
    for (NormalizedConvolution layer : layers.normalized) {
      folded.computeIfAbsent(layer, unfolded -> unfolded.folded(type));
    }
    if (type == ScalarType.BFloat16 && device == Device.CPU && FusedConvolution.isAvailable()) {
      folded.forEach((layer, convolution) -> fused.put(layer, convolution.fused()));
    }
  }

  /** What one pass over a blank image goes through. */
  private static final class Layers implements ForwardPass.LayerObserver {
    private final List<NormalizedConvolution> normalized = new ArrayList<>();
    private boolean sums;

    static Layers of(Network network) {
      Layers layers = new Layers();
      try (TensorScope scope = TensorScope.open();
          NoGrad noGrad = NoGrad.open()) {
        Tensor blank = NetworkSummary.blankImage(network);
        network.forward(blank, new ForwardPass(false, Set.of(), network.state().type(), layers));
      }
      return layers;
    }

    @Override
    public void normalized(NormalizedConvolution layer) {
      normalized.add(layer);
    }

    @Override
    public void computed(Operation operation, List<Tensor> inputs, Tensor output) {
      sums |= operation instanceof Operation.Addition;
    }
  }

  /** Whether sums may be rounded otherwise than one operation after the other rounds them. */
  boolean fusesSums() {
    return hasSums && !fused.isEmpty();
  }

  /** The one that takes what follows with it; null where each operation is for itself. */
  @Nullable FusedConvolution fused(NormalizedConvolution layer) {
    return fused.get(layer);
  }

  /** Whether an image's outputs must be the same wherever in a batch it stands. */
  boolean alikeForAll() {
    // Products in bf16 are; only those in fp32 and fp64 have to be told.
    return device.isAlikeForAll() && type != ScalarType.BFloat16;
  }

  /** The one that does the work of both. */
  Convolution get(NormalizedConvolution layer) {
    Convolution convolution = folded.get(layer);
    if (convolution == null) {
      throw new IllegalStateException("a layer of another network");
    }
    return convolution;
  }
}
