package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FitNetTest {
  private static final RandomNetworks NETWORKS =
      new RandomNetworks(
          Map.of("stage:2", new long[] {5, 4, 4}, "embedding", new long[] {5}),
          Map.of("stage:2", new long[] {3, 8, 8}));
  private static final ObjectiveSettings DEFAULTS = FitNet.KIND.defaults();

  @TestFactory
  Stream<DynamicTest> lossAndGradientsAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "fitnet",
        golden ->
            FitNet.loss(
                golden.tensor("student"),
                golden.tensor("teacher"),
                golden.tensor("convolution_weight"),
                golden.tensor("bias"),
                golden.tensor("scale"),
                golden.tensor("shift"),
                true));
  }

  @Test
  void byDefaultItReadsTheSecondStageWithACrossEntropyBeside() {
    try (TensorScope scope = TensorScope.open()) {
      List<Objective> objectives = DEFAULTS.build(NETWORKS.pairing(10));
      assertThat(objectives).extracting(Objective::name).containsExactly("fitnet", "cross-entropy");
      assertThat(objectives).extracting(Objective::weight).containsExactly(100.0, 1.0);
      assertThat(objectives.get(0).studentTaps()).containsExactly("stage:2");
      assertThat(objectives.get(0).teacherTaps()).containsExactly("stage:2");
    }
  }

  /** The golden cases have the ReLU. Normalised, the two values are ±1 but for ε. */
  @Test
  void withoutAReluTheRegressorKeepsNegativeValues() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor map = Tensors.of(new double[] {3, 7}, 1, 1, 1, 2);
      Tensor zeros = Tensors.of(new double[] {0, 0}, 1, 1, 1, 2);
      Tensor weight = Tensors.of(new double[] {-1}, 1, 1, 1, 1);
      Tensor one = Tensors.of(new double[] {1}, 1);
      Tensor zero = Tensors.of(new double[] {0}, 1);
      double unit = 2 / Math.sqrt(4 + 1e-5);
      assertThat(Tensors.toDouble(FitNet.loss(map, zeros, weight, zero, one, zero, false)))
          .isCloseTo(unit * unit, within(1e-14));
      assertThat(Tensors.toDouble(FitNet.loss(map, zeros, weight, zero, one, zero, true)))
          .isCloseTo(unit * unit / 2, within(1e-14));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theKeySaysWhetherTheRegressorEndsInARelu(boolean relu) {
    try (TensorScope scope = TensorScope.open()) {
      Objective fitNet =
          new FitNet.Settings(LayerPair.of("stage:2"), relu, 1, 0)
              .build(NETWORKS.pairing(10))
              .get(0);
      Step step = NETWORKS.step(0, 0, new int[] {4, 2}, 0, 1);
      Tensor expected =
          FitNet.loss(
              step.student().get("stage:2"),
              step.teacher().get("stage:2"),
              States.tensor(fitNet, "conv.weight"),
              States.tensor(fitNet, "conv.bias"),
              States.tensor(fitNet, "bn.weight"),
              States.tensor(fitNet, "bn.bias"),
              relu);
      assertThat(Tensors.toDouble(fitNet.loss(step))).isEqualTo(Tensors.toDouble(expected));
      assertThat(((FitNet.Settings) DEFAULTS).relu()).isFalse();
    }
  }

  /** In ±1/√(3 inputs); that none of 1200 values reached 0.98 of it has a probability of 3e-11. */
  @Test
  void initialValuesAreUniformWithinThoseOfPyTorch() {
    try (TensorScope scope = TensorScope.open()) {
      RandomNetworks wide =
          new RandomNetworks(Map.of("stage:2", new long[] {400, 4, 4}), NETWORKS.student());
      Objective fitNet = DEFAULTS.build(wide.pairing(10)).get(0);
      Tensor size = States.tensor(fitNet, "conv.weight").abs();
      double bound = 1 / Math.sqrt(3);
      assertThat(Tensors.toDouble(size.max())).isBetween(0.98 * bound, bound);
      // Uniform: a deviation of 0.29 in one value, and of 0.0083 in the mean of 1200.
      assertThat(Tensors.toDouble(size.mean()) / bound).isCloseTo(0.5, within(0.04));
    }
  }

  @Test
  void aLayerThatIsNoFeatureMapIsRefusedBeforeTheFirstStep() {
    FitNet.Settings settings =
        new FitNet.Settings(new LayerPair("embedding", "stage:2"), true, 100, 1);
    assertThatThrownBy(() -> settings.build(NETWORKS.pairing(10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the teacher's 'embedding' must be a feature map, but its shape is [5] an image;"
                + " name another layer");
  }
}
