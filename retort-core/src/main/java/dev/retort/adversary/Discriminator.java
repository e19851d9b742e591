package dev.retort.adversary;

import dev.retort.network.State;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * D_θ: tells the teacher's representations from the student's. It returns a raw logit, with no
 * activation on it. The parameters are an argument, so that they can be those of an inner step not
 * yet taken (unrolling).
 */
public interface Discriminator {
  /** θ, and what it keeps beside (the vectors of spectral normalisation). */
  State state();

  /**
   * The logit of "the teacher's" for each row.
   *
   * @param representation {@code [N, d]} or {@code [N, C, H, W]}, encoded
   * @param theta the parameters by their names in {@link #state()}
   * @return {@code [N]}
   */
  Tensor logits(Tensor representation, Condition condition, Map<String, Tensor> theta);
}
