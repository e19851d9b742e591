package dev.retort.distill;

import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;

/**
 * A term that grows linearly from 0 to its full size over the first part of the training: min(1,
 * progress / share) · loss. The public implementations of ReviewKD, DKD and KD++ count in whole
 * epochs, 20 of 240; here it is a part of the schedule, and every step counts.
 */
final class WarmUp {
  /** 20 of 240 epochs, as the public implementations have it. */
  static final double DEFAULT_SHARE = 20.0 / 240;

  private WarmUp() {}

  /**
   * Checks the value of a key {@code warmUp}.
   *
   * @throws IllegalArgumentException if it is not in [0, 1]
   */
  static void requireShare(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "warmUp is a part of the training, in [0, 1], not " + share);
    }
  }

  /**
   * What a term counts at a step.
   *
   * @param term its full size, a scalar
   * @param share the part of the training after which it has that, in [0, 1]; 0 for none
   */
  static Tensor grown(Tensor term, double share, Step step) {
    return share == 0 ? term : Tensors.scaled(term, Math.min(1, step.progress() / share));
  }
}
