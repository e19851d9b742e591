package dev.retort.shrink;

import org.jspecify.annotations.Nullable;

/**
 * What a student may cost to serve.
 *
 * @param p50 the median time of one image in seconds, positive and finite: the network alone, in
 *     fp32, on one thread
 * @param bytes of its file, at least 1; null for any number
 */
public record Budget(double p50, @Nullable Long bytes) {
  public Budget {
    if (!(p50 > 0 && Double.isFinite(p50))) {
      throw new IllegalArgumentException("p50 must be positive and finite, not " + p50);
    }
    if (bytes != null && bytes < 1) {
      throw new IllegalArgumentException("bytes must be at least 1, not " + bytes);
    }
  }

  /** The limits, in a phrase. */
  @Override
  public String toString() {
    return "a p50 of at most "
        + Quantities.time(p50)
        + (bytes == null ? "" : " and a file of at most " + Quantities.size(bytes));
  }

  /** Whether costs are within the budget. */
  boolean allows(double time, long size) {
    return excess(time, size) <= 1;
  }

  /** The larger of the two costs, each as a multiple of its limit. */
  double excess(double time, long size) {
    double ofTime = time / p50;
    return bytes == null ? ofTime : Math.max(ofTime, (double) size / bytes);
  }
}
