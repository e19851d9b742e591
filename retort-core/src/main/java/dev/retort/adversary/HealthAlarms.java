package dev.retort.adversary;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** When an adversary is ill, of what, and what helps. */
final class HealthAlarms {
  /** D assigns practically everything rightly. */
  private static final double CERTAIN_AUC = 0.995;

  private static final double CERTAIN_ACCURACY = 0.98;

  /** A gradient of a mean over a batch that moves nothing at any reasonable weight. */
  private static final double NO_SLOPE = 1e-7;

  /** One side's standard deviation is below a hundredth of the other's. */
  private static final double COLLAPSED_VARIANCE = 1e-4;

  private static final double SWAMPED = 100;

  /** In nats: D does worse than not looking. */
  private static final double WORSE_THAN_NOTHING = -0.05;

  private HealthAlarms() {}

  static List<String> of(HealthMeter meter) {
    HealthMeter.Origin origin = meter.origin();
    List<String> alarms = new ArrayList<>();
    if (!meter.isFinite()) {
      alarms.add(
          "its discriminator diverged: it answers with numbers that are not finite; lower its"
              + " learningRate or give it a penalty: {r1: 0.05, r2: 0.05}");
      return named(origin, alarms);
    }
    if (origin.drives()) {
      saturated(meter, alarms);
      if (origin.slope() < NO_SLOPE) {
        alarms.add(
            text(
                "the student gets no gradient from its discriminator (norm %.1e): the loss is flat"
                    + " where the student is; take loss: non-saturating, logit or relativistic, or"
                    + " a smaller learningRate for the discriminator",
                origin.slope()));
      }
      if (origin.gradientRatio() > SWAMPED) {
        alarms.add(
            text(
                "its gradient is %.0f times that of the rest of the loss, which no longer counts;"
                    + " lower its weight, or bound it by weight: {gradientRatio: 0.1}",
                origin.gradientRatio()));
      }
    }
    collapsed("teacher", meter.teacherVariance(), meter.studentVariance(), alarms);
    collapsed("student", meter.studentVariance(), meter.teacherVariance(), alarms);
    if (origin.learnsProbability() && meter.jsdLowerBound() < WORSE_THAN_NOTHING) {
      alarms.add(
          text(
              "its discriminator judges held-out images worse than one that does not look (bound of"
                  + " the divergence %.2f nats): it learned its training images by heart or cannot"
                  + " follow the student; lower its learningRate, or give it a penalty: {r1: 0.05,"
                  + " r2: 0.05}",
              meter.jsdLowerBound()));
    }
    return named(origin, alarms);
  }

  private static void saturated(HealthMeter meter, List<String> alarms) {
    if (meter.auc() > CERTAIN_AUC && meter.accuracy() > CERTAIN_ACCURACY) {
      alarms.add(
          text(
              "its discriminator is saturated: it tells the two networks apart with certainty (AUC"
                  + " %.3f, mean output %.3f on the teacher and %.3f on the student), so its gradient"
                  + " says little; slow it down (learningRate, steps), smooth it (penalty: {r1: 0.05,"
                  + " r2: 0.05}, discriminator: {spectralNormalization: true}, distribution: gaussian)"
                  + " or leave this representation out",
              meter.auc(), meter.pTeacher(), meter.pStudent()));
    }
  }

  private static void collapsed(String side, double variance, double other, List<String> alarms) {
    if (variance <= COLLAPSED_VARIANCE * other) {
      alarms.add(
          text(
              "the %s's representations are nearly the same for all images (variance %.1e, the"
                  + " other network's %.1e); %s",
              side,
              variance,
              other,
              side.equals("student")
                  ? "the adversary has driven the student into one point: lower its weight, start it"
                      + " later (weight: {start: 0.2}) or raise that of the paired terms"
                  : "the teacher says nothing here: check its accuracy, its input's normalisation,"
                      + " and the layer that is read"));
    }
  }

  private static List<String> named(HealthMeter.Origin origin, List<String> alarms) {
    return alarms.stream().map(alarm -> "adversary " + origin.label() + ": " + alarm).toList();
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
