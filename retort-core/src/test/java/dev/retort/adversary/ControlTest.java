package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class ControlTest {
  private static final RandomSource RANDOM = RandomSource.of(1, "control");

  @Test
  void noImageKeepsItsPlaceInADerangementAndEachIsThereOnce() {
    Set<Integer> placesOfTheFirst = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      int[] order = Derangement.order(5, RANDOM.at(i));
      assertThat(Arrays.stream(order).sorted().toArray()).containsExactly(0, 1, 2, 3, 4);
      assertThat(IntStream.range(0, 5)).allMatch(place -> order[place] != place);
      placesOfTheFirst.add(order[0]);
    }
    assertThat(placesOfTheFirst).containsExactlyInAnyOrder(1, 2, 3, 4);
    assertThat(Derangement.order(1, RANDOM)).containsExactly(0);
  }

  @Test
  void bothViewsOfTheShuffledTeacherAreOfTheSameOtherImage() {
    try (TensorScope scope = TensorScope.open()) {
      double[] numbers = IntStream.range(0, 18).asDoubleStream().toArray();
      Tensor teacher = Tensors.of(numbers, 6, 3);
      MadeStep made =
          new MadeStep(
              Map.of("logits", teacher),
              Map.of("logits", teacher.neg()),
              Map.of("logits", teacher.add(new Scalar(100.0))),
              new long[6],
              0,
              0.5);
      Tensor other = Control.SHUFFLED_TEACHER.ofTeacher(teacher, made.step());
      Tensor ofSecondView =
          Control.SHUFFLED_TEACHER.ofTeacher(made.step().secondView().logits(), made.step());
      double[] first = Tensors.toDoubles(other);
      double[] second = Tensors.toDoubles(ofSecondView);
      for (int i = 0; i < first.length; i++) {
        assertThat(second[i]).isEqualTo(first[i] + 100);
        assertThat(first[i]).isNotEqualTo(numbers[i]);
      }
      MadeStep shuffled =
          new MadeStep(
              Map.of("logits", other),
              made.student(),
              Map.of("logits", ofSecondView),
              new long[6],
              0,
              0.5);
      HeldOutLogits expected = logits("none", shuffled);
      assertThat(logits("shuffled-teacher", made).teacher()).isEqualTo(expected.teacher());
      assertThat(logits("shuffled-teacher", made).student()).isEqualTo(expected.student());
    }
  }

  private static HeldOutLogits logits(String control, MadeStep made) {
    String keys = "on: [logits], discriminator: {condition: pair}, control: " + control;
    HealthMeter meter = MadeSettings.adversary(keys, made.pairing()).meter();
    meter.measure(made.step());
    return meter.logits();
  }

  private static MadeStep unlike(double shift) {
    Tensor teacher = Tensors.scaled(MadeStep.normal("teacher", 0, 40, 3), 2).add(new Scalar(7.0));
    Tensor student = MadeStep.normal("student", 0, 40, 3).add(new Scalar(shift));
    return MadeStep.ofLogits(teacher, student.set_requires_grad(true), 0);
  }

  /** With a memory of former students, and a stop by held-out rows, which must be noise too. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "steps: 3",
        "steps: 3, replay: 40",
        "steps: 50, convergence: {heldOut: 0.25, tolerance: 0.001}",
        "steps: 3, discriminator: {condition: pair, misaligned: other-image}"
      })
  void ofNoiseDLearnsNothingOfTheStudentButStillJudgesIt(String also) {
    try (TensorScope scope = TensorScope.open()) {
      AdversarySettings settings =
          MadeSettings.adversary("on: [logits], control: noise-discriminator, " + also);
      Adversary one = (Adversary) settings.build(unlike(0).pairing()).get(0);
      Adversary two = (Adversary) settings.build(unlike(0).pairing()).get(0);
      for (int step = 0; step < 2; step++) {
        one.learn(unlike(0).step());
        two.learn(unlike(5).step());
      }
      one.checkpointed()
          .forEach(
              (name, value) ->
                  assertThat(Tensors.toDoubles(value))
                      .as(name)
                      .isEqualTo(Tensors.toDoubles(two.checkpointed().get(name))));
      MadeStep made = unlike(0);
      one.loss(made.step()).backward();
      assertThat(Tensors.toDouble(made.student().get("logits").grad().norm())).isPositive();
    }
  }

  @Test
  void theNoiseHasTheTeachersMeanAndVarianceOnBothSides() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher =
          MadeStep.normal("teacher", 0, 4000, 3).mul(new Scalar(2.0)).add(new Scalar(7.0));
      Samples any = new Samples(Tensors.of(new double[12000], 4000, 3), Condition.NONE);
      Tensor noise = Control.NOISE_DISCRIMINATOR.shown(any, teacher, RANDOM).values();
      assertThat(Tensors.toDouble(noise.mean())).isBetween(6.9, 7.1);
      assertThat(Tensors.toDouble(noise.std(false))).isBetween(1.95, 2.05);
    }
  }

  /**
   * Were it the same on both sides, a linear critic would have no gradient. Else Adam's first step
   * is η in each weight.
   */
  @Test
  void theNoiseInTheStudentsPlaceIsAnotherThanInTheTeachers() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = unlike(0);
      Adversary adversary =
          MadeSettings.adversary(
              "on: [logits], control: noise-discriminator, discriminator: {hidden: []},"
                  + " loss: wasserstein-gp, penalty: {gradientPenalty: 0},"
                  + " learningRate: 0.02",
              made.pairing());
      double[] before = weight(adversary);
      adversary.learn(made.step());
      double[] after = weight(adversary);
      for (int i = 0; i < 3; i++) {
        assertThat(Math.abs(after[i] - before[i])).isCloseTo(0.02, within(1e-6));
      }
    }
  }

  private static double[] weight(Adversary adversary) {
    return Tensors.toDoubles(adversary.checkpointed().get("discriminator.head.weight"));
  }
}
