package dev.retort.distill;

import dev.retort.engine.Collective;
import java.util.List;
import java.util.Map;

/** Measures an {@link Opponent} on the validation images after an epoch, batch by batch. */
public interface Meter {
  /**
   * Takes in a batch. No gradient is recorded, and the step's tensors are freed afterwards.
   *
   * @param heldOut validation images, and both networks' representations of them
   */
  void measure(Step heldOut);

  /** Takes in what the other ranks' meters of the same opponent have seen; all ranks call it. */
  void takeInOthers(Collective ranks);

  /**
   * The figures for {@code metrics.jsonl}, by name, in the order in which they are written; NaN
   * where undefined. The names are the same in every epoch, also where no image was seen: a
   * recorded teacher may know nothing of the validation images, or of their views.
   */
  Map<String, Double> figures();

  /** What is wrong, in sentences without figures that say what to do. */
  List<String> alarms();
}
