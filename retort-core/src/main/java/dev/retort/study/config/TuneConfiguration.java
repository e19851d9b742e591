package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.system.NearestNames;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How {@code retort tune} searches for the settings of a study's methods: the same budget for each.
 * YAML: {@code tune: {trials: 12, seeds: [101], confirm: {best: 3, seeds: [102, 103]}, space: …}}.
 *
 * @param trials how many settings of each method are tried, at least 1; the first is the method as
 *     the file has it; required
 * @param seeds of every trial, so that trials and methods are compared in pairs
 * @param confirm which trials get more seeds before one is chosen; null for the best 3 (or all, if
 *     there are fewer), with seeds 102 and 103
 * @param space by method, the keys to vary: OBJECTIVE.KEY and a list of values, {@code {log: [LOW,
 *     HIGH]}} or {@code {linear: [LOW, HIGH]}}. Of several objectives of one name, the place in the
 *     list, from 0, comes first: {@code 1.adversary.weight.gradientRatio}. A method that is named
 *     varies these keys alone; one that is left out has the ranges of its terms, which {@code
 *     retort list methods} prints, but for keys that it sets to 0
 */
public record TuneConfiguration(
    @JsonProperty(required = true) int trials,
    List<Long> seeds,
    @Nullable Confirmation confirm,
    Map<String, Map<String, SettingRange>> space) {

  /**
   * The best few get more seeds before one is chosen.
   *
   * @param best how many of a method's trials, at least 1
   * @param seeds of each of them, others than the search's; none for a choice without more seeds
   */
  public record Confirmation(int best, List<Long> seeds) {
    /** What holds where nothing is said. */
    static final Confirmation DEFAULTS = new Confirmation(3, List.of(102L, 103L));

    public Confirmation {
      if (best < 1) {
        throw new IllegalArgumentException("best must be at least 1, not " + best);
      }
      seeds = seeds.isEmpty() ? List.of() : MethodConfiguration.requireSeeds(seeds);
    }
  }

  public TuneConfiguration {
    if (trials < 1) {
      throw new IllegalArgumentException("trials must be at least 1, not " + trials);
    }
    seeds = MethodConfiguration.requireSeeds(seeds);
    if (confirm == null) {
      Confirmation usual = Confirmation.DEFAULTS;
      confirm = new Confirmation(Math.min(usual.best(), trials), usual.seeds());
    }
    if (confirm.best() > trials) {
      throw new IllegalArgumentException(
          "confirm.best is %d, but there are %d trials a method: set it to %d, or less"
              .formatted(confirm.best(), trials, trials));
    }
    requireApart(seeds, "confirm.seeds", confirm.seeds());
    Map<String, Map<String, SettingRange>> ordered = new LinkedHashMap<>();
    space.forEach(
        (method, ranges) -> {
          if (ranges == null || ranges.isEmpty() || ranges.containsValue(null)) {
            throw new IllegalArgumentException(
                "space of %s must have a range for each of its keys, and at least one"
                    .formatted(method));
          }
          ordered.put(method, Collections.unmodifiableMap(new LinkedHashMap<>(ranges)));
        });
    space = Collections.unmodifiableMap(ordered);
  }

  /** With every default. */
  static TuneConfiguration of(int trials) {
    return new TuneConfiguration(trials, List.of(101L), null, Map.of());
  }

  @Override
  public Confirmation confirm() {
    return Objects.requireNonNull(confirm);
  }

  /** Refuses seeds by which a result would be tested that its settings were chosen by. */
  void requireApart(String key, Collection<Long> others) {
    requireApart(seeds, key, others);
    requireApart(confirm().seeds(), key, others);
  }

  private static void requireApart(List<Long> own, String key, Collection<Long> others) {
    Optional<Long> both = own.stream().filter(others::contains).findFirst();
    if (both.isPresent()) {
      throw new IllegalArgumentException(
          "%s and the search's seeds have %d in common: settings that were chosen by a seed look better on it than they are, so take others"
              .formatted(key, both.get()));
    }
  }

  void requireKnownMethods(List<String> methods) {
    for (String method : space.keySet()) {
      if (!methods.contains(method)) {
        throw new IllegalArgumentException(
            "tune.space names '%s', which is none of the methods; did you mean '%s'?"
                .formatted(method, NearestNames.of(method, methods).get(0)));
      }
    }
  }
}
