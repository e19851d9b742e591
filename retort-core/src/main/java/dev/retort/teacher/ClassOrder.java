package dev.retort.teacher;

import dev.retort.weights.WeightsException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Brings a teacher's classes into the order that the data have. */
public final class ClassOrder {
  private ClassOrder() {}

  /**
   * What is wrong with a classifier that seems to have its classes in another order: some stand in
   * each other's places. Of the images that it calls the first more than half are of the second, by
   * four standard errors of a half, and so on, back to the first.
   *
   * @param confusion the numbers of images, {@code [label][decision]}
   * @param classes the data's
   */
  public static Optional<String> complaint(int[][] confusion, List<String> classes) {
    for (int first = 0; first < classes.size(); first++) {
      List<Integer> circle = new ArrayList<>();
      int at = first;
      while (at >= 0 && !circle.contains(at)) {
        circle.add(at);
        at = meant(confusion, at);
      }
      if (at == first && circle.size() > 1) {
        return Optional.of(
            "its classes seem to be in another order than the data's: most images that it calls '%s' are of '%s', and so on in a circle of %d classes; write the names of its classes to a file, one a line in the order of its logits (teacher: {classes: FILE})"
                .formatted(classes.get(first), classes.get(circle.get(1)), circle.size()));
      }
    }
    return Optional.empty();
  }

  /** The class of most of the images that are called by another's name; -1 if of none. */
  private static int meant(int[][] confusion, int decision) {
    int images =
        IntStream.range(0, confusion.length).map(label -> confusion[label][decision]).sum();
    for (int label = 0; label < confusion.length; label++) {
      if (confusion[label][decision] - images / 2.0 > 2 * Math.sqrt(images)) {
        return label;
      }
    }
    return -1;
  }

  /**
   * Where each of the data's classes stands among the logits; null where the order is the same.
   *
   * @param teacher for messages
   * @param names of the teacher's classes; empty where they are not known
   * @param logits how many classes the teacher tells apart
   * @param wanted the data's classes
   *     <p>Names are equal however Unicode writes them: an ü is one character in one file, and two
   *     in a folder's name that macOS has made.
   * @throws WeightsException if one is missing, or the numbers do not agree
   */
  static long @Nullable [] places(
      String teacher, List<String> names, int logits, List<String> wanted) {
    return placesOf(teacher, composed(names), logits, composed(wanted));
  }

  private static List<String> composed(List<String> names) {
    return names.stream().map(name -> Normalizer.normalize(name, Normalizer.Form.NFC)).toList();
  }

  private static long @Nullable [] placesOf(
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
