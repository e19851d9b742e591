package dev.retort.training;

import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.Objective;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.SingleProcess;
import dev.retort.network.Network;
import dev.retort.teacher.Teacher;
import java.util.List;
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
    if (objectives.isEmpty()) {
      throw new IllegalArgumentException("a training needs at least one objective");
    }
    long names = objectives.stream().map(Objective::name).distinct().count();
    if (names < objectives.size()) {
      throw new IllegalArgumentException(
          "two objectives of one method have the same name: "
              + objectives.stream().map(Objective::name).toList());
    }
    if (plan.rank() != collective.rank() || plan.ranks() != collective.ranks()) {
      throw new IllegalArgumentException(
          "rank "
              + collective.rank()
              + " of "
              + collective.ranks()
              + " cannot train on part "
              + plan.rank()
              + " of "
              + plan.ranks()
              + " of each batch");
    }
  }
}
