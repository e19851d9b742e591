package dev.retort.data.batch;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.engine.Precision;

/**
 * Which images a training sees, in which order and how varied. Two runs with the same plan on the
 * same data see the same batches, whatever else they do.
 *
 * @param batchSize images a step, over all ranks; at least 1
 * @param augmentation of each image
 * @param views how many augmented views an image has at most: epoch e shows view e mod views; 0 for
 *     a new one in each epoch. The order is new in each epoch either way
 * @param seed decides the order
 * @param dataSeed decides the augmentation, with view and image
 * @param rank which part of each batch this process reads, 0 … ranks − 1
 * @param ranks the number of equal parts; divides the batch size
 */
public record BatchPlan(
    int batchSize,
    Augmentation augmentation,
    int views,
    long seed,
    long dataSeed,
    int rank,
    int ranks) {
  public BatchPlan {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, not " + batchSize);
    }
    if (views < 0) {
      throw new IllegalArgumentException("views must not be negative: " + views);
    }
    if (rank < 0 || rank >= ranks) {
      throw new IllegalArgumentException("rank " + rank + " of " + ranks);
    }
    if (batchSize % ranks != 0) {
      // The mean of the ranks' gradients is the batch's only if their parts are equal.
      throw new IllegalArgumentException(
          "a batch of " + batchSize + " cannot be split evenly between " + ranks + " ranks");
    }
  }

  /** One process, a new view in each epoch, everything from one seed. */
  public BatchPlan(int batchSize, Augmentation augmentation, long seed) {
    this(batchSize, augmentation, 0, seed, seed, 0, 1);
  }

  /**
   * Checks that a training on some images can follow it.
   *
   * @param shape of each image as the network reads it
   * @throws IllegalArgumentException if there are fewer images than a batch needs, or the
   *     augmentation does not fit their size
   */
  public void requireFitting(Dataset images, ImageShape shape) {
    if (images.size() < batchSize) {
      throw new IllegalArgumentException(
          "batchSize is %s, but %s has only %s images; take at most as many"
              .formatted(batchSize, images.name(), images.size()));
    }
    augmentation.requireFitting(shape);
    BatchBuffer.requireFitting(shape, batchSize / ranks, Precision.FP32);
  }

  /** The view that an epoch shows; without augmentation all are the same one. */
  long view(long epoch) {
    if (!augmentation.varies()) {
      return 0;
    }
    return views == 0 ? epoch : epoch % views;
  }

  /**
   * Another view of the images than the given one: the one that the next epoch shows.
   *
   * @throws IllegalArgumentException if there is only one view
   */
  public long secondView(long view) {
    if (views == 1 || !augmentation.varies()) {
      throw new IllegalArgumentException(
          "there is one view of each image (views: 1, or no augmentation), and a second one is needed");
    }
    return view(view + 1);
  }
}
