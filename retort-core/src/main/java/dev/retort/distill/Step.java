package dev.retort.distill;

import dev.retort.data.batch.Batch;
import dev.retort.engine.Collective;
import dev.retort.engine.RandomSource;
import dev.retort.engine.SingleProcess;
import dev.retort.network.Activations;
import org.jspecify.annotations.Nullable;

/**
 * One training step as the objectives see it. Its tensors are the same for all of them, and valid
 * until the step is done: what is to be kept is copied.
 *
 * @param batch the images and labels; an adversary of images reads the labels, whatever its
 *     condition
 * @param student of the batch's images, with gradient
 * @param teacherOrNull of the same augmented images, without gradient; null when a network trains
 *     without a teacher, or no objective reads it
 * @param secondViewOrNull the teacher's of another augmentation of the same images; null unless an
 *     objective reads it
 * @param number the step's number in the whole training, from 0; for a meter, how many were done
 * @param progress the share of the training that lies behind the middle of this step, in (0, 1);
 *     for a meter at the end, 1
 * @param random the source of this step's random numbers; take {@code random.at("purpose")}
 * @param collective the ranks that compute other parts of the batch; one where this is all of it
 * @param wholeOrNull the same step over all ranks' images; null where this is all of them
 * @param wholeForAll whether every objective reads that, also one in which each image counts by
 *     itself
 */
public record Step(
    Batch batch,
    Activations student,
    @Nullable Activations teacherOrNull,
    @Nullable Activations secondViewOrNull,
    long number,
    double progress,
    RandomSource random,
    Collective collective,
    @Nullable Step wholeOrNull,
    boolean wholeForAll) {

  /** A step whose whole batch is at hand. */
  public Step(
      Batch batch,
      Activations student,
      @Nullable Activations teacherOrNull,
      @Nullable Activations secondViewOrNull,
      long number,
      double progress,
      RandomSource random) {
    this(
        batch,
        student,
        teacherOrNull,
        secondViewOrNull,
        number,
        progress,
        random,
        SingleProcess.INSTANCE,
        null,
        false);
  }

  /**
   * The same step as a part of a larger one.
   *
   * @param whole null where no objective needs it
   * @param forAll whether every objective is to read it
   */
  public Step sharedBy(Collective ranks, @Nullable Step whole, boolean forAll) {
    return new Step(
        batch,
        student,
        teacherOrNull,
        secondViewOrNull,
        number,
        progress,
        random,
        ranks,
        whole,
        forAll);
  }

  /**
   * What an objective reads: this rank's images where each counts by itself (unless all read the
   * whole batch), else the whole batch, which every rank then computes the same value from.
   */
  public Step readBy(Objective objective) {
    return wholeOrNull == null || (objective.isMeanOverImages() && !wholeForAll)
        ? this
        : wholeOrNull;
  }

  /**
   * The teacher's representations.
   *
   * @throws IllegalStateException if the training has no teacher, or no objective names what it
   *     reads of it
   */
  public Activations teacher() {
    if (teacherOrNull == null) {
      throw new IllegalStateException(
          "this training has no teacher, or no objective names what it reads of it: an objective that reads its logits has \"logits\" in teacherTaps()");
    }
    return teacherOrNull;
  }

  /**
   * The teacher's representations of the second view.
   *
   * @throws IllegalStateException if no objective asked for it
   */
  public Activations secondView() {
    if (secondViewOrNull == null) {
      throw new IllegalStateException("no objective of this training reads a second view");
    }
    return secondViewOrNull;
  }
}
