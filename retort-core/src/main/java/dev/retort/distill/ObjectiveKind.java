package dev.retort.distill;

/**
 * One kind of term that a configuration can name.
 *
 * @param name as in YAML: {@code hinton}
 * @param defaults the settings that hold when none are given; their class is the record that the
 *     YAML's keys are read into
 * @param description what the term asks of the student, in a few words
 * @param paper where it comes from: authors, year and, where there is one, the equation
 */
public record ObjectiveKind(
    String name, ObjectiveSettings defaults, String description, String paper) {
  public ObjectiveKind {
    if (!name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
      throw new IllegalArgumentException(
          "an objective's name is of lower-case letters, digits and hyphens, not '" + name + "'");
    }
    if (!defaults.getClass().isRecord()) {
      throw new IllegalArgumentException(
          "the settings of objective " + name + " are not a record: " + defaults.getClass());
    }
  }
}
