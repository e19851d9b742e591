package dev.retort.distill;

import dev.retort.data.Dataset;
import dev.retort.engine.ParallelLoop;
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

  /**
   * Among that many images.
   *
   * @param labels of all images, {@link Dataset#UNLABELLED} where the class is not known
   */
  Negatives(long[] labels) {
    this.labels = labels;
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
    ParallelLoop.run(
        samples.length,
        i ->
            draw(
                samples[i],
                random.at(samples[i]).random(),
                rows,
                i * (negatives + 1),
                (i + 1) * (negatives + 1)));
    return rows;
  }

  /** Fills a row, from one place to another. */
  private void draw(int sample, SplittableRandom numbers, long[] rows, int from, int to) {
    int[] others = ofOtherClasses(labels[sample]);
    int[] order = others.length > 0 ? others.clone() : allBut(sample);
    int candidates = order.length;
    int negatives = to - from - 1;
    rows[from] = sample;
    for (int k = 0; k < negatives; k++) {
      if (negatives <= candidates) {
        int chosen = k + numbers.nextInt(candidates - k);
        rows[from + 1 + k] = order[chosen];
        order[chosen] = order[k];
      } else {
        rows[from + 1 + k] = order[numbers.nextInt(candidates)];
      }
    }
  }

  private int[] allBut(int sample) {
    int[] others = new int[labels.length - 1];
    for (int i = 0; i < others.length; i++) {
      others[i] = i < sample ? i : i + 1;
    }
    return others;
  }

  private synchronized int[] ofOtherClasses(long label) {
    if (label == Dataset.UNLABELLED) {
      return NONE;
    }
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
    int[] others = new int[labels.length];
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != label) {
        others[count++] = i;
      }
    }
    return Arrays.copyOf(others, count);
  }
}
