package dev.retort.training;

import dev.retort.engine.Precision;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;

/**
 * How a network learns, whatever it learns from.
 *
 * @param epochs passes over the training images, each without a last batch that would not be full;
 *     at least 1
 * @param learningRate the schedule's peak; positive
 * @param schedule of the learning rate
 * @param sgd the optimiser's constants
 * @param averaging of the weights
 * @param precision of the network's forward pass
 */
public record TrainingSettings(
    int epochs,
    double learningRate,
    Schedule schedule,
    Sgd.Settings sgd,
    WeightAverage.Settings averaging,
    Precision precision) {
  public TrainingSettings {
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, not " + epochs);
    }
    if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
      throw new IllegalArgumentException("learningRate must be positive, not " + learningRate);
    }
  }
}
