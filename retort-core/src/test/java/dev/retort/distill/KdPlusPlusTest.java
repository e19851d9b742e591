package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KdPlusPlusTest {
  private static final RandomNetworks EQUAL_WIDTHS =
      new RandomNetworks(Map.of("embedding", new long[] {4}), Map.of("embedding", new long[] {4}));
  private static final int WIDTH = 1000;
  private static final RandomNetworks CONNECTED =
      new RandomNetworks(
          Map.of("embedding", new long[] {4}), Map.of("embedding", new long[] {WIDTH}));
  private static final ObjectiveSettings DEFAULTS = KdPlusPlus.KIND.defaults();

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "kd-plus-plus",
        golden ->
            KdPlusPlus.loss(
                golden.tensor("student"),
                golden.tensor("teacher"),
                golden.tensor("class_means"),
                golden.tensor("labels")));
  }

  @TestFactory
  Stream<DynamicTest> lossAndGradientsThroughTheConnectorAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "kd-plus-plus-connector",
        golden ->
            KdPlusPlus.loss(
                KdPlusPlus.connect(
                    golden.tensor("student"),
                    golden.tensor("scale"),
                    golden.tensor("shift"),
                    golden.tensor("mask"),
                    golden.tensor("weight"),
                    golden.tensor("bias")),
                golden.tensor("teacher"),
                golden.tensor("class_means"),
                golden.tensor("labels")));
  }

  @Test
  void aStudentInTheDirectionOfItsClassAndAtLeastAsLongAsTheTeacherCostsNothing() {
    assertThat(loss(new double[] {6, 8}, new double[] {0, 5})).isCloseTo(0, within(1e-14));
    assertThat(loss(new double[] {3, 4}, new double[] {0, 5})).isCloseTo(0, within(1e-14));
  }

  @Test
  void aShorterStudentCostsWhatItLacks() {
    assertThat(loss(new double[] {0.3, 0.4}, new double[] {0, 2})).isCloseTo(0.75, within(1e-14));
    assertThat(loss(new double[] {0, 0}, new double[] {0, 2})).isCloseTo(1, within(1e-14));
  }

  @Test
  void deadEmbeddingsGiveANumberAndNoGradient() {
    assertThat(loss(new double[] {0, 0}, new double[] {0, 0})).isEqualTo(1);
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[2], 1, 2).set_requires_grad(true);
      Tensor means = Tensors.of(new double[] {3, 4}, 1, 2);
      Tensor loss =
          KdPlusPlus.loss(
              student, Tensors.of(new double[2], 1, 2), means, Tensors.of(new long[] {0}, 1));
      assertThat(
              Tensors.toDoubles(Tensors.gradients(loss, new TensorVector(student), false).get(0)))
          .containsOnly(0);
    }
  }

  @Test
  void theOppositeDirectionCostsTwo() {
    assertThat(loss(new double[] {-6, -8}, new double[] {0, 5})).isCloseTo(2, within(1e-14));
  }

  private static double loss(double[] student, double[] teacher) {
    try (TensorScope scope = TensorScope.open()) {
      return Tensors.toDouble(
          KdPlusPlus.loss(
              Tensors.of(student, 1, 2),
              Tensors.of(teacher, 1, 2),
              Tensors.of(new double[] {30, 40}, 1, 2),
              Tensors.of(new long[] {0}, 1)));
    }
  }

  @Test
  void aStudentEqualToItsTeacherHasTheGradientOfItsDirectionAlone() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0, 5}, 1, 2).set_requires_grad(true);
      KdPlusPlus.loss(
              student,
              Tensors.of(new double[] {0, 5}, 1, 2),
              Tensors.of(new double[] {3, 4}, 1, 2),
              Tensors.of(new long[] {0}, 1))
          .backward();
      double[] gradient = Tensors.toDoubles(student.grad());
      assertThat(gradient[0]).isCloseTo(-0.6 / 5, within(1e-14));
      assertThat(gradient[1]).isCloseTo(0, within(1e-14));
    }
  }

  @Test
  void byDefaultHintonWarmsUpBesideIt() {
    try (TensorScope scope = TensorScope.open()) {
      List<Objective> objectives = DEFAULTS.build(EQUAL_WIDTHS.pairing(10));
      assertThat(objectives)
          .extracting(Objective::name)
          .containsExactly("kd-plus-plus", "hinton", "cross-entropy");
      assertThat(objectives).extracting(Objective::weight).containsExactly(2.0, 1.0, 1.0);
      assertThat(objectives.get(1)).isEqualTo(new KdPlusPlus.GrowingHinton(4, 1, 0, 20.0 / 240));
      assertThat(States.of(objectives.get(0)).parameters()).isEmpty();
    }
  }

  @Test
  void classMeansAreThoseOfAllThatTheTeacherSaidSoFar() {
    try (TensorScope scope = TensorScope.open()) {
      KdPlusPlus objective = new KdPlusPlus(1, LayerPair.of("embedding"), EQUAL_WIDTHS.pairing(10));
      long[][] labels = {{0, 2, 0, -1}, {2, 2, 0, 1}};
      double[][] sums = new double[3][4];
      int[] counts = new int[3];
      for (int number = 0; number < labels.length; number++) {
        Step step = EQUAL_WIDTHS.step(number, 0, new int[] {0, 1, 2, 3}, labels[number]);
        Tensor loss = objective.loss(step);
        double[] teacher = Tensors.toDoubles(step.teacher().get("embedding"));
        for (int i = 0; i < 4; i++) {
          if (labels[number][i] >= 0) {
            int label = (int) labels[number][i];
            counts[label]++;
            for (int j = 0; j < 4; j++) {
              sums[label][j] += teacher[4 * i + j];
            }
          }
        }
        double[] means = Tensors.toDoubles(States.tensor(objective, "class_mean"));
        for (int c = 0; c < 3; c++) {
          for (int j = 0; j < 4; j++) {
            assertThat(means[4 * c + j])
                .isCloseTo(sums[c][j] / Math.max(1, counts[c]), within(1e-12));
          }
        }
        assertThat(Tensors.toDouble(loss))
            .isCloseTo(
                Tensors.toDouble(
                    KdPlusPlus.loss(
                        step.student().get("embedding"),
                        step.teacher().get("embedding"),
                        Tensors.of(means, 3, 4),
                        step.batch().labels())),
                within(1e-12));
      }
    }
  }

  /** Of 1000 values the share that is zeroed has a deviation of √250 / 1000, 0.0158. */
  @Test
  void theConnectorsDropoutZeroesHalfOfTheValuesDoublesTheOthersAndIsAnotherAtEveryStep() {
    double[] kept = kept(0, 0);
    assertThat(kept).containsOnly(0, 2);
    assertThat(Arrays.stream(kept).filter(factor -> factor == 0).count() / (double) WIDTH)
        .isCloseTo(0.5, within(4 * Math.sqrt(WIDTH / 4.0) / WIDTH));
    assertThat(kept(0, 0)).as("the same step").isEqualTo(kept);
    assertThat(kept(1, 0)).as("the next step").isNotEqualTo(kept);
    assertThat(kept(0, 1)).as("another image").isNotEqualTo(kept);
  }

  /**
   * What dropout multiplies an image's values by. If that image alone has a label, the derivative
   * by a weight of the linear layer is that by its bias times the value that the layer reads, which
   * is the normalised one times the factor.
   */
  private static double[] kept(long number, int image) {
    try (TensorScope scope = TensorScope.open()) {
      KdPlusPlus objective = new KdPlusPlus(1, LayerPair.of("embedding"), CONNECTED.pairing(10));
      long[] labels = {-1, -1, -1};
      labels[image] = 2;
      Step step = CONNECTED.step(number, 0, new int[] {0, 1, 2}, labels);
      TensorVector gradients =
          Tensors.gradients(
              objective.loss(step),
              new TensorVector(
                  States.tensor(objective, "connector.2.weight"),
                  States.tensor(objective, "connector.2.bias")),
              false);
      double[] byWeight = Tensors.toDoubles(gradients.get(0));
      double byBias = Tensors.toDoubles(gradients.get(1))[0];
      double[] student = Tensors.toDoubles(step.student().get("embedding"));
      double[] kept = new double[WIDTH];
      for (int j = 0; j < WIDTH; j++) {
        double[] values = {student[j], student[WIDTH + j], student[2 * WIDTH + j]};
        double mean = Arrays.stream(values).sum() / 3;
        double variance = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / 3;
        double normalized = (values[image] - mean) / Math.sqrt(variance + 1e-5);
        kept[j] = Math.round(1e6 * byWeight[j] / (byBias * normalized)) / 1e6;
      }
      return kept;
    }
  }
}
