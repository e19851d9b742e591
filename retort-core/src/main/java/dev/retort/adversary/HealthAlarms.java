package dev.retort.adversary;

import java.util.ArrayList;
import java.util.List;

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

  /** More of an epoch's steps at the bound than a few in which the student leapt. */
  private static final double BOUNDED_SHARE = 0.1;

  /** In nats: D does worse than not looking. */
  private static final double WORSE_THAN_NOTHING = -0.05;

  private HealthAlarms() {}

  /**
   * Sentences without figures, so that one that comes again is the same; the metrics have those.
   */
  static List<String> of(HealthMeter meter) {
    HealthMeter.Origin origin = meter.origin();
    List<String> alarms = new ArrayList<>();
    if (!meter.logits().isFinite()) {
      alarms.add(
          "its discriminator diverged: it answers with numbers that are not finite"
              + (origin.drives()
                  ? "; lower its learningRate or give it a penalty: {r1: 0.05, r2: 0.05}"
                  : ", and its figures are left out; the student does not learn from it"));
      return named(origin, alarms);
    }
    if (meter.hasDriven()) {
      ofTheTerm(meter, alarms);
    }
    if (meter.studentVariance() <= COLLAPSED_VARIANCE * meter.teacherVariance()) {
      alarms.add(
          "the student's representations are nearly the same for all images"
              + (meter.hasDriven()
                  ? ": it has been driven into one point; lower the adversary's weight, start it"
                      + " later (weight: {start: 0.2}) or raise the weight of the other terms"
                  : ", measured by the teacher's: it gives nearly the same for all of them, or on"
                      + " a far smaller scale"));
    }
    if (meter.teacherVariance() <= COLLAPSED_VARIANCE * meter.studentVariance()) {
      alarms.add(
          "the teacher's representations are nearly the same for all images, measured by the student's:"
              + " there is nothing to learn from them (check its accuracy, the normalisation of its"
              + " images, and the layer that is read), or the student's have grown beyond all measure"
              + (meter.hasDriven() ? " (lower the adversary's weight)" : ""));
    }
    return named(origin, alarms);
  }

  private static void ofTheTerm(HealthMeter meter, List<String> alarms) {
    HealthMeter.Origin origin = meter.origin();
    // Where the logits have no zero only their order says something.
    boolean right = Double.isNaN(origin.threshold()) || meter.accuracy() > CERTAIN_ACCURACY;
    if (origin.illWhenCertain() && meter.logits().auc() > CERTAIN_AUC && right) {
      alarms.add(
          "its discriminator is saturated: it tells the two networks apart with certainty, so its"
              + " gradient has little information; slow it down (learningRate, steps), smooth it (penalty: {r1:"
              + " 0.05, r2: 0.05}, discriminator: {spectralNormalization: true}, distribution:"
              + " gaussian), or leave this representation out");
    }
    if (origin.slope() < NO_SLOPE) {
      alarms.add(
          "the student gets no gradient from its discriminator, which is flat where the student is;"
              + " take loss: non-saturating, logit or relativistic, or a smaller learningRate for the"
              + " discriminator");
    }
    if (origin.learnsToTell() && meter.logits().jsdLowerBound() < WORSE_THAN_NOTHING) {
      alarms.add(
          "its discriminator judges held-out images worse than one that does not look: it knows its"
              + " training images by heart, or cannot follow the student; lower its learningRate, or"
              + " give it a penalty: {r1: 0.05, r2: 0.05}");
    }
    if (origin.boundedShare() > BOUNDED_SHARE) {
      alarms.add(
          "its weight is at its upper bound in more than a tenth of the steps in which its term counts: its discriminator is"
              + " nearly flat where the student is, so its gradient has less than the gradientRatio"
              + " that is asked for; slow it down (learningRate), smooth it (penalty: {r1: 0.05,"
              + " r2: 0.05}), or take loss: non-saturating, logit or relativistic");
    }
    if (origin.stayedZero()) {
      alarms.add(
          "its weight stayed 0: the rest of the loss has no gradient at this representation that a"
              + " gradientRatio could be to (images without labels?); give it a weight: {fixed: 1}");
    }
    if (origin.gradientRatio() > SWAMPED) {
      alarms.add(
          "its gradient is more than a hundred times that of the rest of the loss, which no longer"
              + " counts; lower its weight, or bound it by weight: {gradientRatio: 0.1}");
    }
  }

  private static List<String> named(HealthMeter.Origin origin, List<String> alarms) {
    return alarms.stream().map(alarm -> "adversary " + origin.label() + ": " + alarm).toList();
  }
}
