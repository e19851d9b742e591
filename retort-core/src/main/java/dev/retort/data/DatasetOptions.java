package dev.retort.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a user's own images become a data set.
 *
 * @param size the height and width in pixels that networks read; null for the images' own, if all
 *     have the same
 * @param resize the length that the shorter side is scaled to before the middle is cut out; null
 *     for the size itself
 * @param channels 3, or 1 for grey; null for 3, and for the channels that arrays of pixels have
 * @param validation the share of the training images that are set apart to validate, where pictures
 *     come without such a part; null for a tenth
 * @param test the share of all images that are set apart to test, likewise; 1 for all, which leaves
 *     none to train on
 * @param splitSeed decides which images are set apart
 * @param unreadable what happens if there are images that cannot be read
 * @param imageColumn the column of a table with the images; null for the only one
 * @param labelColumn the column with the classes, likewise
 * @param unlabelled a folder of pictures without labels that are trained on too; null for none
 * @param memoryGigabytes what decoded pictures may take outside Java's heap, in 10⁹ bytes; null for
 *     half of the machine's memory
 */
public record DatasetOptions(
    @Nullable Integer size,
    @Nullable Integer resize,
    @Nullable Integer channels,
    @Nullable Double validation,
    @Nullable Double test,
    long splitSeed,
    Unreadable unreadable,
    @Nullable String imageColumn,
    @Nullable String labelColumn,
    @Nullable Path unlabelled,
    @Nullable Double memoryGigabytes) {
  /** What to do about images that cannot be read. */
  public enum Unreadable {
    /** List them, and do not begin. */
    STOP,
    /** Leave them out, and warn. */
    SKIP
  }

  /** Nothing is asked for. */
  public static final DatasetOptions STANDARD =
      new DatasetOptions(null, null, null, null, null, 0, Unreadable.STOP, null, null, null, null);

  /** What is set apart to validate, or to test, where neither data nor caller say how much. */
  public static final double SHARE = 0.1;

  public DatasetOptions {
    if (size != null && (size < 1 || size > ImageShape.LARGEST_SIDE)) {
      throw new IllegalArgumentException(
          "size must be in 1 … " + ImageShape.LARGEST_SIDE + " pixels, not " + size);
    }
    if (resize != null && size == null) {
      throw new IllegalArgumentException("resize must be given together with size");
    }
    if (resize != null && size != null && (resize < size || resize > ImageShape.LARGEST_SIDE)) {
      throw new IllegalArgumentException(
          "resize must be at least size, which is %s, and at most %s, not %s"
              .formatted(size, ImageShape.LARGEST_SIDE, resize));
    }
    if (channels != null && channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels must be 1 or 3, not " + channels);
    }
    requireShare("validation", validation);
    if (test == null || test != 1) {
      requireShare("test", test);
    }
    if (memoryGigabytes != null && !(memoryGigabytes >= 0)) {
      throw new IllegalArgumentException(
          "memoryGigabytes must not be negative, but is " + memoryGigabytes);
    }
  }

  private static void requireShare(String key, @Nullable Double share) {
    if (share != null && !(share > 0 && share < 1)) {
      throw new IllegalArgumentException(key + " must be a share in (0, 1), not " + share);
    }
  }

  double validationShare() {
    return validation == null ? SHARE : validation;
  }

  /**
   * The same with a length that these options leave open, for a size that they may leave open.
   *
   * @param pixels null for none
   * @param input what a network reads; null where that is unknown
   */
  DatasetOptions withResize(@Nullable Integer pixels, @Nullable ImageShape input) {
    return resize != null || pixels == null
        ? this
        : new DatasetOptions(
            size == null && input != null ? Integer.valueOf(input.height()) : size,
            pixels,
            channels,
            validation,
            test,
            splitSeed,
            unreadable,
            imageColumn,
            labelColumn,
            unlabelled,
            memoryGigabytes);
  }

  double testShare() {
    return test == null ? SHARE : test;
  }

  /** How much of the shorter side's length the middle has that is cut out. */
  double cropShare() {
    return resize == null || size == null ? 1 : (double) size / resize;
  }

  /**
   * Pictures without labels, each decoded when it is first read, and brought to a shape as these
   * options say. Reading one that is gone or damaged is a {@link DataException}.
   */
  public Dataset pictures(List<Path> files, List<String> classes, ImageShape shape) {
    ImageFiles images = new ImageFiles(files);
    int[] labels = new int[files.size()];
    Arrays.fill(labels, Dataset.UNLABELLED);
    return new DecodedDataset(
            "pictures", classes, images, labels, List.of(images.stamp()), cropShare(), memory())
        .framed(shape);
  }

  DecodedMemory memory() {
    return memoryGigabytes == null
        ? DecodedMemory.standard()
        : new DecodedMemory((long) (memoryGigabytes * 1e9));
  }

  /**
   * Refuses what makes no difference to arrays of pixels.
   *
   * @throws IllegalArgumentException if something is asked for that only pictures in files have
   */
  void requireArrays(String data) {
    if (validation != null || test != null || splitSeed != 0) {
      throw new IllegalArgumentException(
          data
              + " always has the same parts: validation, test and splitSeed are for pictures in"
              + " files");
    }
    if (unreadable == Unreadable.SKIP && unlabelled == null) {
      throw new IllegalArgumentException(
          data + " is read whole or not at all: unreadable: skip is for pictures in files");
    }
  }

  /** Refuses columns where there is no table. */
  void requireNoColumns(String data) {
    if (imageColumn != null || labelColumn != null) {
      throw new IllegalArgumentException(
          data + " has no columns: imageColumn and labelColumn are for tables");
    }
  }
}
