package dev.retort.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** The names of classes beside images that come with numbers only. */
public final class ClassNames {
  /** More than any data set of ours has; a guard against a file of something else. */
  private static final int MAXIMUM_BYTES = 10_000_000;

  private static final int SHOWN = 20;

  private ClassNames() {}

  /**
   * The names in a file, one a line in the order of the labels; nothing if there is no such file.
   *
   * @throws DataException if it cannot be read, or has a name twice
   */
  public static Optional<List<String>> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > MAXIMUM_BYTES) {
        throw new DataException(file + " is too large for a list of classes, one a line");
      }
      List<String> names =
          Files.readAllLines(file).stream()
              .map(line -> line.replace("\ufeff", "").strip()) // Windows begins UTF-8 with it
              .filter(line -> !line.isEmpty())
              .toList();
      requireDistinct(names, file.toString());
      return Optional.of(names);
    } catch (IllegalArgumentException e) {
      throw new DataException(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read as UTF-8, one class a line: " + e, e);
    }
  }

  /**
   * The names in a file that must be there.
   *
   * @throws DataException if it is missing or cannot be read, or has a name twice
   */
  public static List<String> of(Path file) {
    return read(file)
        .orElseThrow(() -> new DataException(file + ": no such file of classes, one a line"));
  }

  /**
   * Refuses two classes of one name, of which no result could tell.
   *
   * @param origin what has them, for the message
   * @throws IllegalArgumentException if there are such
   */
  public static void requireDistinct(List<String> classes, String origin) {
    Set<String> seen = new HashSet<>();
    for (String each : classes) {
      if (!seen.add(each)) {
        throw new IllegalArgumentException(
            "%s has the class '%s' twice; give each a name of its own".formatted(origin, each));
      }
    }
  }

  /** Names for a message: of many the first, and how many more there are. */
  public static String shown(List<String> names) {
    return names.size() <= SHOWN
        ? names.toString()
        : String.format(
            Locale.ROOT,
            "[%s … and %,d more]",
            String.join(", ", names.subList(0, SHOWN)),
            names.size() - SHOWN);
  }

  /**
   * Names as they are compared, however Unicode writes them: an ü is one character in one file, and
   * two in the name of a folder that macOS has made.
   */
  public static List<String> composed(List<String> names) {
    return names.stream().map(name -> Normalizer.normalize(name, Normalizer.Form.NFC)).toList();
  }

  /** The labels themselves: {@code 0}, {@code 1} … */
  public static List<String> numbered(int classes) {
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }
}
