package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the tuning of a method's settings cost: a method's {@code budget}, which {@code retort tune}
 * writes and a comparison's tables show.
 *
 * @param trials how many settings were tried, at least 1; required
 * @param epochs of all their runs together, at least 1; required
 * @param seeds of these runs, which the method's own must not be; null for unknown
 */
public record TuningBudget(
    @JsonProperty(required = true) int trials,
    @JsonProperty(required = true) int epochs,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Long> seeds) {
  public TuningBudget {
    seeds = seeds == null ? null : List.copyOf(seeds);
    if (trials < 1 || epochs < 1) {
      throw new IllegalArgumentException(
          "budget must have at least 1 of trials and of epochs, not %d and %d"
              .formatted(trials, epochs));
    }
  }

  /** A budget of seeds that are not recorded. */
  public TuningBudget(int trials, int epochs) {
    this(trials, epochs, null);
  }

  /** This budget with what an earlier search of the method cost. */
  public TuningBudget after(@Nullable TuningBudget earlier) {
    if (earlier == null) {
      return this;
    }
    Set<Long> all = new LinkedHashSet<>();
    all.addAll(Objects.requireNonNullElse(earlier.seeds, List.of()));
    all.addAll(Objects.requireNonNullElse(seeds, List.of()));
    return new TuningBudget(trials + earlier.trials, epochs + earlier.epochs, List.copyOf(all));
  }

  /** Refuses seeds by which a result would be tested that its settings were chosen by. */
  void requireApart(String method, Collection<Long> seedsOfRuns) {
    Objects.requireNonNullElse(seeds, List.<Long>of()).stream()
        .filter(seedsOfRuns::contains)
        .findFirst()
        .ifPresent(
            both -> {
              throw new IllegalArgumentException(
                  "the settings of '%s' were chosen by seed %d, on which they look better than they are: take other seeds"
                      .formatted(method, both));
            });
  }

  /** {@code 12 trials, 288 epochs}. */
  @Override
  public String toString() {
    return "%d trials, %d epochs".formatted(trials, epochs);
  }
}
