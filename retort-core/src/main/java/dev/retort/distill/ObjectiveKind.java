package dev.retort.distill;

import java.util.ArrayList;
import java.util.List;

/**
 * One kind of term that a configuration can name. An objective's file has its kind, and {@link
 * ObjectiveCatalog} one line that names it.
 *
 * @param name as in YAML: {@code hinton}
 * @param defaults the settings that hold when none are given; their class is the record that the
 *     YAML's keys are read into, and a key that is left out has this instance's value
 * @param description what the student learns from by the term, in a few words
 * @param paper where it comes from: authors, year and, where there is one, the equation
 * @param aliases other names that YAML may use, and that nothing is written under
 */
public record ObjectiveKind(
    String name,
    ObjectiveSettings defaults,
    String description,
    String paper,
    List<String> aliases) {
  public ObjectiveKind {
    if (!defaults.getClass().isRecord()) {
      throw new IllegalArgumentException(
          "the settings of objective " + name + " are not a record: " + defaults.getClass());
    }
    aliases = List.copyOf(aliases);
    ObjectiveKind.names(name, aliases).forEach(ObjectiveKind::requireReadable);
  }

  /** A kind that has one name. */
  public ObjectiveKind(String name, ObjectiveSettings defaults, String description, String paper) {
    this(name, defaults, description, paper, List.of());
  }

  /** Its name, then the aliases. */
  public List<String> names() {
    return names(name, aliases);
  }

  private static List<String> names(String name, List<String> aliases) {
    List<String> names = new ArrayList<>(List.of(name));
    names.addAll(aliases);
    return names;
  }

  private static void requireReadable(String name) {
    if (!name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
      throw new IllegalArgumentException(
          "an objective's name is of lower-case letters, digits and hyphens, not '" + name + "'");
    }
  }
}
