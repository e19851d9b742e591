package dev.retort.bench;

import dev.retort.engine.TensorScope;
import dev.retort.training.Checkpoints;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingTask;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The steps of a training as users run it: the loop of {@link Trainer} with its batches, objectives
 * and update. The ends of epochs, with their evaluation, are not counted.
 */
final class TrainingSteps implements Workload {
  private final String name;
  private final LongFunction<TrainingTask> task;
  private long trainings;

  /**
   * @param task a new training in the innermost open scope, by its number from 0. It must last
   *     longer than it is measured for
   */
  TrainingSteps(String name, LongFunction<TrainingTask> task) {
    this.name = name;
    this.task = task;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public double secondsAStep(int steps) {
    StopWatch watch = new StopWatch(steps);
    try (TensorScope scope = TensorScope.open()) {
      new Trainer(task.apply(trainings++), List.of(watch)).train(Checkpoints.none(watch.stop));
    } catch (StoppedException enough) {
      return watch.seconds / steps;
    }
    throw new IllegalStateException("the training ended before " + steps + " steps were counted");
  }

  /** Stops the training after so many steps that followed another one of the same epoch. */
  private static final class StopWatch implements TrainingListener {
    private static final double NANOSECONDS = 1e9;

    private final StopRequest stop = new StopRequest();
    private final int steps;
    private int counted;
    private double seconds;
    private int epochOfLast = -1;
    private long last;

    StopWatch(int steps) {
      this.steps = steps;
    }

    @Override
    public void afterStep(long step, int epoch) {
      long now = System.nanoTime();
      if (epoch == epochOfLast && counted < steps) {
        seconds += (now - last) / NANOSECONDS;
        counted++;
      }
      if (counted == steps) {
        stop.request();
      }
      epochOfLast = epoch;
      last = System.nanoTime();
    }
  }
}
