package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.Step;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What D must come to where the best D is known: the representations are one-hot vectors e_1, e_2,
 * e_3, each batch is the whole distribution, and D* = q_t / (q_t + q_s) point by point (Goodfellow
 * et al. 2014, proposition 1).
 */
@NullUnmarked
class AdversaryTheoryTest {
  private static final String D =
      "on: [logits], learningRate: 0.02, betas: [0.9, 0.999], steps: 350, discriminator: {hidden: [32], condition: %s}";

  /** Nine images, of each class three; each network's answer is a class. */
  private static MadeStep answers(int[] teacher, int[] secondView, int[] student) {
    return new MadeStep(
        Map.of("logits", oneHot(teacher)),
        Map.of("logits", oneHot(student).set_requires_grad(true)),
        Map.of("logits", oneHot(secondView)),
        new long[] {0, 0, 0, 1, 1, 1, 2, 2, 2},
        0,
        0.5);
  }

  private static Tensor oneHot(int... classes) {
    double[] values = new double[3 * classes.length];
    for (int i = 0; i < classes.length; i++) {
      values[3 * i + classes[i]] = 1;
    }
    return Tensors.of(values, classes.length, 3);
  }

  private static final int[] RIGHT = {0, 0, 0, 1, 1, 1, 2, 2, 2};
  private static final int[] INDEPENDENT = {0, 1, 2, 0, 1, 2, 0, 1, 2};

  private static HealthMeter learnt(String settings, MadeStep made) {
    Adversary adversary = MadeSettings.adversary(settings, made.pairing());
    for (int i = 0; i < 3; i++) {
      Step step =
          new MadeStep(made.teacher(), made.student(), made.secondView(), made.labels(), i, 0.5)
              .step();
      try (TensorScope scope = TensorScope.open()) {
        adversary.learn(step);
      }
    }
    HealthMeter meter = adversary.meter();
    meter.measure(made.step());
    return meter;
  }

  @Test
  void aStudentEqualToItsTeacherIsAtDivergenceZero() {
    try (TensorScope scope = TensorScope.open()) {
      HealthMeter meter = learnt(D.formatted("none"), answers(RIGHT, RIGHT, RIGHT));
      assertThat(meter.logits().pTeacher()).isCloseTo(0.5, within(1e-3));
      assertThat(meter.logits().pStudent()).isCloseTo(0.5, within(1e-3));
      assertThat(meter.logits().jsdLowerBound()).isNotPositive().isCloseTo(0, within(1e-5));
      assertThat(meter.logits().auc()).isEqualTo(0.5);
    }
  }

  /** D* is 1/4 at e_1, where q_t = 1/3 and q_s = 1, and 1 elsewhere. */
  @Test
  void aConstantStudentIsAsFarAwayAsTheJensenShannonDivergenceSays() {
    try (TensorScope scope = TensorScope.open()) {
      int[] constant = new int[9];
      HealthMeter meter = learnt(D.formatted("none"), answers(RIGHT, RIGHT, constant));
      assertThat(meter.logits().pStudent()).isCloseTo(0.25, within(0.01));
      assertThat(meter.logits().pTeacher()).isCloseTo(0.25 / 3 + 2.0 / 3, within(0.01));
      double ofTeacher = (Math.log(0.5) + 2 * Math.log(2)) / 3;
      double ofStudent = Math.log(1.5);
      assertThat(meter.logits().jsdLowerBound())
          .isCloseTo((ofTeacher + ofStudent) / 2, within(0.01))
          .isLessThan((ofTeacher + ofStudent) / 2);
      assertThat(meter.alarms())
          .filteredOn(alarm -> alarm.contains("nearly the same for all"))
          .singleElement()
          .asString()
          .contains("the student's representations are nearly the same for all images");
    }
  }

  /** Replacing the target 1 by a: D* = a q_t / (q_t + q_s) (Salimans et al. 2016, section 3.4). */
  @Test
  void withSmoothedTargetsDEndsAtHalfTheTarget() {
    try (TensorScope scope = TensorScope.open()) {
      HealthMeter meter =
          learnt(D.formatted("none") + ", realTarget: 0.9", answers(RIGHT, RIGHT, RIGHT));
      assertThat(meter.logits().pTeacher()).isCloseTo(0.45, within(1e-3));
      assertThat(meter.logits().pStudent()).isCloseTo(0.45, within(1e-3));
    }
  }

  /** The limit of an unconditional D: it compares marginals, whatever image has which answer. */
  @Test
  void anUnconditionalDDoesNotSeeThatTheAnswersAreOfTheWrongImages() {
    try (TensorScope scope = TensorScope.open()) {
      HealthMeter meter = learnt(D.formatted("none"), answers(RIGHT, RIGHT, INDEPENDENT));
      assertThat(meter.logits().jsdLowerBound()).isCloseTo(0, within(1e-5));
    }
  }

  /**
   * Pairs (h, c): the teacher's are three of probability 1/3, the student's all nine of 1/9. D* is
   * 3/4 on the diagonal and 0 elsewhere.
   */
  @Test
  void aDOfPairsSeesIt() {
    try (TensorScope scope = TensorScope.open()) {
      HealthMeter meter = learnt(D.formatted("pair"), answers(RIGHT, RIGHT, INDEPENDENT));
      assertSeen(meter);
    }
  }

  /** (h, y) has the same distribution as (h, c), since the teacher is always right. */
  @ParameterizedTest
  @ValueSource(strings = {"label-projection", "label-concatenation", "auxiliary-class"})
  void aDThatIsToldTheLabelSeesIt(String condition) {
    try (TensorScope scope = TensorScope.open()) {
      assertSeen(learnt(D.formatted(condition), answers(RIGHT, RIGHT, INDEPENDENT)));
    }
  }

  private static void assertSeen(HealthMeter meter) {
    assertThat(meter.logits().pTeacher()).isCloseTo(0.75, within(0.01));
    assertThat(meter.logits().pStudent()).isCloseTo(0.25, within(0.01));
    double ofTeacher = Math.log(1.5);
    double ofStudent = (Math.log(0.5) + 2 * Math.log(2)) / 3;
    assertThat(meter.logits().jsdLowerBound()).isCloseTo((ofTeacher + ofStudent) / 2, within(0.01));
  }

  /**
   * The student's pairs are the teacher's, and as many fakes again are pairs of two classes: where
   * the classes agree D* is 1 / (1 + ½), and without the others it were ½.
   */
  @Test
  void theTeachersAnswersToOtherImagesAreFakesToo() {
    try (TensorScope scope = TensorScope.open()) {
      String settings = D.replace("condition: %s", "condition: pair, misaligned: other-class");
      HealthMeter meter = learnt(settings, answers(RIGHT, RIGHT, RIGHT));
      assertThat(meter.logits().pTeacher()).isCloseTo(2 / 3.0, within(0.01));
      assertThat(meter.logits().pStudent()).isCloseTo(2 / 3.0, within(0.01));
    }
  }

  /**
   * Half of the fakes are what the student, now its teacher's equal, said before: always e_1. So
   * these are e_1 twice in three times; D* is 1/3 there and 2/3 elsewhere, on the mean of the three
   * 5/9, and without the memory it were ½.
   */
  @Test
  void whatTheStudentSaidBeforeIsAFakeToo() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep before = answers(RIGHT, RIGHT, new int[9]);
      MadeStep now = answers(RIGHT, RIGHT, RIGHT);
      String settings = D.formatted("none").replace("350", "1000") + ", replay: 9";
      Adversary adversary = MadeSettings.adversary(settings, now.pairing());
      adversary.learn(before.step());
      adversary.learn(now.step());
      HealthMeter meter = adversary.meter();
      meter.measure(now.step());
      assertThat(meter.logits().pTeacher()).isCloseTo(5 / 9.0, within(0.01));
      assertThat(meter.logits().pStudent()).isCloseTo(5 / 9.0, within(0.01));
    }
  }

  /** Its two views' answers are independent, so pairs say no more than marginals. */
  @Test
  void ofATeacherAtChanceThereIsNothingToMissButTheMarginals() {
    try (TensorScope scope = TensorScope.open()) {
      HealthMeter meter =
          learnt(
              D.formatted("pair"),
              answers(INDEPENDENT, RIGHT, new int[] {1, 2, 0, 1, 2, 0, 1, 2, 0}));
      assertThat(meter.logits().pTeacher()).isCloseTo(0.5, within(0.01));
      assertThat(meter.logits().pStudent()).isCloseTo(0.5, within(0.01));
      assertThat(meter.logits().jsdLowerBound()).isCloseTo(0, within(1e-4));
    }
  }
}
