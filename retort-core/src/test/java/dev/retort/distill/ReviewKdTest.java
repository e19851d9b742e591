package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ReviewKdTest {
  private static final RandomNetworks NETWORKS =
      new RandomNetworks(
          Map.of(
              "stage:1", new long[] {5, 8, 8},
              "stage:1:preactivation", new long[] {5, 8, 8},
              "stage:2", new long[] {6, 3, 3},
              "embedding", new long[] {7}),
          Map.of(
              "stage:1", new long[] {3, 6, 6},
              "stage:2", new long[] {4, 4, 4},
              "embedding", new long[] {4}));
  private static final ObjectiveSettings DEFAULTS = ReviewKd.KIND.defaults();

  @TestFactory
  Stream<DynamicTest> theHierarchicalContextLossIsThatOfTheFormula() {
    return GoldenCase.tests(
        "review-kd-context",
        golden -> ReviewKd.hierarchicalContext(golden.tensor("student"), golden.tensor("teacher")));
  }

  @TestFactory
  Stream<DynamicTest> lossAndGradientsAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "review-kd",
        golden ->
            ReviewKd.loss(
                List.of(golden.tensor("student_low"), golden.tensor("student_high")),
                List.of(golden.tensor("teacher_low"), golden.tensor("teacher_high")),
                List.of(
                    fusion(
                        golden,
                        "low",
                        golden.tensor("low_attention"),
                        golden.tensor("low_attention_bias")),
                    fusion(golden, "high", null, null))));
  }

  private static AttentionFusion fusion(
      GoldenCase golden, String level, @Nullable Tensor attention, @Nullable Tensor attentionBias) {
    return new AttentionFusion(
        golden.tensor(level + "_first"),
        golden.tensor(level + "_first_scale"),
        golden.tensor(level + "_first_shift"),
        golden.tensor(level + "_second"),
        golden.tensor(level + "_second_scale"),
        golden.tensor(level + "_second_shift"),
        attention,
        attentionBias);
  }

  @Test
  void equalMapsCostNothingAndAConstantDifferenceItsSquareAtEveryLevel() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor map = NETWORKS.step(0, 0, new int[] {0, 1}, 0, 1).teacher().get("stage:1");
      assertThat(Tensors.toDouble(ReviewKd.hierarchicalContext(map, map))).isZero();
      assertThat(Tensors.toDouble(ReviewKd.hierarchicalContext(map.add(new Scalar(3.0)), map)))
          .isCloseTo(9, within(1e-12));
    }
  }

  @Test
  void aDifferenceWithoutMeanOnlyCostsTheFinestLevel() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {1, -1, -1, 1}, 1, 1, 2, 2);
      Tensor teacher = Tensors.of(new double[4], 1, 1, 2, 2);
      assertThat(Tensors.toDouble(ReviewKd.hierarchicalContext(student, teacher)))
          .isCloseTo(1 / 1.5, within(1e-14));
    }
  }

  /** Its mean over the whole map, a grid of 1×1, would cost nothing, and so lower the loss. */
  @Test
  void aGridThatIsNoSmallerThanTheShorterSideIsLeftOut() {
    try (TensorScope scope = TensorScope.open()) {
      for (long[] shape : new long[][] {{1, 1, 1, 2}, {1, 1, 2, 1}}) {
        Tensor student = Tensors.of(new double[] {1, -1}, shape);
        Tensor teacher = Tensors.of(new double[2], shape);
        assertThat(Tensors.toDouble(ReviewKd.hierarchicalContext(student, teacher)))
            .isCloseTo(1, within(1e-14));
      }
    }
  }

  /**
   * A student's map of 1×2, a deeper level's of 1×1 and a teacher's of 1×4. Normalised, the values
   * 3 and 7 are ±1 but for ε; an attention of zeros takes half of them and half of the deeper one,
   * 5.
   */
  @Test
  void mapsThatAreNotSquareAreResizedSideBySide() {
    try (TensorScope scope = TensorScope.open()) {
      AttentionFusion fusion =
          ofOnes(Tensors.of(new double[4], 2, 2, 1, 1), Tensors.of(new double[2], 2));
      Tensor student = Tensors.of(new double[] {3, 7}, 1, 1, 1, 2);
      Tensor deeper = Tensors.of(new double[] {5}, 1, 1, 1, 1);
      double unit = 2 / Math.sqrt(4 + 1e-5);
      double left = (5 - unit) / 2;
      double right = (5 + unit) / 2;
      AttentionFusion.Fused fused = fusion.fuse(student, deeper, 1, 4);
      assertThat(fused.handedOn().shape()).containsExactly(1, 1, 1, 4);
      assertThat(Tensors.toDoubles(fused.handedOn()))
          .containsExactly(new double[] {left, left, right, right}, within(1e-14));
    }
  }

  /**
   * A student's −1 and 1 are −1, −1, 1 and 1 at the teacher's size, whose sums with their
   * neighbours are −2, −1, 1 and 2, of variance 2.5. A teacher of these costs nothing, but for ε.
   */
  @Test
  void aLevelIsComparedAtTheTeachersHeightAndWidth() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {-1, 1}, 1, 1, 1, 2);
      Tensor teacher = Tensors.of(new double[] {-2, -1, 1, 2}, 1, 1, 1, 4);
      Tensor loss =
          ReviewKd.loss(
              List.of(student),
              List.of(teacher.div(new Scalar(Math.sqrt(2.5)))),
              List.of(ofOnes(null, null)));
      assertThat(Tensors.toDouble(loss)).isCloseTo(0, within(1e-10));
    }
  }

  /** Of one channel, with kernels of ones. */
  private static AttentionFusion ofOnes(
      @Nullable Tensor attention, @Nullable Tensor attentionBias) {
    Tensor one = Tensors.of(new double[] {1}, 1);
    Tensor zero = Tensors.of(new double[] {0}, 1);
    return new AttentionFusion(
        Tensors.of(new double[] {1}, 1, 1, 1, 1),
        one,
        zero,
        Tensors.of(new double[] {1, 1, 1, 1, 1, 1, 1, 1, 1}, 1, 1, 3, 3),
        one,
        zero,
        attention,
        attentionBias);
  }

  @Test
  void byDefaultItReviewsAllStagesAndTheEmbeddingAndWarmsUp() {
    try (TensorScope scope = TensorScope.open()) {
      List<Objective> objectives = DEFAULTS.build(NETWORKS.pairing(10));
      assertThat(objectives)
          .extracting(Objective::name)
          .containsExactly("review-kd", "cross-entropy");
      assertThat(objectives).extracting(Objective::weight).containsExactly(0.6, 1.0);
      Objective review = objectives.get(0);
      assertThat(review.studentTaps()).containsExactlyInAnyOrder("stage:1", "stage:2", "embedding");
      assertThat(review.teacherTaps())
          .containsExactlyInAnyOrder("stage:1:preactivation", "stage:2", "embedding");
      Map<String, Tensor> learned = States.of(review).parameters();
      assertThat(States.tensor(learned, "0.conv1.0.weight").shape()).containsExactly(4, 3, 1, 1);
      assertThat(States.tensor(learned, "0.att_conv.0.weight").shape()).containsExactly(2, 8, 1, 1);
      assertThat(States.tensor(learned, "2.conv2.0.weight").shape()).containsExactly(7, 4, 3, 3);
      assertThat(learned).doesNotContainKey("2.att_conv.0.weight");
    }
  }

  /** Uniform in ±√(3 / inputs) is of variance 1 / inputs. */
  @Test
  void theCommonWidthIsBoundedAndConvolutionsBeginWithAVarianceOfOneOverTheirInputs() {
    try (TensorScope scope = TensorScope.open()) {
      RandomNetworks wide =
          new RandomNetworks(
              Map.of("stage:1", new long[] {5, 2, 2}, "embedding", new long[] {7}),
              Map.of("stage:1", new long[] {8, 2, 2}, "embedding", new long[] {600}));
      Map<String, Tensor> learned = States.of(DEFAULTS.build(wide.pairing(10)).get(0)).parameters();
      Tensor first = States.tensor(learned, "0.conv1.0.weight");
      Tensor second = States.tensor(learned, "0.conv2.0.weight");
      assertThat(first.shape()).containsExactly(512, 8, 1, 1);
      assertThat(second.shape()).containsExactly(5, 512, 3, 3);
      assertThat(Tensors.toDouble(first.square().mean())).isCloseTo(1 / 8.0, withinPercentage(6));
      assertThat(Tensors.toDouble(first.abs().max())).isCloseTo(Math.sqrt(3 / 8.0), within(1e-2));
      assertThat(Tensors.toDouble(second.square().mean()))
          .isCloseTo(1 / (9 * 512.0), withinPercentage(3));
    }
  }

  @Test
  void aNetworkWithoutAnEmbeddingIsRefusedBeforeTheFirstStep() {
    RandomNetworks networks =
        new RandomNetworks(
            Map.of("stage:1", new long[] {5, 8, 8}), Map.of("stage:1", new long[] {5, 8, 8}));
    assertThatThrownBy(() -> DEFAULTS.build(networks.pairing(10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the teacher has no layer 'embedding'; it has [stage:1]");
  }
}
