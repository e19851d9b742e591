package dev.retort.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Mean and standard deviation of each channel over a training set, on the scale 0 … 1. Networks
 * read (value / 255 − mean) / standard deviation.
 */
public record ChannelStatistics(float[] mean, float[] standardDeviation) {
  /**
   * @throws IllegalArgumentException if there is not a positive standard deviation for each mean,
   *     or a mean is not in [0, 1]
   */
  public ChannelStatistics {
    mean = mean.clone();
    standardDeviation = standardDeviation.clone();
    if (mean.length != standardDeviation.length) {
      throw new IllegalArgumentException(
          mean.length + " means for " + standardDeviation.length + " standard deviations");
    }
    for (int channel = 0; channel < mean.length; channel++) {
      requireScale(mean[channel], standardDeviation[channel]);
    }
  }

  /** A copy. */
  @Override
  public float[] mean() {
    return mean.clone();
  }

  /** A copy. */
  @Override
  public float[] standardDeviation() {
    return standardDeviation.clone();
  }

  /** Those that leave values on the scale 0 … 1 as they are: mean 0, standard deviation 1. */
  public static ChannelStatistics none(int channels) {
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    return new ChannelStatistics(new float[channels], ones);
  }

  /**
   * Refuses what cannot be of values in 0 … 1.
   *
   * @throws IllegalArgumentException if it cannot
   */
  public static void requireScale(double mean, double standardDeviation) {
    if (!(mean >= 0 && mean <= 1)) {
      throw new IllegalArgumentException(
          "a channel's mean must be on the scale 0 … 1, not %s: divide those of 0 … 255 by 255"
              .formatted(mean));
    }
    if (!(standardDeviation > 0 && standardDeviation <= 1)) {
      throw new IllegalArgumentException(
          "a channel's standard deviation must be above 0 and on the scale 0 … 1, not %s: divide those of 0 … 255 by 255"
              .formatted(standardDeviation));
    }
  }

  /**
   * Those of a data set: mean and population standard deviation over all pixels of all images.
   *
   * @throws DataException if it is empty, its images differ in their number of channels, or a
   *     channel has the same value everywhere
   */
  public static ChannelStatistics of(Dataset dataset) {
    PixelView view = new PixelView();
    long[] sum = {};
    long[] squares = {};
    long pixels = 0;
    for (int i = 0; i < dataset.size(); i++) {
      dataset.read(i, view);
      if (i == 0) {
        sum = new long[view.channels()];
        squares = new long[view.channels()];
      }
      if (view.channels() != sum.length) {
        throw new DataException(
            "%s: image %d has %d channels, the first has %d"
                .formatted(dataset.name(), i, view.channels(), sum.length));
      }
      int area = view.height() * view.width();
      add(view.pixels(), view.offset(), area, sum, squares);
      pixels += area;
    }
    return of(dataset.name(), pixels, sum, squares);
  }

  /** Equal statistics have equal numbers. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChannelStatistics that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(standardDeviation, that.standardDeviation);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(standardDeviation);
  }

  @Override
  public String toString() {
    return "mean %s, standard deviation %s"
        .formatted(Arrays.toString(mean), Arrays.toString(standardDeviation));
  }

  /** Adds an image's values, and their squares, to each channel's sum. */
  static void add(byte[] values, int offset, int area, long[] sum, long[] squares) {
    for (int c = 0; c < sum.length; c++) {
      long own = 0;
      long ownSquares = 0;
      for (int i = 0; i < area; i++) {
        long value = values[offset + i * sum.length + c] & 0xff;
        own += value;
        ownSquares += value * value;
      }
      sum[c] += own;
      squares[c] += ownSquares;
    }
  }

  /**
   * Mean and population standard deviation from exact sums.
   *
   * @throws DataException if there are no pixels, or a channel has one value everywhere
   */
  static ChannelStatistics of(String name, long pixels, long[] sum, long[] squares) {
    if (pixels == 0) {
      throw new DataException(name + " has no images");
    }
    float[] mean = new float[sum.length];
    float[] deviation = new float[sum.length];
    for (int c = 0; c < sum.length; c++) {
      double average = (double) sum[c] / pixels;
      double variance = (double) squares[c] / pixels - average * average;
      if (!(variance > 1e-9)) {
        throw new DataException(name + ": channel " + c + " has the same value in every pixel");
      }
      mean[c] = (float) (average / 255);
      deviation[c] = (float) (Math.sqrt(variance) / 255);
    }
    return new ChannelStatistics(mean, deviation);
  }
}
