package dev.retort.distill;

import dev.retort.network.State;
import java.util.List;
import java.util.Set;

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
   * @param on the layers that are compared
   * @throws IllegalArgumentException if there are none
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

  @Override
  public final State state() {
    return state;
  }
}
