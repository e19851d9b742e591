package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class HealthAlarmsTest {
  private static final double[] SPREAD = {-1, 0, 1, 2};
  private static final double[] UNDECIDED = {0.1, -0.1, 0.1, -0.1};

  private static HealthMeter meter(
      double ratio, double slope, boolean drives, double[] onTeacher, double[] onStudent) {
    return meter(ratio, slope, drives, onTeacher, onStudent, SPREAD);
  }

  private static HealthMeter meter(
      double ratio,
      double slope,
      boolean drives,
      double[] onTeacher,
      double[] onStudent,
      double[] student) {
    HealthMeter meter =
        new HealthMeter(
            new HealthMeter.Origin("logits", drives, 0.1, true, true, 0, ratio, slope, false, 0),
            (heldOut, shown) -> {});
    try (TensorScope scope = TensorScope.open()) {
      meter.add(Tensors.of(onTeacher, 4), Tensors.of(onStudent, 4));
      meter.addRead(Tensors.of(SPREAD, 4, 1), Tensors.of(student, 4, 1));
    }
    return meter;
  }

  private static double[] all(double value) {
    double[] values = new double[4];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void aHealthyAdversaryIsSilent() {
    assertThat(meter(0.1, 0.01, true, UNDECIDED, UNDECIDED).alarms()).isEmpty();
    assertThat(meter(Double.NaN, Double.NaN, true, UNDECIDED, UNDECIDED).alarms()).isEmpty();
  }

  @Test
  void aSaturatedDiscriminatorIsNamed() {
    assertThat(meter(0.1, 0.01, true, all(9), all(-9)).alarms())
        .singleElement()
        .asString()
        .startsWith(
            "adversary logits: its discriminator is saturated: it tells the two networks apart with"
                + " certainty");
  }

  /**
   * With one of a thousand on the other side of the student's the AUC is a thousandth less than 1;
   * one that is only on the wrong side of 0 costs half a thousandth of the accuracy.
   */
  @Test
  void saturatedIsAnAucAbove995ThousandthsAndAnAccuracyAbove98Hundredths() {
    assertThat(thousand(4, -10).alarms()).singleElement().asString().contains("is saturated");
    assertThat(thousand(6, -10).alarms()).isEmpty();
    assertThat(thousand(39, -1).alarms()).singleElement().asString().contains("is saturated");
    assertThat(thousand(41, -1).alarms()).isEmpty();
  }

  /** D answers −9 to the student, and 9 to the teacher but for some. */
  private static HealthMeter thousand(int others, double other) {
    double[] onTeacher = new double[1000];
    double[] onStudent = new double[1000];
    Arrays.fill(onTeacher, 9);
    Arrays.fill(onTeacher, 0, others, other);
    Arrays.fill(onStudent, -9);
    HealthMeter meter =
        new HealthMeter(
            new HealthMeter.Origin("logits", true, 0.1, true, true, 0, 0.1, 0.01, false, 0),
            (heldOut, shown) -> {});
    try (TensorScope scope = TensorScope.open()) {
      meter.add(Tensors.of(onTeacher, 1000), Tensors.of(onStudent, 1000));
      meter.addRead(Tensors.of(SPREAD, 4, 1), Tensors.of(SPREAD, 4, 1));
    }
    return meter;
  }

  /** Relativistic logits have no zero: all of them may be positive. */
  @Test
  void ofLogitsWithoutTargetsOnlyTheOrderCounts() {
    assertThat(ordered(GanLoss.RELATIVISTIC).alarms())
        .singleElement()
        .asString()
        .contains("is saturated");
  }

  /** It is to be near its optimum, and its penalty holds the slope that the student follows. */
  @Test
  void aWassersteinCriticMayBeSureOfItself() {
    assertThat(ordered(GanLoss.WASSERSTEIN_GP).alarms()).isEmpty();
  }

  private static HealthMeter ordered(GanLoss loss) {
    HealthMeter meter =
        new HealthMeter(
            new HealthMeter.Origin(
                "logits",
                true,
                0.1,
                loss.learnsProbability(),
                loss.saturates(),
                loss.threshold(1),
                0.1,
                0.01,
                false,
                0),
            (heldOut, shown) -> {});
    try (TensorScope scope = TensorScope.open()) {
      meter.add(Tensors.of(all(9), 4), Tensors.of(all(5), 4));
      meter.addRead(Tensors.of(SPREAD, 4, 1), Tensors.of(SPREAD, 4, 1));
    }
    return meter;
  }

  @Test
  void aWeightThatStaysZeroForWantOfARestIsNamed() {
    HealthMeter meter =
        new HealthMeter(
            new HealthMeter.Origin(
                "logits", true, 0.1, true, true, 0, Double.NaN, Double.NaN, true, 0),
            (heldOut, shown) -> {});
    try (TensorScope scope = TensorScope.open()) {
      meter.add(Tensors.of(UNDECIDED, 4), Tensors.of(UNDECIDED, 4));
      meter.addRead(Tensors.of(SPREAD, 4, 1), Tensors.of(SPREAD, 4, 1));
    }
    assertThat(meter.alarms())
        .singleElement()
        .asString()
        .startsWith("adversary logits: its weight stayed 0")
        .endsWith("give it a weight: {fixed: 1}");
  }

  @Test
  void aWeightAtItsBoundInMoreThanATenthOfTheStepsIsNamed() {
    assertThat(bounded(0.1).alarms()).isEmpty();
    assertThat(bounded(0.11).alarms())
        .singleElement()
        .asString()
        .startsWith("adversary logits: its weight is at its upper bound");
  }

  private static HealthMeter bounded(double share) {
    HealthMeter meter =
        new HealthMeter(
            new HealthMeter.Origin("logits", true, 0.1, true, true, 0, 0.1, 0.01, false, share),
            (heldOut, shown) -> {});
    try (TensorScope scope = TensorScope.open()) {
      meter.add(Tensors.of(UNDECIDED, 4), Tensors.of(UNDECIDED, 4));
      meter.addRead(Tensors.of(SPREAD, 4, 1), Tensors.of(SPREAD, 4, 1));
    }
    return meter;
  }

  /** An untrained student is told from the teacher at once, and nothing is lost by that. */
  @Test
  void aDiscriminatorMayBeSureOfItselfBeforeItsWeightBegins() {
    HealthMeter meter = meter(Double.NaN, Double.NaN, true, all(9), all(-9));
    meter.measure(behind(0.08));
    assertThat(meter.alarms()).isEmpty();
    meter.measure(behind(0.17));
    assertThat(meter.alarms()).singleElement().asString().contains("is saturated");
  }

  private static Step behind(double progress) {
    return new Step(null, null, null, null, 0, progress, RandomSource.of(1, "step"));
  }

  @Test
  void anObserverMayBeSureOfItself() {
    assertThat(meter(Double.NaN, Double.NaN, false, all(9), all(-9)).alarms()).isEmpty();
  }

  /** An observer has no settings: only what is wrong with the two networks can be acted upon. */
  @Test
  void anObserverIsNotToldToLearnMoreSlowly() {
    assertThat(meter(Double.NaN, Double.NaN, false, all(-1), all(1)).alarms()).isEmpty();
    assertThat(meter(Double.NaN, Double.NaN, false, all(Double.NaN), all(-9)).alarms())
        .singleElement()
        .asString()
        .contains("its discriminator diverged")
        .doesNotContain("learningRate");
  }

  @Test
  void aVanishedGradientIsNamed() {
    assertThat(meter(0.1, 1.1e-7, true, UNDECIDED, UNDECIDED).alarms()).isEmpty();
    assertThat(meter(0.1, 0.9e-7, true, UNDECIDED, UNDECIDED).alarms())
        .singleElement()
        .asString()
        .contains("the student gets no gradient from its discriminator");
  }

  @Test
  void aTermThatSwampsTheRestIsNamed() {
    assertThat(meter(100, 0.01, true, UNDECIDED, UNDECIDED).alarms()).isEmpty();
    assertThat(meter(101, 0.01, true, UNDECIDED, UNDECIDED).alarms())
        .singleElement()
        .asString()
        .contains("its gradient is more than a hundred times that of the rest of the loss");
  }

  @Test
  void aCollapsedStudentIsNamed() {
    for (double[] collapsed : List.of(all(3), scaled(0.0099))) {
      assertThat(meter(0.1, 0.01, true, UNDECIDED, UNDECIDED, collapsed).alarms())
          .singleElement()
          .asString()
          .contains("the student's representations are nearly the same for all images");
    }
    assertThat(meter(0.1, 0.01, true, UNDECIDED, UNDECIDED, scaled(0.0101)).alarms()).isEmpty();
  }

  /** With deviations of that times the teacher's. */
  private static double[] scaled(double factor) {
    return Arrays.stream(SPREAD).map(value -> factor * value).toArray();
  }

  @Test
  void anAdversaryIsNotBlamedForWhatWasSoBeforeItsWeightBegan() {
    HealthMeter meter = meter(Double.NaN, Double.NaN, true, UNDECIDED, UNDECIDED, all(3));
    meter.measure(behind(0.08));
    assertThat(meter.alarms()).singleElement().asString().endsWith("on a far smaller scale");
    meter.measure(behind(0.17));
    assertThat(meter.alarms()).singleElement().asString().contains("driven into one point");
  }

  /** Beside a loss that draws the student to a smaller scale there is no adversary to weaken. */
  @Test
  void anObserverBlamesNoAdversaryForAStudentOfSmallScale() {
    assertThat(meter(Double.NaN, Double.NaN, false, UNDECIDED, UNDECIDED, all(3)).alarms())
        .singleElement()
        .asString()
        .endsWith("nearly the same for all of them, or on a far smaller scale");
  }

  @Test
  void aTeacherThatSaysNearlyTheSameMeasuredByTheStudentIsNamed() {
    assertThat(meter(0.1, 0.01, true, UNDECIDED, UNDECIDED, scaled(99)).alarms()).isEmpty();
    assertThat(meter(0.1, 0.01, true, UNDECIDED, UNDECIDED, scaled(101)).alarms())
        .singleElement()
        .asString()
        .contains("the teacher's representations are nearly the same for all images");
  }

  @Test
  void aTeacherThatAlwaysSaysTheSameIsNamed() {
    HealthMeter meter =
        new HealthMeter(
            new HealthMeter.Origin("logits", true, 0.1, true, true, 0, 0.1, 0.01, false, 0),
            (heldOut, shown) -> {});
    try (TensorScope scope = TensorScope.open()) {
      meter.add(Tensors.of(UNDECIDED, 4), Tensors.of(UNDECIDED, 4));
      meter.addRead(Tensors.of(all(3), 4, 1), Tensors.of(SPREAD, 4, 1));
    }
    assertThat(meter.alarms())
        .singleElement()
        .asString()
        .contains("the teacher's representations are nearly the same for all images");
  }

  @Test
  void aDivergedDiscriminatorIsNamedAndNothingElseIsSaidOfIt() {
    assertThat(meter(0.1, 0.01, true, all(Double.NaN), all(-9)).alarms())
        .singleElement()
        .asString()
        .contains("its discriminator diverged");
  }

  @Test
  void aDiscriminatorWorseThanNoneIsNamed() {
    // log 2 − log(1 + exp x) is −0.047 at 0.092 and −0.053 at 0.104.
    assertThat(meter(0.1, 0.01, true, all(-0.092), all(0.092)).alarms()).isEmpty();
    assertThat(meter(0.1, 0.01, true, all(-0.104), all(0.104)).alarms())
        .singleElement()
        .asString()
        .contains("worse than one that does not look");
  }
}
