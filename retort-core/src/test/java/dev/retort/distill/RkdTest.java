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

class RkdTest {
  private static Rkd rkd(double distance, double angle) {
    return new Rkd(distance, angle, List.of(LayerPair.of("embedding")), 1, 1);
  }

  /** A triangle with right angle at the first image and sides 3, 4 and 5. */
  private static final double[] TRIANGLE = {0, 0, 3, 0, 0, 4};

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "rkd",
        golden ->
            rkd(golden.number("distance"), golden.number("angle"))
                .loss(golden.tensor("student"), golden.tensor("teacher")));
  }

  @Test
  void aSimilarTriangleIsAsGoodAsTheTeachers() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(TRIANGLE, 3, 2);
      // Turned by a right angle, doubled, moved, and with a third coordinate.
      Tensor student = Tensors.of(new double[] {1, 1, 7, 1, 7, 7, -7, 1, 7}, 3, 3);
      assertThat(Tensors.toDouble(rkd(25, 50).loss(student, teacher))).isCloseTo(0, within(1e-12));
    }
  }

  @Test
  void anEquilateralTriangleAgainstARightOne() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(TRIANGLE, 3, 2);
      Tensor student = Tensors.of(new double[] {0, 0, 2, 0, 1, Math.sqrt(3)}, 3, 2);
      // Distances over their mean of 4 are 3/4, 1, 5/4 against 1; each occurs twice among 9 pairs.
      assertThat(Tensors.toDouble(rkd(1, 0).loss(student, teacher)))
          .isCloseTo(2 * (1.0 / 16 + 1.0 / 16) / 2 / 9, within(1e-12));
      // Cosines are 0, 3/5, 4/5 against 1/2; each occurs twice among 27 triples.
      assertThat(Tensors.toDouble(rkd(0, 1).loss(student, teacher)))
          .isCloseTo(2 * (0.25 + 0.01 + 0.09) / 2 / 27, within(1e-12));
    }
  }

  @Test
  void imagesThatCoincideForTheStudentHaveAFiniteGradient() {
    try (TensorScope scope = TensorScope.open()) {
      double[] gradient = gradient(new double[] {1, 2, 1, 2, 0, 3}, TRIANGLE, 3);
      for (double value : gradient) {
        assertThat(Math.abs(value)).isLessThan(100);
      }
      assertThat(gradient).doesNotContain(Double.NaN);
    }
  }

  @Test
  void aConstantStudentStaysWhereItIs() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(gradient(new double[] {1, 2, 1, 2, 1, 2}, TRIANGLE, 3)).containsOnly(0);
    }
  }

  @Test
  void aBatchOfOneImageHasNoRelations() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {1, 2}, 1, 2);
      Tensor teacher = Tensors.of(new double[] {3, 5}, 1, 2);
      assertThat(Tensors.toDouble(rkd(25, 50).loss(student, teacher))).isZero();
      assertThat(gradient(new double[] {1, 2}, new double[] {3, 5}, 1)).containsOnly(0);
    }
  }

  private static double[] gradient(double[] ofStudent, double[] ofTeacher, int images) {
    Tensor student = Tensors.of(ofStudent, images, 2).set_requires_grad(true);
    Tensor loss = rkd(25, 50).loss(student, Tensors.of(ofTeacher, images, 2));
    return Tensors.toDoubles(Tensors.gradients(loss, new TensorVector(student), false).get(0));
  }

  @Test
  void theFactorsAreThePapersAndTheWeightATenth() {
    Map<String, long[]> shapes = Map.of("embedding", new long[] {8});
    assertThat(Rkd.KIND.defaults().build(new RandomNetworks(shapes, shapes).pairing(10)))
        .containsExactly(
            new Rkd(25, 50, List.of(LayerPair.of("embedding")), 0.1, 1), new CrossEntropy(1, 0));
  }
}
