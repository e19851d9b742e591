package dev.retort.report;

import dev.retort.study.EpochMetrics;
import dev.retort.study.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A quantity over training: at each epoch, mean and standard deviation over the seeds that have
 * reached it.
 *
 * @param points ascending in epochs
 * @param seeds the number of seeds with any value at all
 * @param unfinished whether some seed's curve ends before another's
 */
record SeedCurve(List<Point> points, int seeds, boolean unfinished) {

  /**
   * One epoch.
   *
   * @param n how many seeds have a value here
   * @param deviation standard deviation over those seeds, n − 1 degrees of freedom; 0 with one seed
   */
  record Point(int epoch, int n, double mean, double deviation) {
    double low() {
      return mean - deviation;
    }

    double high() {
      return mean + deviation;
    }
  }

  /** The curve of what {@code quantity} reads in each epoch of each run; nulls are left out. */
  static SeedCurve over(List<Run> runs, Function<EpochMetrics, @Nullable Double> quantity) {
    TreeMap<Integer, List<Double>> values = new TreeMap<>();
    List<Integer> lastEpochs = new ArrayList<>();
    for (Run run : runs) {
      int last = Integer.MIN_VALUE;
      for (EpochMetrics metrics : run.epochs()) {
        Double value = quantity.apply(metrics);
        if (value != null) {
          values.computeIfAbsent(metrics.epoch(), epoch -> new ArrayList<>()).add(value);
          last = metrics.epoch();
        }
      }
      if (last != Integer.MIN_VALUE) {
        lastEpochs.add(last);
      }
    }
    List<Point> points = new ArrayList<>();
    values.forEach((epoch, atEpoch) -> points.add(point(epoch, atEpoch)));
    return new SeedCurve(
        List.copyOf(points), lastEpochs.size(), lastEpochs.stream().distinct().count() > 1);
  }

  private static Point point(int epoch, List<Double> values) {
    double mean = Objects.requireNonNull(Statistics.mean(values));
    double deviation = Objects.requireNonNullElse(Statistics.standardDeviation(values), 0.0);
    return new Point(epoch, values.size(), mean, deviation);
  }

  boolean isEmpty() {
    return points.isEmpty();
  }

  /** The mean at the last epoch. */
  double last() {
    return points.get(points.size() - 1).mean();
  }
}
