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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class AttentionTransferTest {
  private static final RandomNetworks NETWORKS =
      new RandomNetworks(
          Map.of(
              "stage:1", new long[] {5, 8, 8},
              "stage:2", new long[] {6, 4, 4},
              "stage:3", new long[] {7, 2, 2}),
          Map.of("stage:1", new long[] {3, 8, 8}, "stage:2", new long[] {4, 3, 3}));
  private static final AttentionTransfer LOSS = new AttentionTransfer(null, 1, 1);
  private static final ObjectiveSettings DEFAULTS = AttentionTransfer.KIND.defaults();

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "attention-transfer",
        golden -> LOSS.loss(golden.tensor("student"), golden.tensor("teacher")));
  }

  @Test
  void attentionsOnDifferentPositionsAreTwoOverTheNumberOfPositionsApart() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {3, 0, 0, 0}, 1, 1, 2, 2);
      Tensor teacher = Tensors.of(new double[] {0, 0, 0, -0.1}, 1, 1, 2, 2);
      assertThat(Tensors.toDouble(LOSS.loss(student, teacher))).isCloseTo(2.0 / 4, within(1e-14));
    }
  }

  @Test
  void neitherScaleNorChannelCountMatters() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {1, 2, -3, 4}, 1, 1, 2, 2);
      Tensor teacher = Tensors.of(new double[] {-5, 10, 15, 20, 5, 10, 15, 20}, 1, 2, 2, 2);
      assertThat(Tensors.toDouble(LOSS.loss(student, teacher))).isCloseTo(0, within(1e-14));
    }
  }

  /**
   * Of 2×6 and 4×3 to 2×3, whichever is the student's: the means of two in a row, or in a column.
   */
  @Test
  void ofMapsThatAreNotSquareBothArePooledToTheShorterOfEachSide() {
    try (TensorScope scope = TensorScope.open()) {
      double[] values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
      Tensor wide = Tensors.of(values, 1, 1, 2, 6);
      Tensor high = Tensors.of(values, 1, 1, 4, 3);
      double[] pooledWide = {0.5, 2.5, 4.5, 6.5, 8.5, 10.5};
      double[] pooledHigh = {1.5, 2.5, 3.5, 7.5, 8.5, 9.5};
      assertMap(MapPair.atCommonSize(wide, high).student(), pooledWide);
      assertMap(MapPair.atCommonSize(wide, high).teacher(), pooledHigh);
      assertMap(MapPair.atCommonSize(high, wide).student(), pooledHigh);
      assertMap(MapPair.atCommonSize(high, wide).teacher(), pooledWide);
    }
  }

  private static void assertMap(Tensor map, double[] expected) {
    assertThat(map.shape()).containsExactly(1, 1, 2, 3);
    assertThat(Tensors.toDoubles(map)).containsExactly(expected, within(1e-14));
  }

  @Test
  void aMapOfZerosGivesANumber() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor zeros = Tensors.of(new double[4], 1, 1, 2, 2);
      Tensor teacher = Tensors.of(new double[] {1, 2, 3, 4}, 1, 1, 2, 2);
      assertThat(Tensors.toDouble(LOSS.loss(zeros, teacher))).isCloseTo(1.0 / 4, within(1e-14));
    }
  }

  @Test
  void byDefaultTheStagesOfBothNetworksAddUp() {
    try (TensorScope scope = TensorScope.open()) {
      List<Objective> objectives = DEFAULTS.build(NETWORKS.pairing(10));
      assertThat(objectives).extracting(Objective::weight).containsExactly(100.0, 1.0);
      Objective attention = objectives.get(0);
      assertThat(attention.teacherTaps()).containsExactlyInAnyOrder("stage:1", "stage:2");
      Step step = NETWORKS.step(0, 0, new int[] {4, 2}, 0, 1);
      double sum = 0;
      for (String stage : attention.studentTaps()) {
        sum += Tensors.toDouble(LOSS.loss(step.student().get(stage), step.teacher().get(stage)));
      }
      assertThat(Tensors.toDouble(attention.loss(step))).isCloseTo(sum, within(1e-14));
    }
  }

  @Test
  void aNetworkWithoutStagesIsRefused() {
    RandomNetworks flat = new RandomNetworks(NETWORKS.teacher(), Map.of("fc1", new long[] {9}));
    assertThatThrownBy(() -> DEFAULTS.build(flat.pairing(10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the student has no layer 'stage:1'; it has [fc1]");
  }
}
