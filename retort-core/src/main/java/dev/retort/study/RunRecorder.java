package dev.retort.study;

import dev.retort.network.NetworkSummary;
import dev.retort.study.config.RunName;
import dev.retort.training.Evaluation;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingTask;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes a run's metrics epoch by epoch, and gathers what its result will say. */
final class RunRecorder implements TrainingListener {
  private final MetricsLog metrics;
  private final @Nullable TensorBoardEvents events;
  private final TrainingTask task;
  private final Set<String> alarms = new LinkedHashSet<>();
  private @Nullable EpochMetrics last;

  /** Decisions on the test images; {@code teacher} is null where nothing is distilled. */
  record TestDecisions(Evaluation student, @Nullable Evaluation teacher) {}

  /**
   * A recorder of a run that begins or goes on.
   *
   * @param events the same for TensorBoard; null where it is not asked for
   * @param before the epochs that the run has behind it
   */
  RunRecorder(
      MetricsLog metrics,
      @Nullable TensorBoardEvents events,
      List<EpochMetrics> before,
      TrainingTask task) {
    this.metrics = metrics;
    this.events = events;
    this.task = task;
    before.forEach(this::remember);
  }

  private void remember(EpochMetrics epoch) {
    last = epoch;
    alarms.addAll(epoch.alarms());
  }

  @Override
  public void afterEpoch(EpochResult result) {
    Map<String, Map<String, Double>> adversaries = new LinkedHashMap<>();
    result.opponents().forEach((label, meter) -> adversaries.put(label, meter.figures()));
    EpochMetrics epoch =
        new EpochMetrics(
            result.epoch(),
            result.step(),
            result.seconds(),
            result.learningRate(),
            result.trainLoss(),
            new LinkedHashMap<>(result.objectives()),
            result.validation().accuracy(),
            adversaries,
            result.alarms());
    metrics.append(epoch);
    if (events != null) {
      events.append(epoch);
    }
    remember(epoch);
  }

  /** The result of a training that has come to its end. */
  RunResult result(
      RunName run, NetworkSummary student, @Nullable TestDecisions test, String environment) {
    EpochMetrics end = last;
    if (end == null) {
      throw new IllegalStateException("the training of " + run + " has no epoch behind it");
    }
    Evaluation teacher = test == null ? null : test.teacher();
    return new RunResult(
        run.student(),
        run.method(),
        run.seed(),
        test == null ? null : test.student().accuracy(),
        test == null || teacher == null ? null : test.student().agreement(teacher),
        end.validationAccuracy(),
        end.seconds(),
        end.step() * task.plan().batchSize() / end.seconds(),
        student.parameters(),
        student.macs(),
        List.copyOf(alarms),
        environment);
  }
}
