package dev.retort.training;

import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.CrossEntropy;
import dev.retort.distill.MeasuredWeight;
import dev.retort.distill.Objective;
import dev.retort.distill.Opponent;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.SingleProcess;
import dev.retort.network.Activations;
import dev.retort.network.Network;
import dev.retort.teacher.Teacher;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is to be trained, from what, and how.
 *
 * @param student the network that learns, its state on the device
 * @param teacher null when a network learns from labels alone
 * @param objectives the terms of the loss, with unique names, for that device; at least one
 * @param data its training images train, its validation images are classified after each epoch
 * @param plan which training images come when, and how varied
 * @param settings of the optimisation
 * @param device where the student computes
 * @param collective the processes that train it together, of which each has such a task with its
 *     own part of the plan
 */
public record TrainingTask(
    Network student,
    @Nullable Teacher teacher,
    List<Objective> objectives,
    Splits data,
    BatchPlan plan,
    TrainingSettings settings,
    Device device,
    Collective collective) {

  /** For one process. */
  public TrainingTask(
      Network student,
      @Nullable Teacher teacher,
      List<Objective> objectives,
      Splits data,
      BatchPlan plan,
      TrainingSettings settings,
      Device device) {
    this(student, teacher, objectives, data, plan, settings, device, SingleProcess.INSTANCE);
  }

  public TrainingTask {
    objectives = List.copyOf(objectives);
    requireLoss(objectives);
    if (!student.input().equals(data.inputShape()) || student.classes() != data.classes().size()) {
      throw new IllegalArgumentException(
          "the student reads images of %s in %d classes, and the data have %s in %d"
              .formatted(
                  student.input(), student.classes(), data.inputShape(), data.classes().size()));
    }
    if (plan.rank() != collective.rank() || plan.ranks() != collective.ranks()) {
      throw new IllegalArgumentException(
          "rank %d of %d cannot train on part %d of %d of each batch"
              .formatted(collective.rank(), collective.ranks(), plan.rank(), plan.ranks()));
    }
  }

  /** What the teacher says of a batch; null without one, or where nothing of it is read. */
  @Nullable Activations teacherActivations(Batch batch, Set<String> taps) {
    return teacher == null || taps.isEmpty() ? null : teacher.activations(batch, taps);
  }

  /**
   * Checks that objectives make a loss: that metrics can tell them and their opponents apart, and
   * that something trains the student at the first step.
   *
   * @throws IllegalArgumentException if they do not, with what to do
   */
  public static void requireLoss(List<Objective> objectives) {
    if (objectives.isEmpty()) {
      throw new IllegalArgumentException("a training needs at least one objective");
    }
    if (objectives.stream().anyMatch(objective -> objective.name().equals(Loss.TOTAL))) {
      throw new IllegalArgumentException(
          "an objective is named '%s', as the sum of all is in a checkpoint: name it otherwise"
              .formatted(Loss.TOTAL));
    }
    requireDifferent("objectives", objectives.stream().map(Objective::name));
    requireDifferent(
        "opponents",
        objectives.stream().map(Objective::opponent).filter(Objects::nonNull).map(Opponent::label));
    for (Objective objective : objectives) {
      if (objective.readsSecondView() && objective.teacherTaps().isEmpty()) {
        throw new IllegalArgumentException(
            "the objective %s reads a second view and nothing of the teacher: name what it reads in teacherTaps()"
                .formatted(objective.name()));
      }
    }
    requireRest(objectives);
  }

  private static void requireDifferent(String what, Stream<String> names) {
    Set<String> seen = new HashSet<>();
    names.forEach(
        name -> {
          if (!seen.add(name)) {
            throw new IllegalArgumentException(
                "two of its %s are '%s': metrics could not tell them apart; leave one out%s"
                    .formatted(
                        what,
                        name,
                        name.equals(CrossEntropy.KIND.name())
                            ? ", by crossEntropy: 0 in all terms but one"
                            : ""));
          }
        });
  }

  /**
   * A weight that is measured against the rest of the loss is 0 where there is no rest. The rest is
   * the terms whose weight is not measured; one of weight 0 is none.
   */
  private static void requireRest(List<Objective> objectives) {
    boolean fromTheStart = false;
    for (Objective objective : objectives) {
      MeasuredWeight weight = objective.measuredWeight();
      if (weight == null && objective.weight() > 0) {
        return;
      }
      fromTheStart |= weight != null && weight.countsFromTheStart();
    }
    for (Objective objective : objectives) {
      MeasuredWeight weight = objective.measuredWeight();
      if (weight != null && weight.needsRest()) {
        throw new IllegalArgumentException(
            """
            %s has a weight relative to the rest of the loss, which is all terms but \
            adversaries, and none of them has a weight; add one (cross-entropy), or give it weight: {fixed: 1, start: 0}"""
                .formatted(objective.name()));
      }
    }
    if (!fromTheStart) {
      throw new IllegalArgumentException(
          """
          nothing trains the student at the first step: the method has no objective but %s, with \
          a weight of 0 there; add one (cross-entropy), or give it weight: {fixed: 1, start: 0}"""
              .formatted(String.join(", ", objectives.stream().map(Objective::name).toList())));
    }
  }
}
