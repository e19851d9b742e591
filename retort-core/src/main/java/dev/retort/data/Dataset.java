package dev.retort.data;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Labelled images with 8 bits a channel, in a fixed order: an image's index is its identity. Safe
 * to read from many threads.
 */
public interface Dataset {
  /** The label of an image that has none. */
  int UNLABELLED = -1;

  /** What to call it in output: {@code cifar10}, {@code folder:/photos}. */
  String name();

  /**
   * SHA-256, in hexadecimal, of all that training reads from it: pixels, labels, classes, order.
   */
  String digest();

  /** The classes' names; a label is an index into this list. */
  List<String> classes();

  /** The number of images. */
  int size();

  /**
   * The class of an image, or {@link #UNLABELLED}.
   *
   * @param index 0 … size − 1
   */
  int label(int index);

  /** The indices of the images that have a label, in their order. */
  default IntStream labelled() {
    return IntStream.range(0, size()).filter(index -> label(index) != UNLABELLED);
  }

  /**
   * The images among which an image is counted as it came, before parts were set apart.
   *
   * @param of tells them from others: data sets with the same count the same images
   * @param images how many they are
   */
  record Numbering(String of, int images) {}

  /** The images that {@link #number} counts. */
  default Numbering numbering() {
    return new Numbering(digest(), size());
  }

  /**
   * An image's number among the images as they came: of a part that was set apart, its place in the
   * whole.
   *
   * @param index 0 … size − 1
   */
  default int number(int index) {
    return index;
  }

  /**
   * Points a reusable view at an image's pixels, without a copy where the pixels are in memory.
   *
   * @param index 0 … size − 1
   */
  void read(int index, PixelView into);

  /** Whether reading an image takes so long that several threads should share the work. */
  default boolean decodes() {
    return false;
  }

  /**
   * The same images, of which those that are pictures of any size are brought to a shape: scaled so
   * that they cover it, and cut in the middle. Index for index it is this data set, with its
   * digest.
   */
  default Dataset framed(ImageShape shape) {
    return this;
  }

  /**
   * The bytes of the picture's file as it is stored; nothing for images that do not come from
   * pictures.
   *
   * @throws IOException if it cannot be read
   */
  default Optional<byte[]> file(int index) throws IOException {
    return Optional.empty();
  }
}
