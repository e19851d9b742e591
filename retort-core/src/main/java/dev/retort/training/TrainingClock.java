package dev.retort.training;

import java.util.function.LongSupplier;

/** How long a training has taken, without evaluation and checkpoints, across interruptions. */
final class TrainingClock {
  private final LongSupplier nanoseconds;
  private double before;
  private double epoch;
  private long since;
  private boolean running;

  TrainingClock() {
    this(System::nanoTime);
  }

  /**
   * A clock by another time.
   *
   * @param nanoseconds since whichever moment
   */
  TrainingClock(LongSupplier nanoseconds) {
    this.nanoseconds = nanoseconds;
  }

  /** Goes on from a checkpoint. */
  void set(double seconds, double epochSeconds) {
    before = seconds - epochSeconds;
    epoch = epochSeconds;
  }

  /** Begins an epoch. */
  void beginEpoch() {
    before += epoch;
    epoch = 0;
  }

  void run() {
    since = nanoseconds.getAsLong();
    running = true;
  }

  void pause() {
    epoch = epochSeconds();
    running = false;
  }

  /** Of training in the epoch that is under way or just done. */
  double epochSeconds() {
    return running ? epoch + (nanoseconds.getAsLong() - since) / 1e9 : epoch;
  }

  /** Of training since it first began. */
  double seconds() {
    return before + epochSeconds();
  }
}
