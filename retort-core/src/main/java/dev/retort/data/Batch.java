package dev.retort.data;

import org.bytedeco.pytorch.Tensor;

/**
 * A batch of images as a network reads them. The tensors belong to the stream that made the batch
 * and are valid until the next one is asked for.
 *
 * @param images normalised, {@code [N, C, H, W]}, channels-last in memory
 * @param labels {@code [N]} of 64-bit integers; {@link Dataset#UNLABELLED} where there is none
 * @param samples each image's index in its data set
 * @param view the number of the augmented view: with {@code dataSeed} and a sample it names the
 *     exact pixels
 */
public record Batch(Tensor images, Tensor labels, int[] samples, long view) {
  /** N. */
  public int size() {
    return samples.length;
  }
}
