package dev.retort.adversary;

import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The layers that discriminators are made of, with spectral normalisation on request (Miyato et al.
 * 2018, eq. 8 and algorithm 1): each weight W, as a matrix of one row an output, is divided by σ =
 * uᵀ W v, which approaches its largest singular value as each step of D improves v ← Wᵀ u / ‖·‖ and
 * u ← W v / ‖·‖ by one iteration. Gradients flow through W in σ, not through u and v.
 */
final class DiscriminatorLayers {
  /** Before the first step, so that σ is right from the start. */
  private static final int FIRST_ITERATIONS = 15;

  private static final double SMALLEST_NORM = 1e-12;

  private final State state;
  private final boolean spectral;
  private final List<String> normalized = new ArrayList<>();

  DiscriminatorLayers(State state, boolean spectralNormalization) {
    this.state = state;
    this.spectral = spectralNormalization;
  }

  State state() {
    return state;
  }

  /** Declares {@code NAME.weight} and {@code NAME.bias}, uniform in ±1/√(inputs of an output). */
  void declare(String name, long... shape) {
    state.bias(name + ".bias", shape);
    declareWeight(name, shape);
  }

  /** Declares {@code NAME.weight} alone. */
  void declareWeight(String name, long... shape) {
    Tensor weight = state.weight(name + ".weight", shape);
    if (spectral) {
      state.buffer(name + ".u", 1 / Math.sqrt(shape[0]), shape[0]);
      state.buffer(name + ".v", 0, weight.numel() / shape[0]);
      normalized.add(name);
      for (int i = 0; i < FIRST_ITERATIONS; i++) {
        iterate(name);
      }
    }
  }

  /** One iteration of every u and v. */
  void refresh() {
    normalized.forEach(this::iterate);
  }

  private void iterate(String name) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Tensor weight = matrix(of(state.parameters(), name + ".weight"));
      Tensor u = of(state.buffers(), name + ".u");
      Tensor v = of(state.buffers(), name + ".v");
      v.copy_(unit(weight.t().mv(u)));
      u.copy_(unit(weight.mv(v)));
    }
  }

  private static Tensor unit(Tensor vector) {
    return vector.div(vector.norm().clamp_min(new Scalar(SMALLEST_NORM)));
  }

  private static Tensor matrix(Tensor weight) {
    return weight.flatten(1, -1);
  }

  /** The layer's weight as it is used. */
  Tensor weight(String name, Map<String, Tensor> theta) {
    Tensor weight = of(theta, name + ".weight");
    if (!spectral) {
      return weight;
    }
    Tensor u = of(state.buffers(), name + ".u");
    Tensor v = of(state.buffers(), name + ".v");
    return weight.div(u.dot(matrix(weight).mv(v)));
  }

  /** {@code [N, in]} to {@code [N, out]}. */
  Tensor linear(String name, Tensor input, Map<String, Tensor> theta) {
    return torch.linear(input, weight(name, theta), Tensors.present(of(theta, name + ".bias")));
  }

  /** 3×3 with padding 1: {@code [N, in, H, W]} to {@code [N, out, ⌈H/stride⌉, ⌈W/stride⌉]}. */
  Tensor convolution(String name, Tensor input, long stride, Map<String, Tensor> theta) {
    return torch.conv2d(
        input,
        weight(name, theta),
        Tensors.present(of(theta, name + ".bias")),
        new long[] {stride, stride},
        new long[] {1, 1},
        new long[] {1, 1},
        1);
  }

  private static Tensor of(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }
}
