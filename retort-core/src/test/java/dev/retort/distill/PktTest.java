package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PktTest {
  private static final Pkt LOSS = new Pkt(List.of(LayerPair.of("embedding")), 1, 1);

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "pkt", golden -> Pkt.meanOverPairs(golden.tensor("student"), golden.tensor("teacher")));
  }

  /**
   * A teacher that puts every second image opposite to the others, and a student to which all are
   * alike: each of the N rows has 2/N on half its places against 1/N on all of them.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 64, 128})
  void theTermIsAsLargeForBatchesOfAnySize(int images) {
    try (TensorScope scope = TensorScope.open()) {
      double[] alike = new double[2 * images];
      double[] opposite = new double[2 * images];
      for (int i = 0; i < images; i++) {
        alike[2 * i] = 1 + i;
        opposite[2 * i + 1] = i % 2 == 0 ? 2 : -5;
      }
      Tensor student = Tensors.of(alike, images, 2);
      Tensor teacher = Tensors.of(opposite, images, 2);
      assertThat(Tensors.toDouble(LOSS.loss(student, teacher)))
          .isCloseTo(Math.log(2) / 64, within(1e-6));
      assertThat(Tensors.toDouble(Pkt.meanOverPairs(student, teacher)))
          .isCloseTo(Math.log(2) / images, within(1e-6));
    }
  }

  /** The divergence is another one the other way round, unlike the terms of most layers. */
  @Test
  void aStepsTermIsThatOfItsStudentFromItsTeacher() {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, long[]> shapes = Map.of("embedding", new long[] {8});
      Step step = new RandomNetworks(shapes, shapes).step(0, 0, new int[] {4, 2, 3}, 0, 1, 2);
      Tensor student = step.student().get("embedding");
      Tensor teacher = step.teacher().get("embedding");
      double term = Tensors.toDouble(LOSS.loss(step));
      assertThat(term).isEqualTo(Tensors.toDouble(LOSS.loss(student, teacher)));
      assertThat(term).isNotCloseTo(Tensors.toDouble(LOSS.loss(teacher, student)), within(1e-6));
    }
  }

  @Test
  void theLengthsOfTheEmbeddingsDoNotMatter() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(new double[] {1, 2, -3, 4, 0, 5}, 3, 2);
      Tensor student = Tensors.of(new double[] {2, 4, -1.5, 2, 0, 50}, 3, 2);
      assertThat(Tensors.toDouble(LOSS.loss(student, teacher))).isCloseTo(0, within(1e-7));
    }
  }

  /** It has no direction; the public code divides by 1e-7 there. */
  @Test
  void anEmbeddingOfZerosHasNoGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0, 0, 1, 2, 3, 1}, 3, 2).set_requires_grad(true);
      Tensor teacher = Tensors.of(new double[] {1, 1, 1, 2, -1, 1}, 3, 2);
      Tensor gradient =
          Tensors.gradients(LOSS.loss(student, teacher), new TensorVector(student), false).get(0);
      double[] values = Tensors.toDoubles(gradient);
      assertThat(values).startsWith(0, 0);
      assertThat(Math.hypot(values[2], values[3])).isBetween(1e-6, 1.0);
    }
  }

  @Test
  void theDefaultsAreThoseOfThePublicComparisons() {
    Map<String, long[]> shapes = Map.of("embedding", new long[] {8});
    assertThat(Pkt.KIND.defaults().build(new RandomNetworks(shapes, shapes).pairing(10)))
        .containsExactly(
            new Pkt(List.of(LayerPair.of("embedding")), 30000, 1), new CrossEntropy(1, 0));
  }
}
