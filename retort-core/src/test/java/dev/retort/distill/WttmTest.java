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

class WttmTest {
  private static final double[] STUDENT = {0.3, -1.2, 2.5, 0.4};

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "wttm",
        golden ->
            new Wttm(golden.number("gamma"), 1, 1)
                .loss(golden.tensor("student"), golden.tensor("teacher")));
  }

  @Test
  void aTeacherAtChanceWeighsMost() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(STUDENT, 1, 4);
      Tensor teacher = Tensors.of(new double[] {3, 3, 3, 3}, 1, 4);
      double divergence = Tensors.toDouble(new Ttm(0.5, 1, 1).loss(student, teacher));
      assertThat(Tensors.toDouble(new Wttm(0.5, 1, 1).loss(student, teacher)))
          .isCloseTo(Math.sqrt(4) * divergence, within(1e-13));
    }
  }

  @Test
  void aTeacherThatIsSureWeighsOne() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(STUDENT, 1, 4);
      Tensor teacher = Tensors.of(new double[] {1000, 0, 0, 0}, 1, 4);
      double divergence = Tensors.toDouble(new Ttm(0.1, 1, 1).loss(student, teacher));
      assertThat(Tensors.toDouble(new Wttm(0.1, 1, 1).loss(student, teacher)))
          .isCloseTo(divergence, within(1e-13));
    }
  }

  @Test
  void theDefaultsAreTheAuthors() {
    assertThat(Wttm.KIND.defaults().build(new RandomNetworks(Map.of(), Map.of()).pairing(10)))
        .containsExactly(new Wttm(0.2, 4, 1), new CrossEntropy(1, 0));
  }
}
