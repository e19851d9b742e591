package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class HintonStandardizedTest {
  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "hinton-standardized",
        golden ->
            new HintonStandardized(golden.number("temperature"), 1, 1)
                .loss(golden.tensor("student"), golden.tensor("teacher")));
  }

  @Test
  void neitherShiftNorScaleOfTheLogitsMatters() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(new double[] {1.7, -3.1, 0.2, 5.5, -0.8, 0.9}, 2, 3);
      Tensor student = teacher.mul(new Scalar(0.25)).add(new Scalar(7.0));
      assertThat(Tensors.toDouble(new HintonStandardized(2, 1, 1).loss(student, teacher)))
          .isCloseTo(0, within(1e-12));
    }
  }

  @Test
  void aStudentOfEqualLogitsIsAsFarAwayAsTheUniformDistribution() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {4, 4, 4}, 1, 3).set_requires_grad(true);
      Tensor teacher = Tensors.of(new double[] {-1, 0, 1}, 1, 3);
      Tensor loss = new HintonStandardized(2, 1, 1).loss(student, teacher);
      // The teacher's z-scores are −1, 0, 1, so at T = 2 its probabilities are those of ∓½.
      double sum = Math.exp(-0.5) + 1 + Math.exp(0.5);
      double entropy = Math.log(sum) - 0.5 * (Math.exp(0.5) - Math.exp(-0.5)) / sum;
      assertThat(Tensors.toDouble(loss)).isCloseTo(4 * (Math.log(3) - entropy), within(1e-6));
      Tensor gradient = Tensors.gradients(loss, new TensorVector(student), false).get(0);
      double[] values = Tensors.toDoubles(gradient);
      assertThat(values[0]).isFinite().isPositive();
      assertThat(values[2]).isFinite().isNegative();
    }
  }

  @Test
  void ofTwoClassesNothingIsLearned() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0.1, 0, -3, 4}, 2, 2).set_requires_grad(true);
      Tensor teacher = Tensors.of(new double[] {7, 1, 0, 9}, 2, 2);
      double z = 1 / Math.sqrt(2);
      assertThat(Tensors.toDoubles(HintonStandardized.standardized(student)))
          .containsExactly(new double[] {z, -z, -z, z}, within(2e-6));
      Tensor loss = new HintonStandardized(2, 1, 1).loss(student, teacher);
      for (double value :
          Tensors.toDoubles(Tensors.gradients(loss, new TensorVector(student), false).get(0))) {
        assertThat(value).isCloseTo(0, within(1e-5));
      }
    }
  }

  @Test
  void theDefaultsAreThePapers() {
    assertThat(
            HintonStandardized.KIND
                .defaults()
                .build(new RandomNetworks(Map.of(), Map.of()).pairing(10)))
        .containsExactly(new HintonStandardized(2, 9, 0.1), new CrossEntropy(0.1, 0));
  }
}
