package dev.retort.report;

import dev.retort.study.EpochMetrics;
import dev.retort.study.Statistics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A quantity over training: at each epoch, mean and standard deviation over the seeds that have
 * reached it.
 *
 * @param points ascending in epochs
 * @param seeds the number of seeds with any value at all
 * @param unfinished whether some of these seeds' runs have not come as far as another
 * @param interrupted whether some seed's curve ends before another's though its run does not
 */
record SeedCurve(List<Point> points, int seeds, boolean unfinished, boolean interrupted) {

  /**
   * One epoch.
   *
   * @param deviation standard deviation over the n seeds that have a value here, n − 1 degrees of
   *     freedom; 0 with one seed
   */
  record Point(int epoch, double mean, double deviation) {
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
    List<Integer> lastValues = new ArrayList<>();
    Set<Integer> lastEpochs = new HashSet<>();
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
        lastValues.add(last);
        lastEpochs.add(run.epochs().get(run.epochs().size() - 1).epoch());
      }
    }
    boolean unfinished = lastEpochs.size() > 1;
    boolean apart = lastValues.stream().distinct().count() > 1;
    return new SeedCurve(points(values), lastValues.size(), unfinished, apart && !unfinished);
  }

  /**
   * The curve of values that are at hand.
   *
   * @param values by epoch, a value a seed; each epoch has those of the same seeds
   */
  static SeedCurve ofValues(SortedMap<Integer, List<Double>> values) {
    int seeds = values.values().stream().mapToInt(List::size).max().orElse(0);
    return new SeedCurve(points(values), seeds, false, false);
  }

  private static List<Point> points(SortedMap<Integer, List<Double>> values) {
    return values.entrySet().stream().map(at -> point(at.getKey(), at.getValue())).toList();
  }

  private static Point point(int epoch, List<Double> values) {
    double mean = Objects.requireNonNull(Statistics.mean(values));
    double deviation = Objects.requireNonNullElse(Statistics.standardDeviation(values), 0.0);
    return new Point(epoch, mean, deviation);
  }

  boolean isEmpty() {
    return points.isEmpty();
  }

  /** The mean at the last epoch. */
  double last() {
    return points.get(points.size() - 1).mean();
  }
}
