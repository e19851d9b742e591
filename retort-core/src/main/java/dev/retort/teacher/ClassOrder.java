package dev.retort.teacher;

import dev.retort.weights.WeightsException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings a teacher's classes into the order that the data have. */
final class ClassOrder {
  private ClassOrder() {}

  /**
   * Where each of the data's classes stands among the logits; null where the order is the same.
   *
   * @param teacher for messages
   * @param names of the teacher's classes; empty where they are not known
   * @param logits how many classes the teacher tells apart
   * @param wanted the data's classes
   * @throws WeightsException if one is missing, or the numbers do not agree
   */
  static long @Nullable [] places(
      String teacher, List<String> names, int logits, List<String> wanted) {
    if (logits == 1) {
      throw new WeightsException(
          teacher
              + ": has a single output, as of a sigmoid; export one for each class, such as [0, z] in place of z");
    }
    if (names.isEmpty()) {
      if (logits != wanted.size()) {
        throw new WeightsException(
            "%s: tells %s classes apart, and the data have %s; list its classes (teacher: {classes: FILE}), one a line in the order of its logits"
                .formatted(teacher, logits, wanted.size()));
      }
      return null;
    }
    if (names.size() != logits) {
      throw new WeightsException(
          teacher + ": " + names.size() + " class names for its " + logits + " logits");
    }
    List<String> missing = wanted.stream().filter(name -> !names.contains(name)).toList();
    if (!missing.isEmpty()) {
      throw new WeightsException(
          teacher + ": the data's classes " + missing + " are not among its own, " + names);
    }
    return names.equals(wanted) ? null : wanted.stream().mapToLong(names::indexOf).toArray();
  }
}
