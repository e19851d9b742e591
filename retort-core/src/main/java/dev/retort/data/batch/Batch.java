package dev.retort.data.batch;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.ViewSource;
import dev.retort.engine.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

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
 * @param sizes renders the same views at other sizes; null for a batch of no stream
 */
public record Batch(
    Tensor images,
    Tensor labels,
    int[] samples,
    ViewSource source,
    long view,
    @Nullable Sizes sizes) {
  /** Renders views of a batch anew, from its data set. */
  @FunctionalInterface
  public interface Sizes {
    /** Rows [from, to) at another size. */
    Tensor at(ImageShape shape, int from, int to);
  }

  /** A batch whose views have one size. */
  public Batch(Tensor images, Tensor labels, int[] samples, ViewSource source, long view) {
    this(images, labels, samples, source, view, null);
  }

  /**
   * The same batch for a network on that device; valid as long as this one, and no longer than the
   * innermost open scope: who reads it later meets an error, and not another batch.
   */
  public Batch on(Device device) {
    return new Batch(
        device.place(images).detach(), device.place(labels).detach(), samples, source, view, sizes);
  }

  /**
   * The views of rows [from, to) at another size, rendered from the pictures and not from {@link
   * #images}: what those lost of them is there.
   *
   * @param shape with the channels and the proportions of the images
   * @return {@code [to − from, C, H, W]}, normalised likewise, in fp32, on the CPU; valid until the
   *     next call
   * @throws dev.retort.data.DataException if a picture cannot be read
   * @throws IllegalStateException if this is a batch of no stream
   */
  public Tensor at(ImageShape shape, int from, int to) {
    if (sizes == null) {
      throw new IllegalStateException("a batch of no stream has one size");
    }
    return sizes.at(shape, from, to);
  }

  /** N. */
  public int size() {
    return samples.length;
  }
}
