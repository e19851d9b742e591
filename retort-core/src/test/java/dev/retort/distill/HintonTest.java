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

class HintonTest {
  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "hinton",
        golden ->
            Hinton.loss(
                golden.tensor("student"), golden.tensor("teacher"), golden.number("temperature")));
  }

  @Test
  void aStepsTermIsThatOfItsStudentFromItsTeacher() {
    try (TensorScope scope = TensorScope.open()) {
      Step step = new RandomNetworks(Map.of(), Map.of()).step(0, 0, new int[] {4, 2}, 0, 1);
      Tensor student = step.student().logits();
      Tensor teacher = step.teacher().logits();
      double term = Tensors.toDouble(new Hinton(4, 1, 0).loss(step));
      assertThat(term).isEqualTo(Tensors.toDouble(Hinton.loss(student, teacher, 4)));
      assertThat(term)
          .isNotCloseTo(Tensors.toDouble(Hinton.loss(teacher, student, 4)), within(1e-6));
    }
  }
}
