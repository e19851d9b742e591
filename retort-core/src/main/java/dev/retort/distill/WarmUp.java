package dev.retort.distill;

import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An objective whose value grows linearly from 0 to its full size over the first part of the
 * training: min(1, progress / share) · loss. The public implementations of ReviewKD, DKD and KD++
 * count in whole epochs, 20 of 240; here it is a part of the schedule, and every step counts.
 *
 * @param objective the term
 * @param share the part of the training after which it has its full size, in (0, 1]
 */
record WarmUp(Objective objective, double share) implements Objective {

  /** 20 of 240 epochs, as the public implementations have it. */
  static final double DEFAULT_SHARE = 20.0 / 240;

  WarmUp {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("a warm-up must be in (0, 1], not " + share);
    }
  }

  /**
   * The objective with a warm-up, or as it is where the share is 0.
   *
   * @throws IllegalArgumentException if share is not in [0, 1]
   */
  static Objective of(Objective objective, double share) {
    return share == 0 ? objective : new WarmUp(objective, share);
  }

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

  @Override
  public String name() {
    return objective.name();
  }

  @Override
  public double weight() {
    return objective.weight();
  }

  @Override
  public boolean isAtLeastZero() {
    return objective.isAtLeastZero();
  }

  @Override
  public Set<String> studentTaps() {
    return objective.studentTaps();
  }

  @Override
  public Set<String> teacherTaps() {
    return objective.teacherTaps();
  }

  @Override
  public boolean isMeanOverImages() {
    return objective.isMeanOverImages();
  }

  @Override
  public boolean readsSecondView() {
    return objective.readsSecondView();
  }

  @Override
  public @Nullable State state() {
    return objective.state();
  }

  @Override
  public @Nullable MeasuredWeight measuredWeight() {
    return objective.measuredWeight();
  }

  @Override
  public @Nullable Opponent opponent() {
    return objective.opponent();
  }

  @Override
  public void beginEpoch() {
    objective.beginEpoch();
  }

  @Override
  public Map<String, Tensor> checkpointed() {
    return objective.checkpointed();
  }

  @Override
  public Tensor loss(Step step) {
    return Tensors.scaled(objective.loss(step), Math.min(1, step.progress() / share));
  }

  @Override
  public void afterGradient(Step step) {
    objective.afterGradient(step);
  }
}
