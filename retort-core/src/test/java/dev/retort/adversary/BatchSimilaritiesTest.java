package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.LayerPair;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class BatchSimilaritiesTest {
  private static final double HALF = Math.sqrt(0.5);

  /** Directions at 0°, 90° and 45°: cosines 0, √½ and √½ between 1 and 2, 1 and 3, 2 and 3. */
  private static Tensor threeDirections() {
    return Tensors.of(new double[] {5, 0, 0, 2, 1, 1}, 3, 2);
  }

  private static MadeStep made(Tensor teacher, Tensor student) {
    return made(teacher, student, teacher.neg());
  }

  private static MadeStep made(Tensor teacher, Tensor student, Tensor secondView) {
    Tensor logits = Tensors.of(new double[(int) (3 * teacher.size(0))], teacher.size(0), 3);
    return new MadeStep(
        Map.of("logits", logits, "embedding", teacher),
        Map.of("logits", logits, "embedding", student),
        Map.of("logits", logits, "embedding", secondView),
        new long[(int) teacher.size(0)],
        0,
        0.25);
  }

  private static BatchSimilarities similarities(int others, MadeStep made) {
    return new BatchSimilarities(LayerPair.of("similarities:embedding"), others, made.pairing());
  }

  @Test
  void eachImageIsComparedWithThoseBehindItRoundTheBatch() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = made(threeDirections(), threeDirections());
      BatchSimilarities two = similarities(2, made);
      double[] expected = {0, HALF, HALF, 0, HALF, HALF};
      assertThat(Tensors.toDoubles(two.teacher(made.step())))
          .containsExactly(expected, within(1e-15));
      assertThat(two.shape()).containsExactly(2);
      assertThat(two.connector()).isNull();
    }
  }

  /** At 0°, 60° and 180°: cosines ½, −1 and −½ between 1 and 2, 1 and 3, 2 and 3. */
  @Test
  void thePartnersAreTheSimilaritiesWithinTheSecondView() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor secondView = Tensors.of(new double[] {3, 0, 1, Math.sqrt(3), -2, 0}, 3, 2);
      MadeStep made = made(threeDirections(), threeDirections(), secondView);
      assertThat(Tensors.toDoubles(similarities(2, made).partner(made.step())))
          .containsExactly(new double[] {0.5, -1, -0.5, 0.5, -1, -0.5}, within(1e-15));
    }
  }

  @Test
  void ofAShortBatchSomeComeAgainAndNeverTheImageItself() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = made(threeDirections(), threeDirections());
      assertThat(Tensors.toDoubles(similarities(3, made).student(made.step())))
          .containsExactly(
              new double[] {0, HALF, 0, HALF, 0, HALF, HALF, HALF, HALF}, within(1e-15));
    }
  }

  /** A student of 4 values against a teacher of 2, in a map: no width has to match. */
  @Test
  void widthsDoNotHaveToMatchAndTheStudentGetsAGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student =
          Tensors.of(new double[] {1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1, 1}, 3, 1, 2, 2)
              .set_requires_grad(true);
      MadeStep made = made(threeDirections(), student);
      Tensor read = similarities(1, made).student(made.step());
      assertThat(Tensors.toDoubles(read)).containsExactly(new double[3], within(1e-15));
      read.sum().backward();
      assertThat(Tensors.toDoubles(student.grad().abs().sum())[0]).isPositive();
    }
  }

  /** Of the directions (0, 0) and (1, 0): neither has a neighbour whose direction could turn it. */
  @Test
  void anImageOfZerosIsSimilarToNoneAndHasNoGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = Tensors.of(new double[] {0, 0, 1, 0}, 2, 2).set_requires_grad(true);
      MadeStep made = made(Tensors.of(new double[] {5, 0, 0, 2}, 2, 2), student);
      Tensor read = similarities(1, made).student(made.step());
      assertThat(Tensors.toDoubles(read)).containsExactly(0, 0);
      read.sum().backward();
      assertThat(Tensors.toDoubles(student.grad())).containsExactly(0, 0, 0, 0);
    }
  }

  @Test
  void anAdversaryLearnsFromThemAndIsNamedAfterThem() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor student = MadeStep.normal("s", 0, 9, 2).set_requires_grad(true);
      MadeStep made = made(MadeStep.normal("t", 0, 9, 4), student);
      Adversary adversary =
          MadeSettings.adversary(
              "on: ['similarities:embedding'], similarities: 4,"
                  + " discriminator: {condition: pair}, steps: 5",
              made.pairing());
      Tensor theta = adversary.checkpointed().get("discriminator.0.weight");
      double[] before = Tensors.toDoubles(theta);
      adversary.learn(made.step());
      assertThat(Tensors.toDoubles(theta)).isNotEqualTo(before);
      adversary.loss(made.step()).backward();
      assertThat(Tensors.toDouble(student.grad().norm())).isPositive();
      assertThat(adversary.label()).isEqualTo("similarities:embedding");
      assertThat(adversary.studentTaps()).containsExactly("embedding");
      assertThat(adversary.isMeanOverImages()).isFalse();
    }
  }

  @Test
  void similaritiesOnOneSideOnlyAreRefused() {
    assertThatThrownBy(
            () -> BatchSimilarities.areMeant(new LayerPair("similarities:embedding", "embedding")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("write both layers of similarities:embedding/embedding");
  }
}
