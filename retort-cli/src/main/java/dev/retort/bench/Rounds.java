package dev.retort.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures workloads in turn, round after round, so that what changes on a machine over minutes
 * (its clock, its neighbours) shows in every workload's interval and cancels between them.
 */
final class Rounds {
  /** The intervals' degrees of freedom and one. */
  static final int ROUNDS = 5;

  /** What a measurement costs beside its seconds: preparation, and steps that are not counted. */
  private static final double OVERHEAD = 1.5;

  private final double seconds;
  private final Progress progress;

  /**
   * @param seconds that each workload is measured for, over all rounds
   */
  Rounds(double seconds, Progress progress) {
    this.seconds = seconds;
    this.progress = progress;
  }

  /** About how long {@link #measure} takes, in seconds. */
  double duration(int workloads) {
    return workloads * seconds * OVERHEAD;
  }

  /**
   * Measures them all. A round before the first, of one step, says how many steps fill the time.
   *
   * @return the times of a step in seconds, one a round
   */
  Map<Workload, List<Double>> measure(List<Workload> workloads) {
    List<List<Double>> times = new ArrayList<>();
    int[] steps = new int[workloads.size()];
    int done = 0;
    int total = workloads.size() * (ROUNDS + 1);
    for (int i = 0; i < steps.length; i++) {
      progress.measuring(workloads.get(i).name(), done++, total);
      double first = workloads.get(i).secondsAStep(1);
      steps[i] = Math.max(1, (int) Math.round(seconds / ROUNDS / first));
      times.add(new ArrayList<>());
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < steps.length; i++) {
        progress.measuring(workloads.get(i).name(), done++, total);
        times.get(i).add(workloads.get(i).secondsAStep(steps[i]));
      }
    }
    Map<Workload, List<Double>> byWorkload = new LinkedHashMap<>();
    for (int i = 0; i < steps.length; i++) {
      byWorkload.put(workloads.get(i), times.get(i));
    }
    return byWorkload;
  }
}
