package dev.retort.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of the grid, finished or not.
 *
 * @param epochs its metrics in the order of epochs
 * @param result what it ended with; null while it has not finished
 */
record Run(
    String student, String method, long seed, List<EpochMetrics> epochs, @Nullable Result result) {

  /**
   * What {@code result.json} says; null where it says nothing (a study that leaves the test set
   * unread has no accuracy on it).
   *
   * @param testAccuracy share of test images decided rightly, in [0, 1]
   * @param agreementWithTeacher share of test images decided as the teacher does, in [0, 1]
   * @param seconds wall-clock time of the run
   * @param parameters the student's number of parameters
   */
  record Result(
      @Nullable Double testAccuracy,
      @Nullable Double agreementWithTeacher,
      @Nullable Double seconds,
      @Nullable Long parameters) {}

  /** The accuracy on validation images after the last epoch, in [0, 1]; null before the first. */
  @Nullable Double lastValidationAccuracy() {
    return epochs.isEmpty() ? null : epochs.get(epochs.size() - 1).validationAccuracy();
  }

  /** The run as its folder is named. */
  String label() {
    return student + "-" + method + "-seed" + seed;
  }
}
