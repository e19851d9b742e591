package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TtmTest {
  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "ttm",
        golden ->
            new Ttm(golden.number("gamma"), 1, 1)
                .loss(golden.tensor("student"), golden.tensor("teacher")));
  }

  @Test
  void withoutAPowerItIsHintonsAtTemperatureOne() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0.3, -1.2, 2.5, 0.4, 1.1, -0.6}, 2, 3);
      Tensor teacher = Tensors.of(new double[] {1.7, -3.1, 0.2, 5.5, -0.8, 0.9}, 2, 3);
      assertThat(Tensors.toDouble(new Ttm(1, 1, 1).loss(student, teacher)))
          .isCloseTo(Tensors.toDouble(Hinton.loss(student, teacher, 1)), within(1e-14));
    }
  }

  @Test
  void theGradientIsTheStudentsProbabilitiesMinusTheTransformedTeachers() {
    try (TensorScope scope = TensorScope.open()) {
      // Probabilities 1/9, 8/9, whose cube roots are as 1 to 2.
      Tensor teacher = Tensors.of(new double[] {0, Math.log(8)}, 1, 2);
      Tensor student = Tensors.of(new double[] {0, 0}, 1, 2).set_requires_grad(true);
      Tensor loss = new Ttm(1.0 / 3, 1, 1).loss(student, teacher);
      double[] gradient =
          Tensors.toDoubles(Tensors.gradients(loss, new TensorVector(student), false).get(0));
      assertThat(gradient[0]).isCloseTo(1.0 / 2 - 1.0 / 3, within(1e-14));
      assertThat(gradient[1]).isCloseTo(1.0 / 2 - 2.0 / 3, within(1e-14));
    }
  }

  @Test
  void theDefaultsAreThePapers() {
    assertThat(Ttm.KIND.defaults().build(new RandomNetworks(Map.of(), Map.of()).pairing(10)))
        .containsExactly(new Ttm(0.1, 45, 1), new CrossEntropy(1, 0));
  }
}
