package dev.retort.bench;

import dev.retort.engine.TensorScope;

/**
 * An action that is done again and again, each time in a scope of its own.
 *
 * @param name what is measured, in a few words
 * @param step does it once
 */
record Repetition(String name, Runnable step) implements Workload {
  private static final double NANOSECONDS = 1e9;

  @Override
  public double secondsAStep(int steps) {
    inAScope();
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      inAScope();
    }
    return (System.nanoTime() - start) / NANOSECONDS / steps;
  }

  private void inAScope() {
    try (TensorScope scope = TensorScope.open()) {
      step.run();
    }
  }
}
