package dev.retort.training;

import org.jspecify.annotations.Nullable;

/**
 * How often a run saves where it stands, beside the end of each epoch; it changes no result.
 *
 * @param minutes since the last checkpoint, more than 0 and at most 10⁹
 * @param steps between two checkpoints, at least 1; null for none: the minutes alone count
 */
public record CheckpointInterval(double minutes, @Nullable Integer steps) {
  private static final double NANOSECONDS = 60e9;
  private static final int MOST_MINUTES = 1_000_000_000;

  /** The values of keys that are left out. */
  public static final CheckpointInterval DEFAULTS = new CheckpointInterval(2, null);

  /** Only the ends of epochs, and a stop. */
  public static final CheckpointInterval EPOCHS = new CheckpointInterval(MOST_MINUTES, null);

  public CheckpointInterval {
    if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
      throw new IllegalArgumentException(
          "minutes must be more than 0 and at most " + MOST_MINUTES + ", not " + minutes);
    }
    if (steps != null && steps < 1) {
      throw new IllegalArgumentException("steps must be at least 1, not " + steps);
    }
  }

  /** Whether one is due after a step: at every multiple of the steps, and after the minutes. */
  boolean isDue(long stepsDone, long nanosecondsSinceLast) {
    return nanosecondsSinceLast >= minutes * NANOSECONDS
        || (steps != null && stepsDone % steps == 0);
  }
}
