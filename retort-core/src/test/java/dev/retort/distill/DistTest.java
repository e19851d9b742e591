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

class DistTest {
  private static final double[] TEACHER = {1.7, -3.1, 0.2, 5.5, -0.8, 0.9};

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "dist",
        golden ->
            new Dist(
                    golden.number("beta"),
                    golden.number("gamma"),
                    golden.number("temperature"),
                    1,
                    1)
                .loss(golden.tensor("student"), golden.tensor("teacher")));
  }

  @Test
  void aLinearMapOfTheTeachersProbabilitiesIsAsGoodAsTheTeacher() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(new double[] {0.7, -1.1, 0.2, -0.5, 0.8, 1.4}, 2, 3);
      // Half of each probability and half of the uniform distribution.
      double[] mixed = Tensors.toDoubles(teacher.softmax(1));
      for (int i = 0; i < mixed.length; i++) {
        mixed[i] = Math.log(mixed[i] / 2 + 1.0 / 6);
      }
      assertThat(Tensors.toDouble(new Dist(1, 1, 1, 1, 1).loss(Tensors.of(mixed, 2, 3), teacher)))
          .isCloseTo(0, within(1e-5));
    }
  }

  @Test
  void theReversedOrderOfClassesIsAsFarAsCanBe() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(new double[] {2, 0, 0, 2}, 2, 2);
      Tensor student = Tensors.of(new double[] {0, 3, 3, 0}, 2, 2);
      // All correlations are −1, so that each part is 2.
      assertThat(Tensors.toDouble(new Dist(3, 5, 1, 1, 1).loss(student, teacher)))
          .isCloseTo(2 * (3 + 5), within(1e-6));
    }
  }

  @Test
  void aConstantStudentCorrelatesWithNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[6], 2, 3);
      Tensor teacher = Tensors.of(TEACHER, 2, 3);
      assertThat(Tensors.toDouble(new Dist(1, 1, 4, 1, 1).loss(student, teacher)))
          .isCloseTo(4 * 4 * 2, within(1e-6));
    }
  }

  @Test
  void theDefaultsAreThePapersForCifar() {
    assertThat(Dist.KIND.defaults().build(new RandomNetworks(Map.of(), Map.of()).pairing(10)))
        .containsExactly(new Dist(1, 1, 4, 2, 1), new CrossEntropy(1, 0));
  }
}
