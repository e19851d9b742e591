package dev.retort.network;

import dev.retort.engine.GradientMode;
import dev.retort.engine.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A network's convolutions, each with the batch normalisation after it folded in. */
final class FoldedConvolutions {
  private final ScalarType type;
  private final Map<NormalizedConvolution, Convolution> folded = new HashMap<>();

  /**
   * Folds them; the tensors belong to the innermost open scope.
   *
   * @param type of their weights
   */
  FoldedConvolutions(Network network, ScalarType type) {
    this.type = type;
    for (NormalizedConvolution layer : layers(network)) {
      folded.computeIfAbsent(layer, unfolded -> unfolded.folded(type));
    }
  }

  /** The layers that one pass over a blank image goes through. */
  private static List<NormalizedConvolution> layers(Network network) {
    List<NormalizedConvolution> layers = new ArrayList<>();
    ForwardPass.LayerObserver observer =
        new ForwardPass.LayerObserver() {
          @Override
          public void normalized(NormalizedConvolution layer) {
            layers.add(layer);
          }
        };
    try (TensorScope scope = TensorScope.open();
        GradientMode off = GradientMode.off()) {
      Tensor blank = NetworkSummary.blankImage(network);
      network.forward(blank, new ForwardPass(false, Set.of(), network.state().type(), observer));
    }
    return layers;
  }

  /** The type of the weights. */
  ScalarType type() {
    return type;
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
