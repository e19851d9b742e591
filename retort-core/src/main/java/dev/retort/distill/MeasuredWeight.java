package dev.retort.distill;

import org.bytedeco.pytorch.Tensor;

/**
 * A term's weight that each step computes, usually against the rest of the loss: the terms without
 * such a weight.
 */
public interface MeasuredWeight {
  /** Whether the term has any weight at a step; else it is not computed. */
  boolean counts(Step step);

  /**
   * The weight at a step.
   *
   * @param step as this rank sees it
   * @param term the objective's {@link Objective#loss} of this step, a scalar with gradient
   * @param rest the sum of the terms without a measured weight, each times its {@link
   *     Objective#weight}: a scalar with gradient, unless there is no such term; computed from the
   *     tensors of {@code step.student()} themselves, since of a copy its gradient there is 0, and
   *     so is a weight that is measured by it
   * @return a scalar without gradient
   */
  Tensor of(Step step, Tensor term, Tensor rest);

  /** Whether the weight is 0 where there is no rest. */
  boolean needsRest();

  /** Whether the term has a weight from the training's first step on. */
  boolean countsFromTheStart();
}
