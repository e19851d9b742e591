package dev.retort.data;

import java.util.List;
import java.util.SplittableRandom;

/**
 * A random part of a picture, scaled to the size that the network reads (Szegedy et al. 2015, Going
 * Deeper with Convolutions): its share of the picture's area is uniform in a range, the logarithm
 * of its width over its height too, and so is its place. After ten tries that do not fit, it is the
 * largest part in the middle whose proportions are in range, as in torchvision.
 *
 * @param area the smallest and the largest share, in (0, 1]
 * @param ratio the smallest and the largest width over height, before scaling
 */
public record RandomResizedCrop(List<Double> area, List<Double> ratio) {
  private static final int TRIES = 10;

  /** The literature's for ImageNet. */
  public static final RandomResizedCrop STANDARD =
      new RandomResizedCrop(List.of(0.08, 1.0), List.of(3.0 / 4, 4.0 / 3));

  public RandomResizedCrop {
    area = List.copyOf(area);
    ratio = List.copyOf(ratio);
    if (area.size() != 2 || !(area.get(0) > 0 && area.get(0) <= area.get(1) && area.get(1) <= 1)) {
      throw new IllegalArgumentException(
          "area must be two shares in (0, 1], the smaller first, not " + area);
    }
    if (ratio.size() != 2 || !(ratio.get(0) > 0 && ratio.get(0) <= ratio.get(1))) {
      throw new IllegalArgumentException(
          "ratio must be two positive numbers, the smaller first, not " + ratio);
    }
  }

  /** A part of a picture, in pixels. */
  record Box(int top, int left, int height, int width) {}

  /** Chooses a part of a picture of {@code height} by {@code width} pixels. */
  Box choose(int height, int width, SplittableRandom random) {
    for (int i = 0; i < TRIES; i++) {
      double pixels = (double) height * width * uniform(area.get(0), area.get(1), random);
      double proportions =
          Math.exp(uniform(Math.log(ratio.get(0)), Math.log(ratio.get(1)), random));
      int wide = (int) Math.round(Math.sqrt(pixels * proportions));
      int high = (int) Math.round(Math.sqrt(pixels / proportions));
      if (wide > 0 && wide <= width && high > 0 && high <= height) {
        int top = random.nextInt(height - high + 1);
        int left = random.nextInt(width - wide + 1);
        return new Box(top, left, high, wide);
      }
    }
    double own = (double) width / height;
    int wide = own > ratio.get(1) ? (int) Math.round(height * ratio.get(1)) : width;
    int high = own < ratio.get(0) ? (int) Math.round(width / ratio.get(0)) : height;
    return new Box((height - high) / 2, (width - wide) / 2, high, wide);
  }

  private static double uniform(double from, double to, SplittableRandom random) {
    return from + (to - from) * random.nextDouble();
  }
}
