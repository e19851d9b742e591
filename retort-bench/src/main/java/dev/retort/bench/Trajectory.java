package dev.retort.bench;

import java.util.List;

/**
 * The loss of each step of one training, first step first. Two programs that start from the same
 * weights and see the same batches in the same order have the same trajectory up to rounding.
 *
 * @param losses at least {@link #ENDS} of them
 */
record Trajectory(List<Double> losses) {
  /** The steps at either end that tell whether the loss falls. */
  static final int ENDS = 5;

  Trajectory {
    losses = List.copyOf(losses);
    if (losses.size() < ENDS) {
      throw new IllegalArgumentException(
          "a trajectory has at least %d steps, not %d".formatted(ENDS, losses.size()));
    }
  }

  /**
   * The largest difference that a step's loss has from another program's, as a share of the other
   * program's loss; not a number where one of them is none, or where there are not as many.
   */
  double difference(Trajectory reference) {
    if (losses.size() != reference.losses.size()) {
      return Double.NaN;
    }
    double largest = 0;
    for (int step = 0; step < losses.size(); step++) {
      double difference = Math.abs(losses.get(step) / reference.losses.get(step) - 1);
      largest = Math.max(largest, difference);
    }
    return largest;
  }

  /** Whether the last steps' mean loss is below the first ones'. */
  boolean falls() {
    int steps = losses.size();
    return mean(losses.subList(steps - ENDS, steps)) < mean(losses.subList(0, ENDS));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
