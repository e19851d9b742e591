package dev.retort.distill;

import com.fasterxml.jackson.annotation.JsonCreator;

/**
 * A layer of the teacher and the layer of the student that is compared with it. YAML: {@code
 * stage:3} where both have the same name, else {@code {teacher: LAYER, student: LAYER}}.
 *
 * @param teacher the name of a representation, as in {@link dev.retort.network.Activations#get}
 * @param student likewise
 */
public record LayerPair(String teacher, String student) {
  @JsonCreator
  public LayerPair {
    if (teacher == null || student == null || teacher.isBlank() || student.isBlank()) {
      throw new IllegalArgumentException(
          "a pair of layers is a name, or {teacher: LAYER, student: LAYER}");
    }
  }

  /** The layer of that name in both networks. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static LayerPair of(String layer) {
    return new LayerPair(layer, layer);
  }

  /**
   * Checks that both networks have it.
   *
   * @throws IllegalArgumentException if not, with the names that they have
   */
  void requireIn(Pairing pairing) {
    pairing.teacherShape(teacher);
    pairing.studentShape(student);
  }

  /** The one name, or both with a slash between them, the teacher's first. */
  @Override
  public String toString() {
    return teacher.equals(student) ? teacher : teacher + "/" + student;
  }
}
