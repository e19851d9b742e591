package dev.retort.distill;

import dev.retort.network.State;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** A loss of layers of both networks that learns with the student, or remembers, something. */
abstract class ConnectedLoss implements Objective {
  private final String name;
  private final double weight;
  private final List<LayerPair> on;

  /** What it learns and remembers: empty until the loss declares it, drawn by its name. */
  protected final State state;

  /**
   * With an empty state.
   *
   * @throws IllegalArgumentException if no layers are compared
   */
  ConnectedLoss(String name, double weight, List<LayerPair> on, Pairing pairing) {
    this.name = name;
    this.weight = weight;
    this.on = ObjectiveSettings.atLeastOne(on);
    this.state = pairing.state(pairing.random().at(name));
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final double weight() {
    return weight;
  }

  @Override
  public final Set<String> studentTaps() {
    return LayerPair.ofStudent(on);
  }

  @Override
  public final Set<String> teacherTaps() {
    return LayerPair.ofTeacher(on);
  }

  /** The student's layers that are compared, in the order of the pairs. */
  final List<Tensor> student(Step step) {
    return on.stream().map(pair -> step.student().get(pair.student())).toList();
  }

  /** The teacher's layers that are compared, likewise. */
  final List<Tensor> teacher(Step step) {
    return on.stream().map(pair -> step.teacher().get(pair.teacher())).toList();
  }

  @Override
  public final State state() {
    return state;
  }
}
