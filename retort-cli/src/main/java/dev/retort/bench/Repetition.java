package dev.retort.bench;

import dev.retort.engine.TensorScope;

/** Times an action that is done again and again, each time in a scope of its own. */
final class Repetition {
  private static final double NANOSECONDS = 1e9;

  private Repetition() {}

  /** Does it once without counting, then so many times; the mean time of a counted one. */
  static double secondsAStep(int steps, Runnable step) {
    inAScope(step);
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      inAScope(step);
    }
    return (System.nanoTime() - start) / NANOSECONDS / steps;
  }

  private static void inAScope(Runnable step) {
    try (TensorScope scope = TensorScope.open()) {
      step.run();
    }
  }
}
