package dev.retort.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Pictures as they were found, before any is decoded: what a folder or a table has in common.
 *
 * @param name what DATA was called
 * @param classes the classes' names
 * @param images the pictures
 * @param labels one for each picture, an index into the classes or {@link Dataset#UNLABELLED}
 * @param parts which part each belongs to; a part to validate or to test on that none belongs to is
 *     set apart from those that train
 * @param warnings of what was not taken for a picture, a sentence each
 */
public record FoundImages(
    String name,
    List<String> classes,
    EncodedImages images,
    int[] labels,
    List<Part> parts,
    List<String> warnings)
    implements DatasetProvider.Images {
  /**
   * What Windows, macOS and network drives leave in folders of pictures; {@code @eaDir} has a
   * thumbnail of each, which would be one more picture of its class.
   */
  private static final Set<String> HIDDEN =
      Set.of(
          "thumbs.db",
          "desktop.ini",
          "$recycle.bin",
          "__macosx",
          "@eadir",
          "#recycle",
          "#snapshot",
          "~snapshot");

  /** What images are for. */
  public enum Part {
    TRAIN,
    VALIDATION,
    TEST
  }

  /**
   * @throws IllegalArgumentException if there is not a label and a part for each picture, a label
   *     is out of range, or two classes have one name
   */
  public FoundImages {
    ClassNames.requireDistinct(classes, name);
    if (labels.length != images.size() || parts.size() != images.size()) {
      throw new IllegalArgumentException(
          "%s: %d pictures with %d labels, in %d parts"
              .formatted(name, images.size(), labels.length, parts.size()));
    }
    for (int label : labels) {
      if (label < Dataset.UNLABELLED || label >= classes.size()) {
        throw new IllegalArgumentException(
            "%s: label %d of %d classes".formatted(name, label, classes.size()));
      }
    }
    classes = List.copyOf(classes);
    labels = labels.clone();
    parts = List.copyOf(parts);
    warnings = List.copyOf(warnings);
  }

  /** Whether a step of a path is hidden: no picture or table is looked for there. */
  public static boolean isHidden(Path path) {
    for (Path step : path) {
      String name = step.toString().toLowerCase(Locale.ROOT);
      if (name.startsWith(".") || HIDDEN.contains(name)) {
        return true;
      }
    }
    return false;
  }
}
