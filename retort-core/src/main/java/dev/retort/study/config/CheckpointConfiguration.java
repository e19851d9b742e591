package dev.retort.study.config;

import dev.retort.training.CheckpointInterval;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often a run saves where it stands, beside the end of each epoch; it changes no result.
 *
 * @param minutes since the last checkpoint, more than 0 and at most 10⁹
 * @param steps between two checkpoints, at least 1; null for none: the minutes alone count
 */
public record CheckpointConfiguration(double minutes, @Nullable Integer steps) {
  /** The values of keys that are left out. */
  static final CheckpointConfiguration DEFAULTS = new CheckpointConfiguration(2, null);

  private static final double MILLISECONDS = 60_000;
  private static final int MOST_MINUTES = 1_000_000_000;

  public CheckpointConfiguration {
    if (!(minutes > 0 && minutes <= MOST_MINUTES)) {
      throw new IllegalArgumentException(
          "minutes must be more than 0 and at most " + MOST_MINUTES + ", not " + minutes);
    }
    if (steps != null && steps < 1) {
      throw new IllegalArgumentException("steps must be at least 1, not " + steps);
    }
  }

  /** What the trainer needs. */
  public CheckpointInterval interval() {
    long milliseconds = Math.max(1, Math.round(minutes * MILLISECONDS));
    return new CheckpointInterval(Duration.ofMillis(milliseconds), steps);
  }
}
