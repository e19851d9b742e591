package dev.retort.report;

import dev.retort.study.Statistics;
import java.util.List;
import java.util.stream.IntStream;
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

  /** This less another, over the seeds that both have. */
  List<Double> minus(SeedSample other) {
    return IntStream.range(0, n())
        .filter(i -> other.seeds.contains(seeds.get(i)))
        .mapToObj(i -> values.get(i) - other.values.get(other.seeds.indexOf(seeds.get(i))))
        .toList();
  }

  /** The mean; null without a value. */
  @Nullable Double mean() {
    return Statistics.mean(values);
  }

  /** The standard deviation with n − 1 degrees of freedom; null with fewer than two values. */
  @Nullable Double standardDeviation() {
    return Statistics.standardDeviation(values);
  }

  /**
   * Half the width of the mean's 95 % interval, t(0.975, n − 1)·s/√n; null with fewer than two
   * values, or if all are equal.
   */
  @Nullable Double halfWidth95() {
    // The interval of a mean is that of a mean difference from nothing.
    List<Double> interval = Statistics.paired(values).interval();
    return interval == null ? null : (interval.get(1) - interval.get(0)) / 2;
  }
}
