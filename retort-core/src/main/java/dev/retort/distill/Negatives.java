package dev.retort.distill;

import dev.retort.data.Dataset;
import dev.retort.engine.RandomSource;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Draws the images that an image is contrasted with: of other classes than its own, as far as the
 * classes are known; each image at most once, unless there are fewer than are wanted. What is drawn
 * depends on the random source, the image and the known classes alone, not on the rest of the
 * batch.
 */
final class Negatives {
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
      int[] candidates = candidates(sample);
      SplittableRandom numbers = random.at(sample).random();
      rows[at++] = sample;
      boolean once = negatives <= candidates.length;
      for (int k = 0; k < negatives; k++) {
        int first = once ? k : 0;
        int chosen = first + numbers.nextInt(candidates.length - first);
        rows[at++] = candidates[chosen];
        if (once) {
          candidates[chosen] = candidates[k];
        }
      }
    }
    return rows;
  }

  /** A fresh array of those that an image may be contrasted with. */
  private int[] candidates(int sample) {
    long label = labels[sample];
    if (label != Dataset.UNLABELLED) {
      int[] others = ofOtherClasses.computeIfAbsent(label, this::withoutClass);
      if (others.length > 0) {
        return others.clone();
      }
    }
    return IntStream.range(0, labels.length).filter(i -> i != sample).toArray();
  }

  private int[] withoutClass(long label) {
    return IntStream.range(0, labels.length).filter(i -> labels[i] != label).toArray();
  }
}
