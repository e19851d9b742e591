package dev.retort.serving;

import java.util.List;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.stat.StatUtils;
import org.jspecify.annotations.Nullable;

/**
 * A positive quantity that was measured several times: times and their ratios vary by factors, so
 * mean and interval are those of the logarithm.
 *
 * @param value the geometric mean
 * @param low where the 95 % interval by Student's t begins; null for a single measurement
 * @param high where it ends; null likewise
 */
public record Estimate(double value, @Nullable Double low, @Nullable Double high) {
  private static final double COVERAGE = 0.95;

  /**
   * The estimate from independent measurements.
   *
   * @param measurements positive; at least one
   */
  public static Estimate of(List<Double> measurements) {
    double[] logarithms = measurements.stream().mapToDouble(Math::log).toArray();
    int n = logarithms.length;
    double mean = StatUtils.mean(logarithms);
    if (n < 2) {
      return new Estimate(Math.exp(mean), null, null);
    }
    double error = Math.sqrt(StatUtils.variance(logarithms) / n);
    double halfWidth =
        new TDistribution(n - 1).inverseCumulativeProbability((1 + COVERAGE) / 2) * error;
    return new Estimate(Math.exp(mean), Math.exp(mean - halfWidth), Math.exp(mean + halfWidth));
  }

  /**
   * How many times larger one quantity is than another, from measurements in pairs: what slowed
   * both down at the time cancels.
   */
  public static Estimate ratio(List<Double> numerators, List<Double> denominators) {
    if (numerators.size() != denominators.size()) {
      throw new IllegalArgumentException(
          numerators.size() + " measurements cannot be paired with " + denominators.size());
    }
    return of(
        IntStream.range(0, numerators.size())
            .mapToObj(i -> numerators.get(i) / denominators.get(i))
            .toList());
  }

  /** The estimate of {@code numerator / quantity}: a rate from a time. */
  public Estimate under(double numerator) {
    return new Estimate(
        numerator / value,
        high == null ? null : numerator / high,
        low == null ? null : numerator / low);
  }

  /** Half the interval's width as a share of the value; null where there is no interval. */
  public @Nullable Double spread() {
    return low == null || high == null ? null : Math.sqrt(high / low) - 1;
  }
}
