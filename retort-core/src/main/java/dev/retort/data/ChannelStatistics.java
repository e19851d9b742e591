package dev.retort.data;

/**
 * Mean and standard deviation of each channel over a training set, on the scale 0 … 1. Networks
 * read (value / 255 − mean) / standard deviation.
 */
public record ChannelStatistics(float[] mean, float[] standardDeviation) {
  public ChannelStatistics {
    if (mean.length != standardDeviation.length) {
      throw new IllegalArgumentException(
          mean.length + " means for " + standardDeviation.length + " standard deviations");
    }
    for (float deviation : standardDeviation) {
      if (!(deviation > 0)) {
        throw new IllegalArgumentException(
            "a channel's standard deviation must be positive, not " + deviation);
      }
    }
  }

  /**
   * Those of a data set: mean and population standard deviation over all pixels of all images, from
   * exact counts of each value.
   *
   * @throws DataException if it is empty, its images differ in their number of channels, or a
   *     channel has the same value everywhere
   */
  public static ChannelStatistics of(Dataset dataset) {
    if (dataset.size() == 0) {
      throw new DataException(dataset.name() + " has no images");
    }
    PixelView view = new PixelView();
    dataset.read(0, view);
    int channels = view.channels();
    long[][] counts = new long[channels][256];
    for (int i = 0; i < dataset.size(); i++) {
      dataset.read(i, view);
      if (view.channels() != channels) {
        throw new DataException(
            dataset.name()
                + ": image "
                + i
                + " has "
                + view.channels()
                + " channels, the first has "
                + channels);
      }
      count(view, counts);
    }
    float[] mean = new float[channels];
    float[] deviation = new float[channels];
    for (int c = 0; c < channels; c++) {
      long n = 0;
      long sum = 0;
      for (int value = 0; value < 256; value++) {
        n += counts[c][value];
        sum += value * counts[c][value];
      }
      double average = (double) sum / n;
      double variance = 0;
      for (int value = 0; value < 256; value++) {
        variance += counts[c][value] * (value - average) * (value - average) / n;
      }
      if (variance == 0) {
        throw new DataException(
            dataset.name() + ": channel " + c + " has the same value in every pixel");
      }
      mean[c] = (float) (average / 255);
      deviation[c] = (float) (Math.sqrt(variance) / 255);
    }
    return new ChannelStatistics(mean, deviation);
  }

  private static void count(PixelView view, long[][] counts) {
    byte[] pixels = view.pixels();
    int channels = view.channels();
    int end = view.offset() + view.height() * view.width() * channels;
    for (int c = 0; c < channels; c++) {
      long[] ofChannel = counts[c];
      for (int i = view.offset() + c; i < end; i += channels) {
        ofChannel[pixels[i] & 0xff]++;
      }
    }
  }
}
