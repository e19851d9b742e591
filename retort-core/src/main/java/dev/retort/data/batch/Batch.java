package dev.retort.data.batch;

import dev.retort.data.Dataset;
import dev.retort.data.ViewSource;
import dev.retort.engine.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * A batch of images as a network reads them. The tensors belong to the stream that made the batch
 * and are valid until the next one is asked for.
 *
 * @param images normalised, {@code [N, C, H, W]}, channels-last in memory
 * @param labels {@code [N]} of 64-bit integers; {@link Dataset#UNLABELLED} where there is none
 * @param samples each image's index in its data set
 * @param source where the views come from
 * @param view the number of the augmented view: with the source and a sample it names the exact
 *     pixels
 */
public record Batch(Tensor images, Tensor labels, int[] samples, ViewSource source, long view) {
  /** The same batch for a network on that device; valid as long as this one. */
  public Batch on(Device device) {
    return new Batch(device.place(images), device.place(labels), samples, source, view);
  }

  /** N. */
  public int size() {
    return samples.length;
  }
}
