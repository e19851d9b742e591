package dev.retort.distill;

import dev.retort.network.State;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One term of the student's loss. An objective says which representations it reads, computes a
 * scalar from them, and may have parameters of its own (connectors) that learn with the student's,
 * buffers (memory banks), and an opponent that learns against the student.
 */
public interface Objective {
  /** The key under which metrics report it; unique within a method. */
  String name();

  /** The factor of this term in the sum, unless it has a {@link #measuredWeight}. */
  default double weight() {
    return 1;
  }

  /**
   * Whether its value is never negative: only then are terms without a measured weight compared in
   * size.
   */
  default boolean isAtLeastZero() {
    return true;
  }

  /** The factor of this term where each step measures it against the other terms; else null. */
  default @Nullable MeasuredWeight measuredWeight() {
    return null;
  }

  /**
   * The names of the student's representations that it reads; {@code logits}, which are there in
   * any case, may be among them.
   */
  default Set<String> studentTaps() {
    return Set.of();
  }

  /**
   * The names of the teacher's representations that it reads, of either view; {@code logits} must
   * be among them if it reads those. Where no objective reads any, the teacher is not asked.
   */
  default Set<String> teacherTaps() {
    return Set.of();
  }

  /**
   * Whether it reads its {@link #teacherTaps} of a second augmented view of the same images, too.
   */
  default boolean readsSecondView() {
    return false;
  }

  /**
   * Whether the value is the mean over images of what each image contributes by itself, and draws
   * no random number that depends on the rest of the batch. Where several ranks share a batch, each
   * computes such a term of its own images, and the means are averaged. Any other term, and all of
   * them where some training images have no label, is computed by every rank from the whole batch's
   * representations and labels; {@code batch().images()} has this rank's images alone.
   */
  default boolean isMeanOverImages() {
    return false;
  }

  /**
   * What it learns with the student (parameters) and remembers (buffers); a checkpoint holds both.
   * Null if nothing.
   */
  default @Nullable State state() {
    return null;
  }

  /** What learns against the student before each of its steps; null if nothing. */
  default @Nullable Opponent opponent() {
    return null;
  }

  /**
   * Every tensor that a resumed training needs, live, by name: the state's, the opponent's (of one
   * that is the objective itself, what it adds), and more where there is more.
   *
   * @throws IllegalStateException if state and opponent have a tensor of one name
   */
  default Map<String, Tensor> checkpointed() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    State state = state();
    if (state != null) {
      tensors.putAll(state.all());
    }
    Opponent opponent = opponent();
    if (opponent != null && opponent != this) {
      opponent
          .checkpointed()
          .forEach(
              (name, tensor) -> {
                if (tensors.putIfAbsent(name, tensor) != null) {
                  throw new IllegalStateException(
                      "%s: its state and its opponent both have a tensor named %s"
                          .formatted(name(), name));
                }
              });
    }
    return tensors;
  }

  /** Called before an epoch's first step: means over an epoch begin anew. */
  default void beginEpoch() {}

  /**
   * The value to be minimised, before its weight: a scalar in the student's type, differentiable in
   * the student's representations and this objective's parameters. The teacher's representations
   * carry no gradient. Other terms read the same tensors: none is changed in place, or kept for
   * later.
   *
   * <p>A value that is no scalar ends the training, and so does one other than 0 that has a weight
   * and no gradient.
   */
  Tensor loss(Step step);

  /**
   * Called in a step's scope when the loss's gradient has been taken, if {@link #loss} was computed
   * in that step: what it computed from, such as a memory, may be changed now.
   */
  default void afterGradient(Step step) {}
}
