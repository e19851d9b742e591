package dev.retort.teacher;

import dev.retort.data.ClassNames;
import dev.retort.data.Dataset;
import dev.retort.weights.WeightsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Brings a teacher's classes into the order that the data have. */
public final class ClassOrder {
  private ClassOrder() {}

  /**
   * What is wrong with a classifier that seems to have its classes in another order: some stand in
   * each other's places. Of the images that it calls the first more than half are of the second, by
   * four standard errors of a half, and so on, back to the first.
   *
   * @param decisions on images, as numbers of the data's classes
   * @param labels of the same images; {@link Dataset#UNLABELLED} where unknown
   * @param classes the data's
   */
  public static Optional<String> complaint(int[] decisions, int[] labels, List<String> classes) {
    Map<Integer, Integer> meant = meant(decisions, labels);
    for (int first : meant.keySet()) {
      List<Integer> circle = new ArrayList<>();
      Integer at = first;
      while (at != null && !circle.contains(at)) {
        circle.add(at);
        at = meant.get(at);
      }
      if (circle.size() > 1 && Objects.equals(at, first)) {
        return Optional.of(
            "its classes seem to be in another order than the data's: most images that it calls '%s' are of '%s', and so on in a circle of %d classes. If its file does not record them, write their names to a file, one a line in the order of its logits (classes: FILE under teacher, or in a file for --view); else look at the data's labels"
                .formatted(classes.get(first), classes.get(circle.get(1)), circle.size()));
      }
    }
    return Optional.empty();
  }

  /** The class of most of the images that are called by a class's name, where there is one. */
  private static Map<Integer, Integer> meant(int[] decisions, int[] labels) {
    Map<Integer, Map<Integer, Integer>> images = new TreeMap<>();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != Dataset.UNLABELLED) {
        images
            .computeIfAbsent(decisions[i], first -> new HashMap<>())
            .merge(labels[i], 1, Integer::sum);
      }
    }
    Map<Integer, Integer> meant = new TreeMap<>();
    images.forEach(
        (decision, ofLabels) -> {
          int all = ofLabels.values().stream().mapToInt(Integer::intValue).sum();
          ofLabels.forEach(
              (label, some) -> {
                if (some - all / 2.0 > 2 * Math.sqrt(all)) {
                  meant.put(decision, label);
                }
              });
        });
    return meant;
  }

  /**
   * Where each of the data's classes stands among the logits; null where the order is the same.
   *
   * @param teacher for messages
   * @param given the names of the teacher's classes; empty where they are not known
   * @param logits how many classes the teacher tells apart
   * @param classes the data's classes
   * @throws WeightsException if one is missing, or the numbers do not agree
   */
  static long @Nullable [] places(
      String teacher, List<String> given, int logits, List<String> classes) {
    List<String> names = ClassNames.composed(given);
    List<String> wanted = ClassNames.composed(classes);
    if (logits == 1) {
      throw new WeightsException(
          teacher
              + ": has a single output, as of a sigmoid; export one for each class, such as [0, z] in place of z");
    }
    if (names.isEmpty()) {
      if (logits != wanted.size()) {
        throw new WeightsException(
            "%s: tells %s classes apart, and the data have %s; write its classes to a file, one a line in the order of its logits (classes: FILE under teacher, or in a file for --view)"
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
          "%s: the data's classes %s are not among its own, %s"
              .formatted(teacher, ClassNames.shown(missing), ClassNames.shown(names)));
    }
    return names.equals(wanted) ? null : wanted.stream().mapToLong(names::indexOf).toArray();
  }
}
