package dev.retort.bench;

/** Times an action that is done again and again. */
final class Repetition {
  private static final double NANOSECONDS = 1e9;

  private Repetition() {}

  /** Does it once without counting, then so many times; the mean time of a counted one. */
  static double secondsAStep(int steps, Runnable step) {
    step.run();
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      step.run();
    }
    return (System.nanoTime() - start) / NANOSECONDS / steps;
  }
}
