package dev.retort.distill;

import dev.retort.data.Dataset;
import dev.retort.engine.RandomSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Draws the images that an image is contrasted with: of other classes than its own, as far as the
 * classes are known; each image at most once, unless there are fewer than are wanted. What is drawn
 * depends on the random source, the image and the known classes alone, not on the rest of the
 * batch.
 */
final class Negatives {
  /** The most numbers that are kept of which images are of other classes: 64 MiB of them. */
  private static final int MOST_KEPT = 1 << 24;

  private static final int[] NONE = {};

  private final long[] labels;
  private final Map<Long, int[]> ofOtherClasses = new HashMap<>();
  private final int[] order;

  /**
   * Among that many images.
   *
   * @param labels of all images, {@link Dataset#UNLABELLED} where the class is not known
   */
  Negatives(long[] labels) {
    this.labels = labels;
    this.order = new int[labels.length];
  }

  /**
   * Takes in the labels of some images.
   *
   * @param images their indices
   * @param classes their labels
   */
  void learn(long[] images, long[] classes) {
    for (int i = 0; i < images.length; i++) {
      int image = Math.toIntExact(images[i]);
      if (labels[image] != classes[i]) {
        // No other class's table depends on this image.
        ofOtherClasses.remove(labels[image]);
        ofOtherClasses.remove(classes[i]);
        labels[image] = classes[i];
      }
    }
  }

  /**
   * For each image of a batch the image itself and its negatives.
   *
   * @param samples the batch's images
   * @param negatives how many for each
   * @return row-major {@code [samples, 1 + negatives]}
   */
  long[] rows(int[] samples, int negatives, RandomSource random) {
    long[] rows = new long[Math.multiplyExact(samples.length, negatives + 1)];
    int at = 0;
    for (int sample : samples) {
      int candidates = candidates(sample);
      SplittableRandom numbers = random.at(sample).random();
      rows[at++] = sample;
      if (negatives <= candidates) {
        for (int k = 0; k < negatives; k++) {
          int chosen = k + numbers.nextInt(candidates - k);
          rows[at++] = order[chosen];
          order[chosen] = order[k];
        }
      } else {
        for (int k = 0; k < negatives; k++) {
          rows[at++] = order[numbers.nextInt(candidates)];
        }
      }
    }
    return rows;
  }

  /** Puts those that an image may be contrasted with first in {@link #order}; how many they are. */
  private int candidates(int sample) {
    long label = labels[sample];
    int[] others = label == Dataset.UNLABELLED ? NONE : ofOtherClasses(label);
    if (others.length > 0) {
      System.arraycopy(others, 0, order, 0, others.length);
      return others.length;
    }
    for (int i = 0; i < labels.length - 1; i++) {
      order[i] = i < sample ? i : i + 1;
    }
    return labels.length - 1;
  }

  private int[] ofOtherClasses(long label) {
    int[] known = ofOtherClasses.get(label);
    if (known == null) {
      known = withoutClass(label);
      if ((ofOtherClasses.size() + 1L) * labels.length > MOST_KEPT) {
        ofOtherClasses.clear();
      }
      ofOtherClasses.put(label, known);
    }
    return known;
  }

  private int[] withoutClass(long label) {
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != label) {
        order[count++] = i;
      }
    }
    return Arrays.copyOf(order, count);
  }
}
