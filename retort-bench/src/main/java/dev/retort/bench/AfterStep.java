package dev.retort.bench;

import dev.retort.training.TrainingListener;

/**
 * Does something after one step of a training.
 *
 * @param step the step's number in the whole training, from 0
 * @param action what is done
 */
public record AfterStep(long step, Runnable action) implements TrainingListener {
  @Override
  public void afterStep(long number, int epoch) {
    if (number == step) {
      action.run();
    }
  }
}
