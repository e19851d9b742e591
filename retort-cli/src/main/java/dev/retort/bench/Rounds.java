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

  /** Of a round, however long they take. */
  private static final int LEAST_STEPS = 2;

  /** A trial plans a round of so many times its own steps, at most. */
  private static final int REACH = 10;

  private static final double NANOSECONDS = 1e9;

  private final double seconds;
  private final Progress progress;

  /**
   * @param seconds that each workload is measured for, over all rounds
   */
  Rounds(double seconds, Progress progress) {
    this.seconds = seconds;
    this.progress = progress;
  }

  /**
   * Measures them all. A round before the first says how many steps fill the time, and how long all
   * take.
   *
   * @param afterwards seconds of what the caller does after them, for the announcement
   * @return the times of a step in seconds, one a round
   */
  Map<Workload, List<Double>> measure(List<Workload> workloads, double afterwards) {
    List<List<Double>> times = new ArrayList<>();
    int[] steps = new int[workloads.size()];
    double oneRound = 0;
    for (int i = 0; i < steps.length; i++) {
      progress.trying(workloads.get(i).name(), i, steps.length);
      Trial trial = tried(workloads.get(i));
      steps[i] = trial.steps;
      oneRound += trial.seconds;
      times.add(new ArrayList<>());
    }
    progress.begins(steps.length, ROUNDS * oneRound + afterwards);
    int done = 0;
    int total = steps.length * ROUNDS;
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

  /**
   * Steps that fill a workload's share of a round, and what a round of it takes with its beginning.
   */
  private record Trial(int steps, double seconds) {}

  /** Tries one step, then ever more while they are too short to plan by. */
  private Trial tried(Workload workload) {
    double share = seconds / ROUNDS;
    int steps = 1;
    while (true) {
      long start = System.nanoTime();
      double step = workload.secondsAStep(steps);
      double whole = (System.nanoTime() - start) / NANOSECONDS;
      int needed =
          Math.max(LEAST_STEPS, (int) Math.min(Integer.MAX_VALUE, Math.round(share / step)));
      if (needed <= REACH * steps) {
        return new Trial(needed, whole + (needed - steps) * step);
      }
      steps *= REACH;
    }
  }
}
