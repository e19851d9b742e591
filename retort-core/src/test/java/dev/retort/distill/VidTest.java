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
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class VidTest {
  private static final double EPSILON = 1e-5;
  private static final RandomNetworks NETWORKS =
      new RandomNetworks(
          Map.of("stage:1", new long[] {5, 8, 8}, "stage:2", new long[] {6, 4, 4}),
          Map.of("stage:1", new long[] {3, 8, 8}, "stage:2", new long[] {4, 3, 3}));

  @TestFactory
  Stream<DynamicTest> lossAndGradientsAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "vid",
        golden ->
            Vid.loss(
                golden.tensor("student"),
                golden.tensor("teacher"),
                golden.tensor("first"),
                golden.tensor("second"),
                golden.tensor("third"),
                golden.tensor("log_scale"),
                golden.number("epsilon")));
  }

  @Test
  void theBestVarianceIsTheMeanSquaredErrorAndCostsItsLogarithm() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor mean = Tensors.of(new double[] {1, 2, 3, 4}, 1, 1, 2, 2);
      Tensor teacher = Tensors.of(new double[] {2, 2, 0, 6}, 1, 1, 2, 2);
      double error = (1 + 0 + 9 + 4) / 4.0;
      Tensor logScale =
          Tensors.of(new double[] {Vid.logScale(error, EPSILON)}, 1).set_requires_grad(true);
      Tensor loss = Vid.loss(mean, teacher, logScale, EPSILON);
      assertThat(Tensors.toDouble(loss)).isCloseTo(0.5 * (1 + Math.log(error)), within(1e-12));
      Tensor slope = Tensors.gradients(loss, new TensorVector(logScale), false).get(0);
      assertThat(Tensors.toDouble(slope)).isCloseTo(0, within(1e-12));
    }
  }

  @Test
  void aPerfectPredictionCostsHalfTheLogarithmOfTheVariance() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor map = Tensors.of(new double[] {1, 2, 3, 4}, 1, 2, 1, 2);
      Tensor logScale = Tensors.of(new double[] {Vid.logScale(2, EPSILON), -1000}, 2);
      assertThat(Tensors.toDouble(Vid.loss(map, map, logScale, EPSILON)))
          .isCloseTo(0.25 * (Math.log(2) + Math.log(EPSILON)), within(1e-12));
    }
  }

  @Test
  void byDefaultEveryStageHasARegressorAndTheVarianceStartsAtFive() {
    try (TensorScope scope = TensorScope.open()) {
      List<Objective> objectives = Vid.KIND.defaults().build(NETWORKS.pairing(10));
      assertThat(objectives).extracting(Objective::weight).containsExactly(1.0, 1.0);
      Map<String, Tensor> learned = States.of(objectives.get(0)).parameters();
      assertThat(learned)
          .containsOnlyKeys(
              "0.regressor.0.weight",
              "0.regressor.2.weight",
              "0.regressor.4.weight",
              "0.log_scale",
              "1.regressor.0.weight",
              "1.regressor.2.weight",
              "1.regressor.4.weight",
              "1.log_scale");
      for (double alpha : Tensors.toDoubles(States.tensor(learned, "1.log_scale"))) {
        assertThat(Math.log(1 + Math.exp(alpha)) + EPSILON).isCloseTo(5, within(1e-12));
      }
    }
  }

  @Test
  void severalPairsAddUp() {
    try (TensorScope scope = TensorScope.open()) {
      Objective vid = new Vid.Settings(null, 3, 0.01, 1, 0).build(NETWORKS.pairing(10)).get(0);
      Step step = NETWORKS.step(0, 0, new int[] {4, 2}, 0, 1);
      double sum = 0;
      for (int pair = 0; pair < 2; pair++) {
        String stage = "stage:" + (pair + 1);
        Tensor loss =
            Vid.loss(
                step.student().get(stage),
                step.teacher().get(stage),
                States.tensor(vid, pair + ".regressor.0.weight"),
                States.tensor(vid, pair + ".regressor.2.weight"),
                States.tensor(vid, pair + ".regressor.4.weight"),
                States.tensor(vid, pair + ".log_scale"),
                0.01);
        sum += Tensors.toDouble(loss);
      }
      assertThat(Tensors.toDouble(vid.loss(step))).isCloseTo(sum, within(1e-12));
    }
  }

  @Test
  void aVarianceThatTheFormCannotTakeIsRefused() {
    assertThatThrownBy(() -> new Vid.Settings(null, 1e-6, 1e-5, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("initialVariance must be above epsilon and at most 1000000.0, not 1.0E-6");
    assertThatThrownBy(() -> new Vid.Settings(null, Double.POSITIVE_INFINITY, 1e-5, 1, 1))
        .hasMessageStartingWith("initialVariance must be above epsilon");
    assertThatThrownBy(() -> new Vid.Settings(null, 5, 1e-320, 1, 1))
        .hasMessageStartingWith("epsilon must be from 1.0E-15 to 1.0, not ");
  }
}
