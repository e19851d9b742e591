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

class PktTest {
  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "pkt", golden -> Pkt.loss(golden.tensor("student"), golden.tensor("teacher")));
  }

  @Test
  void oppositeImagesAgainstEqualOnes() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {1, 0, 3, 0}, 2, 2);
      Tensor teacher = Tensors.of(new double[] {0, 2, 0, -5}, 2, 2);
      // The teacher's neighbours are (1, 0) and (0, 1), the student's are (½, ½).
      assertThat(Tensors.toDouble(Pkt.loss(student, teacher)))
          .isCloseTo(2 * Math.log(2) / 4, within(1e-6));
    }
  }

  @Test
  void theLengthsOfTheEmbeddingsDoNotMatter() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(new double[] {1, 2, -3, 4, 0, 5}, 3, 2);
      Tensor student = Tensors.of(new double[] {2, 4, -1.5, 2, 0, 50}, 3, 2);
      assertThat(Tensors.toDouble(Pkt.loss(student, teacher))).isCloseTo(0, within(1e-7));
    }
  }

  @Test
  void anEmbeddingOfZerosHasAFiniteGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0, 0, 1, 2}, 2, 2).set_requires_grad(true);
      Tensor teacher = Tensors.of(new double[] {1, 1, 1, 2}, 2, 2);
      Tensor gradient =
          Tensors.gradients(Pkt.loss(student, teacher), new TensorVector(student), false).get(0);
      for (double value : Tensors.toDoubles(gradient)) {
        assertThat(value).isFinite();
      }
    }
  }

  @Test
  void theDefaultsAreThoseOfThePublicComparisons() {
    Map<String, long[]> shapes = Map.of("embedding", new long[] {8});
    assertThat(
            new Pkt.Settings(null, null, null)
                .build(new RandomNetworks(shapes, shapes).pairing(10)))
        .containsExactly(
            new Pkt(30000, List.of(LayerPair.of("embedding"))), new CrossEntropy(1, 0));
  }
}
