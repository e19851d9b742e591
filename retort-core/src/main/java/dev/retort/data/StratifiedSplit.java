package dev.retort.data;

import dev.retort.engine.RandomSource;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Sets a share of labelled images apart, the same share of each class, by chance that a seed
 * decides.
 */
final class StratifiedSplit {
  private StratifiedSplit() {}

  /**
   * The images that are set apart, in ascending order. Of a class of n images they are share · n,
   * rounded, at least one where share is positive and n at least 2, and never all of them. Images
   * without a label stay.
   *
   * @param labels of the images, or {@link Dataset#UNLABELLED}
   * @param share in [0, 1)
   * @param purpose what is set apart; validation and test images are drawn independently
   * @throws IllegalArgumentException if the share is out of range
   */
  public static int[] choose(int[] labels, double share, long seed, String purpose) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("a share must be at least 0 and below 1, not " + share);
    }
    RandomSource random = RandomSource.of(seed, purpose);
    Map<Integer, IntStream.Builder> classes = new TreeMap<>();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != Dataset.UNLABELLED) {
        classes.computeIfAbsent(labels[i], label -> IntStream.builder()).add(i);
      }
    }
    return classes.entrySet().stream()
        .flatMapToInt(
            images ->
                chosen(images.getValue().build().toArray(), share, random.at(images.getKey())))
        .sorted()
        .toArray();
  }

  private static IntStream chosen(int[] images, double share, RandomSource random) {
    int chosen = (int) Math.round(share * images.length);
    if (share > 0 && chosen == 0) {
      chosen = 1;
    }
    chosen = Math.max(0, Math.min(chosen, images.length - 1));
    return Arrays.stream(random.permutation(images.length)).limit(chosen).map(i -> images[i]);
  }
}
