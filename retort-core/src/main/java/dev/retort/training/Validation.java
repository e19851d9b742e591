package dev.retort.training;

import dev.retort.adversary.Adversary;
import dev.retort.adversary.HealthMeter;
import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.network.Activations;
import dev.retort.teacher.Teacher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is measured on the validation images after each epoch: the student's decisions, and the
 * discriminators' judgement.
 */
final class Validation implements AutoCloseable {
  private final TrainingTask task;
  private final List<Adversary> adversaries;
  private final Evaluator evaluator;
  private final boolean readsSecondView;
  private final boolean judged;
  private final Set<String> studentTaps;
  private final Set<String> teacherTaps;

  /** The figures of one epoch; {@code health} by the discriminators' labels. */
  record Result(Evaluation evaluation, Map<String, HealthMeter> health) {
    /** What is wrong with the discriminators, in sentences. */
    List<String> alarms() {
      return health.values().stream().flatMap(meter -> meter.alarms().stream()).toList();
    }
  }

  /**
   * @param stop ends a measurement between two batches
   */
  Validation(TrainingTask task, List<Adversary> adversaries, StopRequest stop) {
    this.task = task;
    this.adversaries = adversaries;
    this.evaluator =
        new Evaluator(
            task.data().validation(),
            task.data(),
            task.plan().augmentation(),
            task.settings().precision(),
            task.device(),
            stop,
            task.collective());
    this.readsSecondView = adversaries.stream().anyMatch(Objective::readsSecondView);
    this.judged = !adversaries.isEmpty() && teacherKnows();
    this.studentTaps = union(adversaries.stream().map(Objective::studentTaps).toList());
    this.teacherTaps = union(adversaries.stream().map(Objective::teacherTaps).toList());
  }

  /** A teacher whose outputs were recorded may know nothing of the validation images. */
  private boolean teacherKnows() {
    Teacher teacher = task.teacher();
    Dataset images = task.data().validation();
    return teacher == null
        || (teacher.knows(images, Augmentation.NONE)
            && (!readsSecondView || teacher.knows(images, task.plan().augmentation())));
  }

  private static Set<String> union(List<Set<String>> sets) {
    return sets.stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Measures the student as it is; {@code step} numbers the random draws of noisy representations.
   */
  Result measure(long step, double progress) {
    Map<String, HealthMeter> health = new LinkedHashMap<>();
    if (judged) {
      adversaries.forEach(adversary -> health.put(adversary.label(), adversary.meter()));
    }
    Evaluation evaluation =
        evaluator.evaluate(
            task.student(),
            studentTaps,
            (batch, student) -> judge(batch, student, step, progress, health));
    health.values().forEach(meter -> meter.takeInOthers(task.collective()));
    return new Result(evaluation, health);
  }

  private void judge(
      Batch batch,
      Activations student,
      long number,
      double progress,
      Map<String, HealthMeter> health) {
    if (!judged) {
      return;
    }
    Activations teacher = teacher(batch);
    Activations secondView = readsSecondView ? teacher(evaluator.otherView(batch)) : null;
    RandomSource random =
        RandomSource.of(task.plan().seed(), "validation").at(number).at(batch.samples()[0]);
    Step step = new Step(batch, student, teacher, secondView, number, progress, random);
    for (Adversary adversary : adversaries) {
      HealthMeter meter = health.get(adversary.label());
      if (meter != null) {
        adversary.measure(step, meter);
      }
    }
  }

  private @Nullable Activations teacher(Batch batch) {
    Teacher teacher = task.teacher();
    return teacher == null ? null : teacher.activations(batch, teacherTaps);
  }

  @Override
  public void close() {
    evaluator.close();
  }
}
