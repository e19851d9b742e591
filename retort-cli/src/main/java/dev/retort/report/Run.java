package dev.retort.report;

import dev.retort.study.EpochMetrics;
import dev.retort.study.RunName;
import dev.retort.study.RunResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of the grid, finished or not.
 *
 * @param epochs its metrics in the order of epochs
 * @param result what it ended with; null while it has not finished
 */
record Run(RunName name, List<EpochMetrics> epochs, @Nullable RunResult result) {

  /**
   * The accuracy on validation images at the end, or after the last epoch; null before the first.
   */
  @Nullable Double lastValidationAccuracy() {
    if (result != null && result.validationAccuracy() != null) {
      return result.validationAccuracy();
    }
    return epochs.isEmpty() ? null : epochs.get(epochs.size() - 1).validationAccuracy();
  }
}
