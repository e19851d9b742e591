package dev.retort.training;

/** How long a training has taken, without evaluation and across interruptions. */
final class TrainingClock {
  private double before;
  private double epoch;
  private long since;
  private boolean running;

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
    since = System.nanoTime();
    running = true;
  }

  void pause() {
    epoch = epochSeconds();
    running = false;
  }

  /** Of training in the epoch that is under way or just done. */
  double epochSeconds() {
    return running ? epoch + (System.nanoTime() - since) / 1e9 : epoch;
  }

  /** Of training since it first began. */
  double seconds() {
    return before + epochSeconds();
  }
}
