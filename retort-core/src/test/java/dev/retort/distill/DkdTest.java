package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Dataset;
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

class DkdTest {
  private static final RandomNetworks NETWORKS = new RandomNetworks(Map.of(), Map.of());
  private static final ObjectiveSettings DEFAULTS = Dkd.KIND.defaults();

  @TestFactory
  Stream<DynamicTest> lossAndGradientAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "dkd",
        golden ->
            new Dkd(
                    golden.number("alpha"),
                    golden.number("beta"),
                    golden.number("temperature"),
                    0,
                    1,
                    1)
                .loss(golden.tensor("student"), golden.tensor("teacher"), golden.tensor("labels")));
  }

  @Test
  void theTwoPartsMakeUpHintonsDivergence() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0.3, -1.2, 2.5, 0.4}, 1, 4);
      Tensor teacher = Tensors.of(new double[] {1.7, -3.1, 0.2, 5.5}, 1, 4);
      Tensor label = Tensors.of(new long[] {2}, 1);
      double temperature = 3;
      double sum = 0;
      for (double logit : Tensors.toDoubles(teacher)) {
        sum += Math.exp(logit / temperature);
      }
      double ofLabel = Math.exp(0.2 / temperature) / sum;
      Tensor decoupled =
          new Dkd(1, 1 - ofLabel, temperature, 0, 1, 1).loss(student, teacher, label);
      assertThat(Tensors.toDouble(decoupled))
          .isCloseTo(Tensors.toDouble(Hinton.loss(student, teacher, temperature)), within(1e-13));
    }
  }

  @Test
  void aTeacherThatIsSureBeyondFloatingPointStillTellsTheOtherClassesApart() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0, 0, 0}, 1, 3).set_requires_grad(true);
      Tensor teacher = Tensors.of(new double[] {3000, Math.log(3), 0}, 1, 3);
      Tensor label = Tensors.of(new long[] {0}, 1);
      Tensor loss = new Dkd(0, 1, 1, 0, 1, 1).loss(student, teacher, label);
      // KL of (3/4, 1/4) from (1/2, 1/2), whose derivative is the difference of the two.
      double divergence = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
      assertThat(Tensors.toDouble(loss)).isCloseTo(divergence, within(1e-12));
      double[] gradient =
          Tensors.toDoubles(Tensors.gradients(loss, new TensorVector(student), false).get(0));
      assertThat(gradient[0]).isCloseTo(0, within(1e-12));
      assertThat(gradient[1]).isCloseTo(0.5 - 0.75, within(1e-12));
      assertThat(gradient[2]).isCloseTo(0.5 - 0.25, within(1e-12));
    }
  }

  @Test
  void aBatchWithoutLabelsSaysNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0.3, -1.2, 2.5}, 1, 3).set_requires_grad(true);
      Tensor teacher = Tensors.of(new double[] {1.7, -3.1, 0.2}, 1, 3);
      Tensor labels = Tensors.of(new long[] {Dataset.UNLABELLED}, 1);
      Tensor loss = new Dkd(1, 8, 4, 0, 1, 1).loss(student, teacher, labels);
      assertThat(Tensors.toDouble(loss)).isZero();
      Tensor gradient = Tensors.gradients(loss, new TensorVector(student), false).get(0);
      assertThat(Tensors.toDoubles(gradient)).containsOnly(0);
    }
  }

  @Test
  void theDefaultsAreThoseOfThePapersCodeForPlainResNets() {
    assertThat(DEFAULTS.build(NETWORKS.pairing(10)))
        .containsExactly(new Dkd(1, 2, 4, 1.0 / 12, 1, 1), new CrossEntropy(1, 0));
  }

  @Test
  void aStepsLossIsThatOfItsLogitsAndLabels() {
    try (TensorScope scope = TensorScope.open()) {
      List<Objective> objectives = new Dkd(1, 2, 4, 0, 1, 0).build(NETWORKS.pairing(10));
      Step step = NETWORKS.step(0, 0, new int[] {4, 2}, 0, 1);
      Tensor expected =
          new Dkd(1, 2, 4, 0, 1, 1)
              .loss(step.student().logits(), step.teacher().logits(), step.batch().labels());
      assertThat(objectives).hasSize(1);
      assertThat(Tensors.toDouble(objectives.get(0).loss(step)))
          .isEqualTo(Tensors.toDouble(expected));
    }
  }

  @Test
  void aWarmUpInEpochsIsRefused() {
    assertThatThrownBy(() -> new Dkd(1, 2, 4, 20, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("part of the training");
  }
}
