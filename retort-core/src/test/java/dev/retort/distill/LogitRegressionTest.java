package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LogitRegressionTest {
  private static final double[] STUDENT = {0.3, -1.2, 2.5, 0.4, 1.1, -0.6};
  private static final double[] TEACHER = {1.7, -3.1, 0.2, 5.5, -0.8, 0.9};

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "logit-regression",
        golden ->
            new LogitRegression(golden.number("centred") == 1, 1, 1)
                .loss(golden.tensor("student"), golden.tensor("teacher")));
  }

  @Test
  void hintonsLossTendsToHalfTheCentredRegression() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(STUDENT, 2, 3);
      Tensor teacher = Tensors.of(TEACHER, 2, 3);
      double centred = Tensors.toDouble(new LogitRegression(true, 1, 1).loss(student, teacher));
      assertThat(Tensors.toDouble(Hinton.loss(student, teacher, 1e4)))
          .isCloseTo(centred / 2, within(1e-3 * centred));
    }
  }

  @Test
  void onlyThePlainRegressionSeesWhatASoftmaxDoesNot() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(TEACHER, 2, 3);
      Tensor shifted = teacher.add(Tensors.of(new double[] {3, -4}, 2, 1));
      assertThat(Tensors.toDouble(new LogitRegression(true, 1, 1).loss(shifted, teacher)))
          .isCloseTo(0, within(1e-14));
      assertThat(Tensors.toDouble(new LogitRegression(false, 1, 1).loss(shifted, teacher)))
          .isCloseTo((3 * 3 + 4 * 4) / 2.0, within(1e-12));
    }
  }

  @Test
  void byDefaultItIsPlainAndWeightedAsHintonsIs() {
    assertThat(
            LogitRegression.KIND
                .defaults()
                .build(new RandomNetworks(Map.of(), Map.of()).pairing(10)))
        .containsExactly(new LogitRegression(false, 0.9, 0.1), new CrossEntropy(0.1, 0));
  }
}
