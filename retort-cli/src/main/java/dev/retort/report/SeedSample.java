package dev.retort.report;

import java.util.List;
import java.util.stream.DoubleStream;
import org.hipparchus.distribution.continuous.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * A number measured once a seed.
 *
 * @param seeds the seeds, ascending
 * @param values one value a seed, in the same order
 */
record SeedSample(List<Long> seeds, List<Double> values) {

  SeedSample {
    if (seeds.size() != values.size()) {
      throw new IllegalArgumentException(
          seeds.size() + " seeds but " + values.size() + " values: each seed needs its own value");
    }
    seeds = List.copyOf(seeds);
    values = List.copyOf(values);
  }

  int n() {
    return values.size();
  }

  /** The mean; NaN without a value. */
  double mean() {
    return mean(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** The standard deviation with n − 1 degrees of freedom; null with fewer than two values. */
  @Nullable Double standardDeviation() {
    return n() < 2
        ? null
        : standardDeviation(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /**
   * Half the width of the mean's 95 % interval, t(0.975, n − 1)·s/√n; null with fewer than two
   * values.
   */
  @Nullable Double halfWidth95() {
    Double deviation = standardDeviation();
    return deviation == null
        ? null
        : new TDistribution(n() - 1).inverseCumulativeProbability(0.975)
            * deviation
            / Math.sqrt(n());
  }

  static double mean(double... values) {
    return DoubleStream.of(values).average().orElse(Double.NaN);
  }

  /** The standard deviation with n − 1 degrees of freedom; NaN with fewer than two values. */
  static double standardDeviation(double... values) {
    double mean = mean(values);
    double squares = DoubleStream.of(values).map(v -> (v - mean) * (v - mean)).sum();
    return values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
  }
}
