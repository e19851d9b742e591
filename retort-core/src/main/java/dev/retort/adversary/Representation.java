package dev.retort.adversary;

import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.network.State;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a discriminator reads of the two networks, before it is encoded and blurred. */
interface Representation {
  /**
   * Its name in configuration and metrics: {@code logits}, {@code embedding}, {@code stage:2},
   * {@code weights}.
   */
  String name();

  /** The shape of one sample, encoded or not, without the batch dimension. */
  long[] shape();

  /** Whether row i is a sample of the batch's image i, so that D can be told something of it. */
  default boolean isOfImages() {
    return true;
  }

  /** Whether a row stays what it is when the rest of the batch changes. */
  default boolean isIndependentOfBatch() {
    return true;
  }

  /** Of the teacher, a row for each sample. */
  Tensor teacher(Step step);

  /** Of the student, with gradient. */
  Tensor student(Step step);

  /**
   * The partner of each image for a discriminator of pairs: the teacher's of another augmentation.
   *
   * @throws IllegalStateException if it is not of images, or the step has no second view
   */
  Tensor partner(Step step);

  /** The student's tensors in which gradients are balanced: what is read, before any connector. */
  List<Tensor> balancedAt(Step step);

  /**
   * What a side's noise is drawn from in a step; {@code side} is {@code teacher} or {@code
   * student}.
   */
  default RandomSource noise(Step step, String side) {
    return step.random().at("instance noise").at(name()).at(side);
  }

  /** The taps that it needs of the student. */
  Set<String> studentTaps();

  /** The taps that it needs of the teacher. */
  Set<String> teacherTaps();

  /** A connector's parameters, which learn with the student; null if shapes match. */
  default @Nullable State connector() {
    return null;
  }
}
