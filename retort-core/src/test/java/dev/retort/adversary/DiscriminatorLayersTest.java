package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class DiscriminatorLayersTest {
  private static State state() {
    return new State(ScalarType.Double, RandomSource.of(3, "layers"));
  }

  private static double largestSingularValue(Tensor weight) {
    return Tensors.toDoubles(torch.linalg_svdvals(weight.flatten(1, -1)))[0];
  }

  @Test
  void theLargestSingularValueOfANormalizedWeightIsOne() {
    try (TensorScope scope = TensorScope.open()) {
      DiscriminatorLayers layers = new DiscriminatorLayers(state(), true);
      layers.declare("a", 5, 4);
      layers.declare("b", 6, 2, 3, 3);
      for (int i = 0; i < 200; i++) {
        layers.refresh();
      }
      Map<String, Tensor> theta = layers.state().parameters();
      assertThat(largestSingularValue(layers.weight("a", theta))).isCloseTo(1, within(1e-6));
      assertThat(largestSingularValue(layers.weight("b", theta))).isCloseTo(1, within(1e-6));
      assertThat(largestSingularValue(theta.get("a.weight"))).isNotCloseTo(1, within(0.02));
    }
  }

  /** A row: its only singular value is its norm, and one iteration finds it. */
  @Test
  void aLinearDIsExactlyOneLipschitz() {
    try (TensorScope scope = TensorScope.open()) {
      LayeredDiscriminator d =
          new LayeredDiscriminator(false, 3, List.of(), Conditioning.NONE, 2, true, state());
      Map<String, Tensor> theta = d.state().parameters();
      double[] w = Tensors.toDoubles(theta.get("head.weight"));
      double norm = Math.sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2]);
      double b = Tensors.toDouble(theta.get("head.bias"));
      Tensor h = Tensors.of(new double[] {1, -2, 0.5}, 1, 3);
      assertThat(Tensors.toDoubles(d.judge(h, Condition.NONE, theta).logits())[0])
          .isCloseTo((w[0] - 2 * w[1] + 0.5 * w[2]) / norm + b, within(1e-12));
    }
  }

  @Test
  void theGradientTakesTheNormalizationIntoAccount() {
    try (TensorScope scope = TensorScope.open()) {
      DiscriminatorLayers layers = new DiscriminatorLayers(state(), true);
      layers.declare("a", 3, 2);
      Tensor weight = layers.state().parameters().get("a.weight");
      Tensor mix = MadeStep.normal("mix", 0, 3, 2);
      Tensor value = layers.weight("a", layers.state().parameters()).mul(mix).sum();
      double[] gradient =
          Tensors.toDoubles(Tensors.gradients(value, new TensorVector(weight), false).get(0));
      double h = 1e-6;
      for (int i = 0; i < 6; i++) {
        double slope =
            (normalizedSum(layers, weight, mix, i, h) - normalizedSum(layers, weight, mix, i, -h))
                / (2 * h);
        assertThat(gradient[i]).isCloseTo(slope, within(1e-8));
      }
    }
  }

  private static double normalizedSum(
      DiscriminatorLayers layers, Tensor weight, Tensor mix, int index, double change) {
    double[] values = Tensors.toDoubles(weight);
    values[index] += change;
    Map<String, Tensor> theta = new HashMap<>(layers.state().parameters());
    theta.put("a.weight", Tensors.of(values, 3, 2));
    return Tensors.toDouble(layers.weight("a", theta).mul(mix).sum());
  }

  /** A 1×1 convolution in effect: only the middle of the kernel meets a map of one position. */
  @Test
  void theConvolutionalDiscriminatorOfOnePositionIsAnMlp() {
    try (TensorScope scope = TensorScope.open()) {
      LayeredDiscriminator d =
          new LayeredDiscriminator(true, 2, List.of(3), Conditioning.NONE, 2, false, state());
      Map<String, Tensor> theta = d.state().parameters();
      Tensor h = Tensors.of(new double[] {1, -2}, 1, 2, 1, 1);
      double[] kernel = Tensors.toDoubles(theta.get("0.weight"));
      double[] bias = Tensors.toDoubles(theta.get("0.bias"));
      double[] head = Tensors.toDoubles(theta.get("head.weight"));
      double expected = Tensors.toDouble(theta.get("head.bias"));
      for (int out = 0; out < 3; out++) {
        double x = kernel[18 * out + 4] - 2 * kernel[18 * out + 9 + 4] + bias[out];
        expected += head[out] * (x > 0 ? x : 0.2 * x);
      }
      assertThat(Tensors.toDoubles(d.judge(h, Condition.NONE, theta).logits())[0])
          .isCloseTo(expected, within(1e-12));
    }
  }

  /** One unit, x + 2y: 3 of (1, 1), and −5 of (−5, 0), which counts −1; twice that, and a half. */
  @Test
  void aHiddenLayersNegativeValuesCountAFifth() {
    try (TensorScope scope = TensorScope.open()) {
      LayeredDiscriminator d =
          new LayeredDiscriminator(false, 2, List.of(1), Conditioning.NONE, 2, false, state());
      Map<String, Tensor> theta =
          Map.of(
              "0.weight", Tensors.of(new double[] {1, 2}, 1, 2),
              "0.bias", Tensors.of(new double[] {0}, 1),
              "head.weight", Tensors.of(new double[] {2}, 1, 1),
              "head.bias", Tensors.of(new double[] {0.5}, 1));
      Tensor rows = Tensors.of(new double[] {1, 1, -5, 0}, 2, 2);
      assertThat(Tensors.toDoubles(d.judge(rows, Condition.NONE, theta).logits()))
          .containsExactly(6.5, -1.5);
      Tensor map = Tensors.of(new double[] {0, 2, 1, 1, -3, 3, 4, 0}, 1, 2, 2, 2);
      assertThat(Tensors.toDoubles(d.judge(map, Condition.NONE, theta).logits()))
          .as("of a map the means (1, 1)")
          .containsExactly(6.5);
    }
  }

  /**
   * A kernel of ones around every second position of a 3×3 map of 1 … 9, cut off at its edges: sums
   * of 12 and 16 above, 24 and 28 below. With a bias of −20 the upper two count a fifth.
   */
  @Test
  void aConvolutionTakesEverySecondPositionAndTheMeanOfWhatItFinds() {
    try (TensorScope scope = TensorScope.open()) {
      LayeredDiscriminator d =
          new LayeredDiscriminator(true, 1, List.of(1), Conditioning.NONE, 2, false, state());
      Map<String, Tensor> theta =
          Map.of(
              "0.weight", Tensors.of(new double[] {1, 1, 1, 1, 1, 1, 1, 1, 1}, 1, 1, 3, 3),
              "0.bias", Tensors.of(new double[] {-20}, 1),
              "head.weight", Tensors.of(new double[] {1}, 1, 1),
              "head.bias", Tensors.of(new double[] {0}, 1));
      Tensor map = Tensors.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 1, 3, 3);
      assertThat(Tensors.toDoubles(d.judge(map, Condition.NONE, theta).logits())[0])
          .isCloseTo(
              (0.2 * (12 - 20) + 0.2 * (16 - 20) + (24 - 20) + (28 - 20)) / 4, within(1e-12));
    }
  }

  @Test
  void everyRowIsJudgedOnItsOwn() {
    try (TensorScope scope = TensorScope.open()) {
      for (long[] shape : new long[][] {{7}, {4, 6, 6}}) {
        long[] batch =
            java.util.stream.LongStream.concat(
                    java.util.stream.LongStream.of(5), java.util.stream.LongStream.of(shape))
                .toArray();
        Discriminator d =
            new DiscriminatorSettings(
                    "auto", List.of(), List.of(8, 8), Conditioning.NONE, true, Misalignment.NONE)
                .create(shape, 3, new State(ScalarType.Double, MadeStep.RANDOM));
        Map<String, Tensor> theta = d.state().parameters();
        Tensor all = MadeStep.normal("rows", shape.length, batch);
        Tensor changed = all.clone();
        changed.narrow(0, 1, 4).mul_(new Scalar(3.0));
        double before = Tensors.toDoubles(d.judge(all, Condition.NONE, theta).logits())[0];
        double after = Tensors.toDoubles(d.judge(changed, Condition.NONE, theta).logits())[0];
        assertThat(after).isCloseTo(before, within(1e-12));
      }
    }
  }
}
