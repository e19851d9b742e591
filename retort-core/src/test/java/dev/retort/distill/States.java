package dev.retort.distill;

import dev.retort.network.State;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/** What tests ask of the state of an objective. */
final class States {
  private States() {}

  /** The state of an objective that must have one. */
  static State of(Objective objective) {
    return Objects.requireNonNull(objective.state(), objective.name() + " has no state");
  }

  /** The tensor of that name, which must be there. */
  static Tensor tensor(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), () -> name + " is not in " + tensors.keySet());
  }

  /** The tensor of that name in the state of an objective. */
  static Tensor tensor(Objective objective, String name) {
    return tensor(of(objective).all(), name);
  }
}
