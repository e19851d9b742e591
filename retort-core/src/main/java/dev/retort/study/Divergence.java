package dev.retort.study;

import dev.retort.study.config.RunName;

/**
 * Why a run has no result: its training was stopped by numbers that are not finite. {@code
 * diverged.json} in the run's folder, until the run is done after all.
 *
 * @param reason the step and the terms of the loss, in a sentence
 */
public record Divergence(String student, String method, long seed, String reason) {
  public Divergence {
    if (student == null || method == null || reason == null) {
      throw new IllegalArgumentException("a divergence names its student, its method and why");
    }
  }

  /** The run that diverged. */
  public RunName run() {
    return new RunName(student, method, seed);
  }
}
