package dev.retort.study;

import dev.retort.data.Splits;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.training.Checkpoints;
import dev.retort.training.DivergedException;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingTask;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rank other than the first: trains what the first one's {@link StudyRunner} says, and writes
 * nothing.
 */
final class StudyFollower implements AutoCloseable {
  /** What the first rank sends in the place of a run's number. */
  static final long NO_MORE_RUNS = -1;

  private static final Logger LOG = LoggerFactory.getLogger(StudyFollower.class);

  private final StudyConfiguration study;
  private final Execution execution;
  private final StudyTraining training;

  /**
   * Opens the teacher.
   *
   * @throws ConfigurationException if a method cannot be had with these networks
   * @throws StudyRecordException if ranks differ in data, teacher or configuration
   */
  StudyFollower(StudyConfiguration study, Splits data, Execution execution) {
    this.study = study;
    this.execution = execution;
    Precision precision = study.training().precision().resolve(execution.device());
    this.training = new StudyTraining(study, precision, data, execution);
  }

  /**
   * Takes part in every run until there are no more. All ranks leave a run that diverges at the
   * same step; the first one records it.
   *
   * @throws dev.retort.training.StoppedException on request, when the first rank has saved
   */
  void run() {
    for (long run = next(); run != NO_MORE_RUNS; run = next()) {
      try (TensorScope ofRun = TensorScope.open()) {
        TrainingTask task = training.task(study.runs().get(Math.toIntExact(run)));
        new Trainer(task, List.of()).train(Checkpoints.none(execution.stop()));
        execution.stop().throwIfRequested();
        training.test(task);
      } catch (DivergedException e) {
        LOG.debug("run {} diverged", run, e);
        execution.stop().throwIfRequested();
      }
    }
    StudyTeacher teacher = training.teacher();
    if (teacher != null && study.test()) {
      teacher.onTest();
    }
  }

  private long next() {
    return execution.ranks().broadcast(NO_MORE_RUNS);
  }

  @Override
  public void close() {
    training.close();
  }
}
