package dev.retort.training;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.batch.Batch;
import dev.retort.distill.Meter;
import dev.retort.distill.Objective;
import dev.retort.distill.Opponent;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.network.Activations;
import dev.retort.teacher.Teacher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is measured on the validation images after each epoch: the student's decisions, and the
 * objectives' opponents.
 */
final class Validation implements AutoCloseable {
  private final TrainingTask task;

  /** Whether the teacher knows what each needs to be judged on the validation images. */
  private final Map<Opponent, Boolean> opponents = new LinkedHashMap<>();

  private final Evaluator evaluator;
  private final boolean readsSecondView;
  private final Set<String> studentTaps = new TreeSet<>();
  private final Set<String> teacherTaps = new TreeSet<>();

  /** The figures of one epoch; {@code meters} by the opponents' labels. */
  record Result(Evaluation evaluation, Map<String, Meter> meters) {
    /** What is wrong with the opponents, in sentences. */
    List<String> alarms() {
      return meters.values().stream().flatMap(meter -> meter.alarms().stream()).toList();
    }
  }

  /**
   * @param stop ends a measurement between two batches
   */
  Validation(TrainingTask task, StopRequest stop) {
    this.task = task;
    this.evaluator =
        new Evaluator(
            task.data().validation(),
            task.data(),
            task.plan().augmentation(),
            true,
            task.settings().precision(),
            task.device(),
            stop,
            task.collective());
    boolean reads = false;
    for (Objective objective : task.objectives()) {
      Opponent opponent = objective.opponent();
      if (opponent != null) {
        boolean judged = teacherKnows(objective);
        opponents.put(opponent, judged);
        if (judged) {
          studentTaps.addAll(objective.studentTaps());
          teacherTaps.addAll(objective.teacherTaps());
          reads |= objective.readsSecondView();
        }
      }
    }
    this.readsSecondView = reads;
  }

  /**
   * A teacher whose outputs were recorded may know nothing of the validation images, or nothing of
   * their views.
   */
  private boolean teacherKnows(Objective objective) {
    Teacher teacher = task.teacher();
    Dataset images = task.data().validation();
    return teacher == null
        || (teacher.knows(images, Augmentation.NONE)
            && (!objective.readsSecondView() || teacher.knows(images, task.plan().augmentation())));
  }

  /**
   * Measures the student as it is; {@code step} numbers the random draws of noisy representations.
   */
  Result measure(long step, double progress) {
    Map<String, Meter> meters = new LinkedHashMap<>();
    List<Meter> measuring = new ArrayList<>();
    opponents.forEach(
        (opponent, judged) -> {
          Meter meter = opponent.meter();
          meters.put(opponent.label(), meter);
          if (judged) {
            measuring.add(meter);
          }
        });
    Evaluation evaluation =
        evaluator.evaluate(
            task.student(),
            studentTaps,
            (batch, student) -> {
              if (!measuring.isEmpty()) {
                Step heldOut = heldOut(batch, student, step, progress);
                measuring.forEach(meter -> meter.measure(heldOut));
              }
            });
    measuring.forEach(meter -> meter.takeInOthers(task.collective()));
    return new Result(evaluation, meters);
  }

  private Step heldOut(Batch batch, Activations student, long number, double progress) {
    Activations teacher = teacher(batch);
    Activations secondView = readsSecondView ? teacher(evaluator.secondView(batch)) : null;
    RandomSource random =
        RandomSource.of(task.plan().seed(), "validation").at(number).at(batch.samples()[0]);
    return new Step(batch, student, teacher, secondView, number, progress, random);
  }

  private @Nullable Activations teacher(Batch batch) {
    return task.teacherActivations(batch, teacherTaps);
  }

  @Override
  public void close() {
    evaluator.close();
  }
}
