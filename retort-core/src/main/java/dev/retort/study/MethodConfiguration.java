package dev.retort.study;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.ObjectiveSettings;
import java.util.List;

/**
 * A method: the terms of the loss. YAML: a preset's name alone, or {@code {name: …, extends:
 * PRESET, objectives: […]}}; see {@link MethodPresets}.
 *
 * @param name what the study calls it; folders of runs carry it
 * @param objectives at least one
 */
public record MethodConfiguration(
    @JsonProperty(required = true) String name,
    @JsonProperty(required = true) List<ObjectiveSettings> objectives) {
  public MethodConfiguration {
    requireFileName("name", name);
    objectives = List.copyOf(objectives);
    if (objectives.isEmpty()) {
      throw new IllegalArgumentException("objectives must have at least one entry");
    }
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
