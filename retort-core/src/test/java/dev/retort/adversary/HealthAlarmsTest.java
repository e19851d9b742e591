package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@NullUnmarked
class HealthAlarmsTest {
  private static final String NONE = "";
  private static final String SATURATED =
      "its discriminator is saturated: it tells the two networks apart with certainty";
  private static final String DIVERGED = "its discriminator diverged";
  private static final String FLAT = "the student gets no gradient from its discriminator";
  private static final String WORSE =
      "its discriminator judges held-out images worse than one that does not look";
  private static final String BOUNDED = "its weight is at its upper bound";
  private static final String STAYED_ZERO =
      "its weight stayed 0: the rest of the loss has no gradient at this representation that a"
          + " gradientRatio could be to (images without labels?); give it a weight: {fixed: 1}";
  private static final String SWAMPS =
      "its gradient is more than a hundred times that of the rest of the loss";
  private static final String COLLAPSED =
      "the student's representations are nearly the same for all images";
  private static final String SAME_TEACHER =
      "the teacher's representations are nearly the same for all images";

  private static final double[] SURE = all(9);
  private static final double[] SURE_OF_THE_STUDENT = all(-9);
  private static final double[] THOUSAND = thousand(1000, -9);

  /** What is the matter, and what is said of it; each threshold from both sides. */
  private static Stream<Arguments> adversaries() {
    return Stream.of(
        row("nothing", made -> {}, NONE),
        row("not measured", MadeMeter::isNotMeasured, NONE),
        row("sure", made -> made.says(SURE, SURE_OF_THE_STUDENT), SATURATED),
        // Of a thousand each one on the other side of the student's −9 costs the AUC a thousandth,
        // and one that is only on the wrong side of 0 the accuracy half a thousandth.
        row("an AUC of 0.996", made -> made.says(thousand(4, -10), THOUSAND), SATURATED),
        row("an AUC of 0.994", made -> made.says(thousand(6, -10), THOUSAND), NONE),
        row("an accuracy of 0.9805", made -> made.says(thousand(39, -1), THOUSAND), SATURATED),
        row("an accuracy of 0.9795", made -> made.says(thousand(41, -1), THOUSAND), NONE),
        // Relativistic logits have no zero: all of them may be positive, and the order counts.
        row(
            "sure of the order",
            made -> made.learns(GanLoss.RELATIVISTIC).says(all(9), all(5)),
            SATURATED),
        row("sure of the order where 0 means something", made -> made.says(all(9), all(5)), WORSE),
        // It is to be near its optimum, and its penalty holds the slope that the student follows.
        row(
            "a critic that is sure",
            made -> made.learns(GanLoss.WASSERSTEIN_GP).says(all(9), all(5)),
            NONE),
        row("an observer that is sure", made -> made.observes().says(SURE, all(-9)), NONE),
        row("a slope of 0.9e-7", made -> made.slope = 0.9e-7, FLAT),
        row("a slope of 1.1e-7", made -> made.slope = 1.1e-7, NONE),
        // log 2 − log(1 + exp x) is −0.047 at 0.092 and −0.053 at 0.104.
        row("a bound of −0.053", made -> made.says(all(-0.104), all(0.104)), WORSE),
        row("a bound of −0.047", made -> made.says(all(-0.092), all(0.092)), NONE),
        row(
            "wrong by a margin, not by a probability",
            made -> made.learns(GanLoss.HINGE).says(all(-1), all(1)),
            NONE),
        // An observer has no settings: only what is wrong with the networks can be acted upon.
        row("an observer that is wrong", made -> made.observes().says(all(-1), all(1)), NONE),
        row("at its bound in 11 of 100", made -> made.boundedShare = 0.11, BOUNDED),
        row("at its bound in 10 of 100", made -> made.boundedShare = 0.1, NONE),
        row("no rest", made -> made.isNotMeasured().stayedZero = true, STAYED_ZERO),
        row("101 times the rest", made -> made.ratio = 101, SWAMPS),
        row("100 times the rest", made -> made.ratio = 100, NONE),
        row("a constant student", made -> made.student = all(3), COLLAPSED),
        row("a student of scale 0.0099", made -> made.student = scaled(0.0099), COLLAPSED),
        row("a student of scale 0.0101", made -> made.student = scaled(0.0101), NONE),
        row("a student of scale 99", made -> made.student = scaled(99), NONE),
        row("a student of scale 101", made -> made.student = scaled(101), SAME_TEACHER),
        row("a constant teacher", made -> made.teacher = all(3), SAME_TEACHER),
        // Of what diverged nothing else is said.
        row("NaN", made -> made.says(all(Double.NaN), SURE_OF_THE_STUDENT), DIVERGED),
        row("infinity", made -> made.says(SURE, all(Double.NEGATIVE_INFINITY)), DIVERGED));
  }

  private static Arguments row(String what, Consumer<MadeMeter> difference, String alarm) {
    return Arguments.of(what, difference, alarm);
  }

  private static double[] all(double value) {
    double[] values = new double[4];
    Arrays.fill(values, value);
    return values;
  }

  /** 9, but for some. */
  private static double[] thousand(int others, double other) {
    double[] values = new double[1000];
    Arrays.fill(values, 9);
    Arrays.fill(values, 0, others, other);
    return values;
  }

  /** With deviations of that times the teacher's. */
  private static double[] scaled(double factor) {
    return Arrays.stream(MadeMeter.SPREAD).map(value -> factor * value).toArray();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("adversaries")
  void whatIsWrongIsNamedAndNothingElse(String what, Consumer<MadeMeter> difference, String alarm) {
    HealthMeter meter = MadeMeter.of(difference);
    if (alarm.isEmpty()) {
      assertThat(meter.alarms()).isEmpty();
    } else {
      assertThat(meter.alarms()).singleElement(STRING).startsWith("adversary logits: " + alarm);
    }
  }

  @Test
  void anObserverThatDivergedIsNotToldToLearnMoreSlowly() {
    assertThat(
            MadeMeter.of(made -> made.observes().says(all(Double.NaN), SURE_OF_THE_STUDENT))
                .alarms())
        .singleElement(STRING)
        .startsWith("adversary logits: " + DIVERGED)
        .doesNotContain("learningRate");
  }

  /** An untrained student is told from the teacher at once, and nothing is lost by that. */
  @Test
  void aDiscriminatorMayBeSureOfItselfBeforeItsWeightBegins() {
    HealthMeter meter = MadeMeter.of(made -> made.isNotMeasured().says(SURE, SURE_OF_THE_STUDENT));
    measure(meter, behind(0.1));
    assertThat(meter.alarms()).isEmpty();
    measure(meter, behind(0.11));
    assertThat(meter.alarms()).singleElement(STRING).contains(SATURATED);
  }

  private static void measure(HealthMeter meter, Step step) {
    try (TensorScope scope = TensorScope.open()) {
      meter.measure(step);
    }
  }

  private static Step behind(double progress) {
    return new Step(null, null, null, null, 0, progress, RandomSource.of(1, "step"));
  }

  @Test
  void anAdversaryIsNotBlamedForWhatWasSoBeforeItsWeightBegan() {
    HealthMeter meter = MadeMeter.of(made -> made.isNotMeasured().student = all(3));
    measure(meter, behind(0.08));
    assertThat(meter.alarms()).singleElement(STRING).endsWith("on a far smaller scale");
    measure(meter, behind(0.17));
    assertThat(meter.alarms()).singleElement(STRING).contains("driven into one point");
  }

  /** Beside a loss that draws the student to another scale there is no adversary to weaken. */
  @Test
  void anObserverBlamesNoAdversaryForAStudentOfAnotherScale() {
    assertThat(MadeMeter.of(made -> made.observes().student = all(3)).alarms())
        .singleElement(STRING)
        .endsWith("nearly the same for all of them, or on a far smaller scale");
    assertThat(MadeMeter.of(made -> made.observes().student = scaled(101)).alarms())
        .singleElement(STRING)
        .contains(SAME_TEACHER)
        .doesNotContain("weight");
    assertThat(MadeMeter.of(made -> made.student = scaled(101)).alarms())
        .singleElement(STRING)
        .endsWith("(lower the adversary's weight)");
  }
}
