package dev.retort.study;

import dev.retort.engine.Precision;
import dev.retort.study.config.RunName;
import dev.retort.training.TrainingListener;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/**
 * Hears of a study's progress, on the thread that called it unless a method says otherwise. An
 * exception ends the study; {@code resume} goes on with it.
 */
public interface StudyListener {
  /**
   * Pictures that were not seen before are looked at, which takes long; heard after each of them,
   * on several threads.
   *
   * @param data the name of the data set
   * @param done pictures that were looked at
   * @param total of them
   */
  default void looksAtImages(String data, int done, int total) {}

  /**
   * A study goes on with other threads than this process had, since the last bits depend on them.
   *
   * @param threads that an operation had when the study was begun
   */
  default void threadsAsBegun(int threads) {}

  /**
   * A study goes on in another precision than {@code auto} is here: in that in which it was begun.
   */
  default void precisionAsBegun(Precision precision) {}

  /**
   * The teacher begins to classify the validation images, which may take long.
   *
   * @param teacher its name
   */
  default void teacherClassifies(String teacher, int images) {}

  /** The teacher is loaded, and this is what its cache will take. */
  default void teacherCache(CachePlan plan) {}

  /** The teacher has classified the validation images. */
  default void teacherLoaded(TeacherRecord teacher) {}

  /**
   * A student does not start from random weights.
   *
   * @param report what came from where, in one sentence
   */
  default void studentStarts(String student, String report) {}

  /**
   * A run begins.
   *
   * @param number of the run among those of this study, from 1
   * @param runs how many there are
   * @param epochs that it will take
   * @return the listener of its training
   */
  default TrainingListener runBegins(RunName run, int number, int runs, int epochs) {
    return new TrainingListener() {};
  }

  /** A run was done before, and is not done again. */
  default void runWasDone(RunResult result) {}

  /** A run has diverged, and the study goes on with the next one. */
  default void runDiverged(Divergence divergence) {}

  /** A run is done. */
  default void runEnds(RunResult result) {}

  /** A measurement waits until other processes leave the machine alone, for so long at most. */
  default void awaitsQuiet(Duration most) {}

  /**
   * What models cost to serve is being measured.
   *
   * @param done of that many steps
   */
  default void measuresServing(int done, int total) {}

  /**
   * What models cost to serve is not measured, or the measurement failed. Unless a listener
   * overrides this, it is a warning in the log.
   *
   * @param why in a sentence
   */
  default void servingSkipped(String why) {
    LoggerFactory.getLogger(StudyListener.class).warn(why);
  }

  /** What models cost to serve has been measured. */
  default void servingMeasured(ServingRecord serving) {}
}
