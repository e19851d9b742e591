package dev.retort.data.parquet;

import dev.retort.data.ClassNames;
import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** A row's class as its table has it. */
sealed interface ParquetLabel {
  /** A number from 0, or {@link Dataset#UNLABELLED}. */
  record Numbered(int value) implements ParquetLabel {}

  /** A name. */
  record Named(String value) implements ParquetLabel {}

  /**
   * The classes of a table that does not list them: the names that occur, or all numbers.
   *
   * @throws DataException if there are both: of which name a number is, is unknown
   */
  static List<String> classes(List<ParquetLabel> labels, Path path) {
    if (labels.stream().anyMatch(Named.class::isInstance)) {
      if (labels.stream()
          .anyMatch(
              label -> label instanceof Numbered number && number.value() != Dataset.UNLABELLED)) {
        throw new DataException(
            path
                + " has names of classes in some tables and numbers in others: write the names into classes.txt beside the tables, one a line, in the order of the numbers");
      }
      return labels.stream()
          .flatMap(label -> label instanceof Named name ? Stream.of(name.value()) : Stream.empty())
          .distinct()
          .sorted()
          .toList();
    }
    int largest =
        labels.stream()
            .mapToInt(label -> label instanceof Numbered number ? number.value() : 0)
            .max()
            .orElse(0);
    return ClassNames.numbered(largest + 1);
  }

  /**
   * Each row's index into the classes.
   *
   * @param place where a row is, for messages
   * @throws DataException if a class is none of them
   */
  static int[] indices(List<ParquetLabel> labels, List<String> classes, IntFunction<String> place) {
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < classes.size(); i++) {
      places.putIfAbsent(classes.get(i), i);
    }
    int[] indices = new int[labels.size()];
    for (int i = 0; i < indices.length; i++) {
      ParquetLabel label = labels.get(i);
      int index =
          label instanceof Named name
              ? places.getOrDefault(name.value(), -1)
              : ((Numbered) label).value();
      boolean named = label instanceof Named;
      if (index >= classes.size() || (named && index < 0)) {
        throw new DataException(
            "%s is of class %s, which is none of %s"
                .formatted(
                    place.apply(i),
                    label instanceof Named name ? name.value() : index,
                    ClassNames.shown(classes)));
      }
      indices[i] = index;
    }
    return indices;
  }
}
