package dev.retort.adversary;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Representations, and what D knows of the image that each is said to be of.
 *
 * @param values {@code [N, …]}, encoded
 * @param condition N rows
 */
record Samples(Tensor values, Condition condition) {
  long size() {
    return values.size(0);
  }

  Samples rows(long first, long count) {
    return new Samples(values.narrow(0, first, count), condition.rows(first, count));
  }

  Samples rows(Tensor index) {
    return new Samples(values.index_select(0, index), condition.rows(index));
  }

  Samples and(Samples other) {
    return new Samples(
        torch.cat(new TensorVector(values, other.values), 0), condition.and(other.condition));
  }

  /** The same without the history of the values. */
  Samples detached() {
    return new Samples(values.detach(), condition);
  }

  /**
   * The same values as something to differentiate with respect to. It is a tensor of its own: what
   * else depends on the values, as θ does on an unrolled course, is held.
   */
  Samples differentiable() {
    Tensor own =
        values.requires_grad() ? values.view_as(values) : values.detach().set_requires_grad(true);
    return new Samples(own, condition);
  }
}
