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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimilarityPreservingTest {
  private static final RandomNetworks NETWORKS =
      new RandomNetworks(
          Map.of("stage:2", new long[] {5, 4, 4}, "stage:3", new long[] {7, 2, 2}),
          Map.of("stage:2", new long[] {3, 4, 4}, "stage:3", new long[] {4, 3, 3}));
  private static final SimilarityPreserving LOSS =
      new SimilarityPreserving(List.of(LayerPair.of("stage:3")), 1, 1);
  private static final ObjectiveSettings DEFAULTS = SimilarityPreserving.KIND.defaults();

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "sp",
        golden ->
            SimilarityPreserving.meanOverPairs(golden.tensor("student"), golden.tensor("teacher")));
  }

  /**
   * A student that tells two kinds of images apart, as many of each, and a teacher that does not:
   * each of the N rows is √(2/N) on half its places against √(1/N) on all of them.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 64, 128})
  void theTermIsAsLargeForBatchesOfAnySize(int images) {
    try (TensorScope scope = TensorScope.open()) {
      double[] twoKinds = new double[2 * images];
      double[] oneKind = new double[2 * images];
      for (int i = 0; i < images; i++) {
        twoKinds[2 * i + i % 2] = 2 + i % 2;
        oneKind[2 * i] = 1;
        oneKind[2 * i + 1] = 3;
      }
      Tensor student = Tensors.of(twoKinds, images, 2);
      Tensor teacher = Tensors.of(oneKind, images, 2);
      double row = 2 - Math.sqrt(2);
      assertThat(Tensors.toDouble(LOSS.loss(student, teacher))).isCloseTo(row / 64, within(1e-14));
      assertThat(Tensors.toDouble(SimilarityPreserving.meanOverPairs(student, teacher)))
          .isCloseTo(row / images, within(1e-14));
    }
  }

  @Test
  void anImageThatTheStudentSeesNothingOfHasNoSimilaritiesOfItsOwn() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0, 0, 1, 0}, 2, 2).set_requires_grad(true);
      Tensor teacher = Tensors.of(new double[] {1, 3, 1, 3}, 2, 2);
      Tensor loss = LOSS.loss(student, teacher);
      // The rows (0, 0) and (0, 1) against (1, 1)/√2.
      assertThat(Tensors.toDouble(loss)).isCloseTo((3 - Math.sqrt(2)) / (64 * 2), within(1e-14));
      // Of the second row only the inner product of the two images depends on the first image.
      assertThat(
              Tensors.toDoubles(Tensors.gradients(loss, new TensorVector(student), false).get(0)))
          .containsExactly(new double[] {-Math.sqrt(2) / (64 * 2), 0, 0, 0}, within(1e-14));
    }
  }

  @Test
  void neitherScaleNorRotationNorWidthMatters() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = Tensors.of(new double[] {1, 2, -3, 4, 0, 5}, 3, 2);
      // Turned by a right angle, doubled, and with a dimension that is always 0.
      Tensor student = Tensors.of(new double[] {-4, 2, 0, -8, -6, 0, -10, 0, 0}, 3, 3);
      assertThat(Tensors.toDouble(LOSS.loss(student, teacher))).isCloseTo(0, within(1e-14));
    }
  }

  @Test
  void byDefaultItReadsTheThirdStage() {
    List<Objective> objectives = DEFAULTS.build(NETWORKS.pairing(10));
    assertThat(objectives)
        .containsExactly(
            new SimilarityPreserving(List.of(LayerPair.of("stage:3")), 3000, 1),
            new CrossEntropy(1, 0));
    assertThat(objectives.get(0).studentTaps()).containsExactly("stage:3");
    assertThat(objectives.get(0).teacherTaps()).containsExactly("stage:3");
  }

  @Test
  void eachNetworkIsAskedForItsOwnLayerOfAPair() {
    Objective objective =
        new SimilarityPreserving(List.of(new LayerPair("stage:2", "stage:3")), 1, 1);
    assertThat(objective.teacherTaps()).containsExactly("stage:2");
    assertThat(objective.studentTaps()).containsExactly("stage:3");
  }

  @Test
  void severalLayersAddUp() {
    try (TensorScope scope = TensorScope.open()) {
      List<LayerPair> on = List.of(LayerPair.of("stage:2"), new LayerPair("stage:2", "stage:3"));
      Objective objective = new SimilarityPreserving(on, 1, 1);
      Step step = NETWORKS.step(0, 0, new int[] {4, 2, 3}, 0, 1, 2);
      Tensor teacher = step.teacher().get("stage:2");
      double expected =
          Tensors.toDouble(LOSS.loss(step.student().get("stage:2"), teacher))
              + Tensors.toDouble(LOSS.loss(step.student().get("stage:3"), teacher));
      assertThat(Tensors.toDouble(objective.loss(step))).isCloseTo(expected, within(1e-14));
    }
  }

  @Test
  void aNetworkWithoutTheLayerIsRefused() {
    RandomNetworks flat = new RandomNetworks(NETWORKS.teacher(), Map.of("fc1", new long[] {9}));
    assertThatThrownBy(() -> DEFAULTS.build(flat.pairing(10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the student has no layer 'stage:3'; it has [fc1]");
  }

  @Test
  void anEmptyListOfLayersIsRefused() {
    assertThatThrownBy(() -> new SimilarityPreserving(List.of(), 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("on must name at least one layer");
  }
}
