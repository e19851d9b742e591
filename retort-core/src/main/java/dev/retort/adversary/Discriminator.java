package dev.retort.adversary;

import dev.retort.network.State;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * D_θ: tells the teacher's representations from the student's. It returns a raw logit, with no
 * activation on it. Each row is judged on its own: nothing is normalised over the batch. The
 * parameters are an argument, so that they can be those of an inner step not yet taken (unrolling).
 */
public interface Discriminator {
  /** θ, and what it keeps beside (the vectors of spectral normalisation). */
  State state();

  /**
   * The judgement of each row.
   *
   * @param representation {@code [N, d]} or {@code [N, C, H, W]}, encoded
   * @param condition N rows
   * @param theta the parameters by their names in {@link #state()}
   */
  Judgement judge(Tensor representation, Condition condition, Map<String, Tensor> theta);

  /** Brings up to date what is kept beside θ; called before each step of D. */
  default void refresh() {}
}
