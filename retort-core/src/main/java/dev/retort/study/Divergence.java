package dev.retort.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.retort.study.config.RunName;
import java.util.List;

/**
 * Why a run has no result: its training was stopped by numbers that are not finite. {@code
 * diverged.json} in the run's folder, until the run is done after all.
 *
 * @param reason the step and the terms of the loss, in a sentence
 * @param alarms every different complaint of the run's epochs before that; the key is missing where
 *     there is none, and in records of builds that did not keep them here
 */
public record Divergence(
    String student,
    String method,
    long seed,
    String reason,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> alarms) {
  public Divergence {
    if (student == null || method == null || reason == null) {
      throw new IllegalArgumentException("a divergence names its student, its method and why");
    }
    alarms = alarms == null ? List.of() : List.copyOf(alarms);
  }

  /** The run that diverged. */
  public RunName run() {
    return new RunName(student, method, seed);
  }
}
