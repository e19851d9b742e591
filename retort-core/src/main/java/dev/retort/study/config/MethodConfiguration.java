package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.ObjectiveSettings;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A method: the terms of the loss. YAML: a preset's name alone, or {@code {name: …, extends:
 * PRESET, objectives: […], seeds: […], budget: …}}; see {@link MethodPresets}.
 *
 * @param name the name in the study, which the folders of its runs carry; required
 * @param objectives the terms of the loss, at least one, each a name or a name with settings;
 *     required
 * @param seeds of its runs; null for those of the study
 * @param budget what the tuning of its settings cost; null for unknown
 */
public record MethodConfiguration(
    @JsonProperty(required = true) String name,
    @JsonProperty(required = true) List<ObjectiveSettings> objectives,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Long> seeds,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TuningBudget budget) {
  public MethodConfiguration {
    requireFileName("name", name);
    objectives = List.copyOf(objectives);
    if (objectives.isEmpty()) {
      throw new IllegalArgumentException("objectives must have at least one entry");
    }
    if (seeds != null) {
      seeds = requireSeeds(seeds);
    }
  }

  /** A method with the study's seeds. */
  public MethodConfiguration(String name, List<ObjectiveSettings> objectives) {
    this(name, objectives, null, null);
  }

  /** The seeds of its runs in a study with these. */
  List<Long> seeds(List<Long> ofStudy) {
    return seeds == null ? ofStudy : seeds;
  }

  /** At least one seed, none twice. */
  static List<Long> requireSeeds(List<Long> seeds) {
    if (seeds.isEmpty()) {
      throw new IllegalArgumentException("seeds must have at least one entry");
    }
    if (new HashSet<>(seeds).size() < seeds.size()) {
      throw new IllegalArgumentException("seeds must differ, but are " + seeds);
    }
    return List.copyOf(seeds);
  }

  /** The method that has a term alone, with its defaults. */
  public static MethodConfiguration of(ObjectiveKind kind) {
    return new MethodConfiguration(kind.name(), List.of(kind.defaults()));
  }

  static void requireFileName(String key, String name) {
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.+-]*")) {
      throw new IllegalArgumentException(
          key
              + " becomes part of a folder's name: letters, digits and _ . + - only, not '"
              + name
              + "'");
    }
  }
}
