package dev.retort.training;

import dev.retort.distill.Meter;
import java.util.List;
import java.util.Map;

/**
 * Hears of a training's progress, on the thread that trains; the seam for progress bars and metrics
 * files. The training waits for it: the time that {@link #afterStep} takes is in the run's seconds.
 * An exception ends the training, at its latest checkpoint.
 */
public interface TrainingListener {
  /**
   * The training begins, or goes on.
   *
   * @param epochs in all
   * @param stepsPerEpoch of every epoch
   * @param batchSize images a step
   * @param stepsDone how many steps lie behind it: 0 unless it resumes
   */
  default void begins(int epochs, int stepsPerEpoch, int batchSize, long stepsDone) {}

  /**
   * A step is done.
   *
   * @param step its number in the whole training, from 0
   * @param epoch its epoch, from 0
   */
  default void afterStep(long step, int epoch) {}

  /** An epoch is done and the validation images have been classified. */
  default void afterEpoch(EpochResult result) {}

  /**
   * An epoch's figures.
   *
   * @param epoch from 1
   * @param step the number of steps done since the training began
   * @param seconds of training since the training began, without evaluation and checkpoints
   * @param images seen in this epoch
   * @param epochSeconds of training in this epoch
   * @param learningRate of the last step
   * @param trainLoss the mean of the summed loss over the epoch
   * @param objectives each objective's unweighted mean over the epoch, by name
   * @param validation the decisions on the validation images
   * @param opponents what the objectives' opponents came to on the validation images, by label
   * @param alarms what is wrong, in sentences
   */
  record EpochResult(
      int epoch,
      long step,
      double seconds,
      int images,
      double epochSeconds,
      double learningRate,
      double trainLoss,
      Map<String, Double> objectives,
      Evaluation validation,
      Map<String, Meter> opponents,
      List<String> alarms) {}
}
