package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What the tuning of a method's settings cost: a method's {@code budget}, which {@code retort tune}
 * writes and a comparison's tables show.
 *
 * @param trials how many settings were tried, at least 1; required
 * @param epochs of all their runs together, at least 1; required
 */
public record TuningBudget(
    @JsonProperty(required = true) int trials, @JsonProperty(required = true) int epochs) {
  public TuningBudget {
    if (trials < 1 || epochs < 1) {
      throw new IllegalArgumentException(
          "budget must have at least 1 of trials and of epochs, not %d and %d"
              .formatted(trials, epochs));
    }
  }

  /** {@code 12 trials, 288 epochs}. */
  @Override
  public String toString() {
    return "%d trials, %d epochs".formatted(trials, epochs);
  }
}
