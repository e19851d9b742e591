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
  void aRegressedMapEqualToTheTeachersCostsNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor map = Tensors.of(new double[] {1, -2, 3, 0.5}, 1, 1, 2, 2);
      assertThat(Tensors.toDouble(FitNet.loss(map, map))).isZero();
    }
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

  @Test
  void aStepTeachesStudentAndRegressor() {
    try (TensorScope scope = TensorScope.open()) {
      Objective fitNet = DEFAULTS.build(NETWORKS.pairing(10)).get(0);
      Step step = NETWORKS.step(0, 0, new int[] {4, 2}, 0, 1);
      fitNet.loss(step).backward();
      assertThat(Tensors.toDoubles(step.student().get("stage:2").grad().abs().sum())[0])
          .isPositive();
      States.assertLearns(fitNet);
    }
  }

  @Test
  void initialValuesAreUniformWithinThoseOfPyTorch() {
    try (TensorScope scope = TensorScope.open()) {
      Objective fitNet = DEFAULTS.build(NETWORKS.pairing(10)).get(0);
      double[] weight = Tensors.toDoubles(States.tensor(fitNet, "conv.weight"));
      double bound = 1 / Math.sqrt(3);
      for (double value : weight) {
        assertThat(value).isBetween(-bound, bound);
      }
      assertThat(java.util.Arrays.stream(weight).map(Math::abs).average().orElseThrow())
          .isCloseTo(bound / 2, within(bound / 4));
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
