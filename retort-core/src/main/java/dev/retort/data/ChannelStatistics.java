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
}
