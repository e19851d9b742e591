package dev.retort.bench;

import dev.retort.serving.Estimate;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What was measured.
 *
 * @param times of a step in seconds, one a round, by workload
 */
record Measured(Map<Workload, List<Double>> times) {
  private List<Double> of(Workload workload) {
    return Objects.requireNonNull(times.get(workload), workload.name());
  }

  /** A step's time in seconds. */
  Estimate time(Workload workload) {
    return Estimate.of(of(workload));
  }

  /** What is done a second, where a step does so much. */
  Estimate rate(Workload workload, double aStep) {
    return time(workload).under(aStep);
  }

  /** Images a second of a step of a whole batch. */
  Estimate imagesPerSecond(Workload workload) {
    return rate(workload, BenchmarkData.BATCH_SIZE);
  }

  /** The time of one over that of the other. */
  Estimate ratio(Workload numerator, Workload denominator) {
    return Estimate.ratio(of(numerator), of(denominator));
  }
}
