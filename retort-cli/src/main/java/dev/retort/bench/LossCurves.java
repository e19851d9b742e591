package dev.retort.bench;

import java.util.ArrayList;
import java.util.List;
import org.hipparchus.stat.StatUtils;
import org.hipparchus.stat.inference.TTest;

/**
 * The mean losses of a program's first epochs, of several trainings from different seeds.
 *
 * @param trainings each a list of the same length, first epoch first
 */
record LossCurves(List<List<Double>> trainings) {
  /** Over all epochs together. */
  private static final double LEVEL = 0.01;

  LossCurves {
    trainings = List.copyOf(trainings);
  }

  /** The curves that are long enough, cut to a number of epochs. */
  static LossCurves of(List<List<Double>> trainings, int epochs) {
    return new LossCurves(
        trainings.stream()
            .filter(curve -> curve.size() >= epochs)
            .map(curve -> List.copyOf(curve.subList(0, epochs)))
            .toList());
  }

  /** The mean over trainings of each epoch's loss. */
  List<Double> means() {
    List<Double> means = new ArrayList<>();
    for (int epoch = 0; epoch < trainings.get(0).size(); epoch++) {
      means.add(StatUtils.mean(epoch(epoch)));
    }
    return means;
  }

  /** Whether the last epoch's loss is below the first's. */
  boolean learns() {
    List<Double> means = means();
    return means.get(means.size() - 1) < means.get(0);
  }

  /**
   * Whether the other's curves may be of the same training: no epoch's losses differ by Welch's t
   * test, at level 0.01 over all epochs (Bonferroni).
   */
  boolean equalsWithinNoise(LossCurves other) {
    int epochs = trainings.get(0).size();
    for (int epoch = 0; epoch < epochs; epoch++) {
      if (new TTest().tTest(epoch(epoch), other.epoch(epoch)) < LEVEL / epochs) {
        return false;
      }
    }
    return true;
  }

  private double[] epoch(int epoch) {
    return trainings.stream().mapToDouble(curve -> curve.get(epoch)).toArray();
  }
}
