package dev.retort.optimization;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** A rule that updates a vector of parameters from its gradient. */
public interface Optimizer {
  /**
   * Updates the parameters in place.
   *
   * @param gradient {@code [P]}; may be changed by the update
   * @param learningRate of this step
   */
  void step(Tensor gradient, double learningRate);

  /** What the rule remembers, live, by name: for checkpoints. */
  Map<String, Tensor> state();
}
