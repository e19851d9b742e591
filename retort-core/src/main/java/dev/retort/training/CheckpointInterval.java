package dev.retort.training;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How often a training saves where it stands, beside the end of each epoch; whichever comes first.
 *
 * @param time since the last checkpoint
 * @param steps since the training's first, of which every multiple is saved; null for none
 */
public record CheckpointInterval(Duration time, @Nullable Integer steps) {
  /** Only the ends of epochs, and a stop. */
  public static final CheckpointInterval EPOCHS =
      new CheckpointInterval(Duration.ofSeconds(Long.MAX_VALUE / 1_000_000_000), null);

  public CheckpointInterval {
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("the time between checkpoints must be positive");
    }
    if (steps != null && steps < 1) {
      throw new IllegalArgumentException("checkpoints are at least 1 step apart, not " + steps);
    }
  }

  /** Whether a checkpoint is due after a step. */
  boolean isDue(long stepsDone, long nanosecondsSinceLast) {
    return Duration.ofNanos(nanosecondsSinceLast).compareTo(time) >= 0
        || (steps != null && stepsDone % steps == 0);
  }
}
