package dev.retort.distill;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What learns against the student: θ of an objective's inner problem. Before each of the student's
 * steps it learns from that step's representations, after each epoch it is measured on validation
 * images, and a checkpoint holds it.
 */
public interface Opponent {
  /** What the label of an observer begins with: an opponent that only watches. */
  String OBSERVER = "observer:";

  /** The key under which metrics report its figures, in {@code adversaries}; unique in a method. */
  String label();

  /**
   * The inner problem, of one step of the student: changes θ. It is called at every step, also
   * where the objective has no weight, and before any objective's {@link Objective#loss}. The
   * student's representations carry gradient; detach them.
   *
   * @param step as the objective reads it, see {@link Step#readBy}
   */
  void learn(Step step);

  /** A meter of θ as it stands, which has seen no image. */
  Meter meter();

  /** Every tensor that a resumed training needs of it, live, by name. */
  Map<String, Tensor> checkpointed();
}
