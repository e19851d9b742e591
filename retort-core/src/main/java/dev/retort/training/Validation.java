package dev.retort.training;

import dev.retort.adversary.Adversary;
import java.util.List;

/** What is measured on the validation images after each epoch. */
final class Validation implements AutoCloseable {
  private final TrainingTask task;
  private final Evaluator evaluator;

  Validation(TrainingTask task, List<Adversary> adversaries) {
    this.task = task;
    this.evaluator =
        new Evaluator(
            task.data().validation(), task.data(), task.settings().precision(), task.device());
  }

  Evaluation evaluate() {
    return evaluator.evaluate(task.student());
  }

  @Override
  public void close() {
    evaluator.close();
  }
}
