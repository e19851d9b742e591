package dev.retort.data;

import java.util.List;

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

  /**
   * Points a reusable view at an image's pixels, without a copy where the pixels are in memory.
   *
   * @param index 0 … size − 1
   */
  void read(int index, PixelView into);
}
