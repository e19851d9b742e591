package dev.retort.report;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code metrics.jsonl}.
 *
 * @param epoch the epoch's number
 * @param validationAccuracy share of validation images decided rightly, in [0, 1]; null where
 *     undefined
 * @param discriminators what each discriminator says on validation images, by its name; an observer
 *     is one too
 * @param alarms what the run complained of in this epoch
 */
record EpochMetrics(
    int epoch,
    @Nullable Double validationAccuracy,
    Map<String, Discrimination> discriminators,
    List<String> alarms) {

  /**
   * One discriminator on validation images; null where a number is undefined.
   *
   * @param teacher D's mean output on the teacher's representations, in [0, 1]
   * @param student D's mean output on the student's representations, in [0, 1]
   * @param jsdLowerBound log 2 − BCE(D), a lower bound of the Jensen–Shannon divergence, in nats;
   *     negative where D is worse than no D
   */
  record Discrimination(
      @Nullable Double teacher, @Nullable Double student, @Nullable Double jsdLowerBound) {}
}
