package dev.retort.data.batch;

import dev.retort.data.DataException;
import dev.retort.data.ImageShape;
import dev.retort.data.ViewRenderer;
import dev.retort.data.ViewSource;
import dev.retort.engine.ParallelLoop;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorOwner;
import dev.retort.engine.Tensors;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for one batch, filled again and again. Filling touches no tensor, so that a thread
 * without the engine's state can do it; {@link #batch} only hands out.
 *
 * <p>Pixels lie row by row with interleaved channels, which is channels-last for a tensor {@code
 * [N, C, H, W]}.
 */
final class BatchBuffer implements AutoCloseable {
  private final TensorOwner owner = new TensorOwner();
  private final @Nullable ResizedViews resized;
  private final int capacity;
  private final int values;
  private final Tensor images;
  private final Tensor labels;
  private final @Nullable FloatBuffer floats;
  private final @Nullable DoubleBuffer doubles;
  private final LongBuffer labelNumbers;

  private @Nullable Tensor partOfImages;
  private @Nullable Tensor partOfLabels;
  private int[] samples = new int[0];
  private @Nullable ViewSource source;
  private long view;

  private boolean closed;

  /**
   * Checks that a batch would fit.
   *
   * @throws IllegalArgumentException if it would have 2³¹ bytes or more
   */
  static void requireFitting(ImageShape shape, int capacity, Precision precision) {
    long bytes = precision == Precision.FP64 ? Double.BYTES : Float.BYTES;
    if (bytes * shape.values() * capacity > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s images of %s are too many for one batch; take a smaller batchSize"
              .formatted(capacity, shape));
    }
  }

  /**
   * @param capacity the largest number of images
   * @param precision {@link Precision#FP64} makes 64-bit images (of the same, 32-bit values), all
   *     others 32-bit images
   * @param resized the stream's views at other sizes, which its batches have, too; null for none
   * @throws IllegalArgumentException if they would have 2³¹ bytes or more
   */
  BatchBuffer(ImageShape shape, int capacity, Precision precision, @Nullable ResizedViews resized) {
    requireFitting(shape, capacity, precision);
    this.resized = resized;
    this.capacity = capacity;
    this.values = shape.values();
    ScalarType type = precision.parameterType();
    Tensor memory =
        owner.own(
            () ->
                torch.zeros(
                    new long[] {capacity, shape.height(), shape.width(), shape.channels()},
                    new TensorOptions(type)));
    this.images = owner.own(() -> memory.permute(0, 3, 1, 2));
    this.labels =
        owner.own(() -> torch.zeros(new long[] {capacity}, new TensorOptions(ScalarType.Long)));
    ByteBuffer bytes = Tensors.bytes(memory);
    this.floats = type == ScalarType.Double ? null : bytes.asFloatBuffer();
    this.doubles = type == ScalarType.Double ? bytes.asDoubleBuffer() : null;
    this.labelNumbers = Tensors.bytes(labels).asLongBuffer();
  }

  /**
   * Fills the buffer with one view of samples[from] … samples[to − 1].
   *
   * @param renderers alike; each fills a part of the buffer, at most one at a time on a thread.
   *     When one fails, this waits for the others, which write to memory that is freed next, before
   *     it throws
   * @throws DataException if an image cannot be read
   * @throws IllegalStateException if the buffer is closed
   */
  void fill(List<ViewRenderer> renderers, int[] samples, int from, int to, long view) {
    if (closed) {
      throw new IllegalStateException("the buffer is closed");
    }
    if (to - from > capacity) {
      throw new IllegalArgumentException(to - from + " images do not fit a buffer of " + capacity);
    }
    int parts = renderers.size();
    if (parts == 1) {
      fill(renderers.get(0), samples, from, from, to, view);
    } else {
      int count = to - from;
      ParallelLoop.run(
          parts,
          parts,
          part ->
              fill(
                  renderers.get(part),
                  samples,
                  from,
                  from + count * part / parts,
                  from + count * (part + 1) / parts,
                  view));
    }
    this.samples = Arrays.copyOfRange(samples, from, to);
    this.source = renderers.get(0).source();
    this.view = view;
  }

  private void fill(ViewRenderer renderer, int[] samples, int row0, int from, int to, long view) {
    for (int i = from; i < to; i++) {
      put(i - row0, renderer.render(samples[i], view));
      labelNumbers.put(i - row0, renderer.dataset().label(samples[i]));
    }
  }

  private void put(int row, float[] image) {
    if (floats != null) {
      floats.put(row * values, image);
    } else if (doubles != null) {
      for (int i = 0; i < values; i++) {
        doubles.put(row * values + i, image[i]);
      }
    }
  }

  /** What the buffer was last filled with; its tensors are this buffer's own. */
  Batch batch() {
    if (source == null) {
      throw new IllegalStateException("the buffer has not been filled");
    }
    int size = samples.length;
    int[] own = samples;
    long ofView = view;
    ResizedViews views = resized;
    Batch.Sizes sizes =
        views == null ? null : (shape, from, to) -> views.at(shape, own, from, to, ofView);
    if (size == capacity) {
      return new Batch(images, labels, samples, source, view, sizes);
    }
    if (partOfImages == null || partOfLabels == null || partOfLabels.size(0) != size) {
      partOfImages = owner.own(() -> images.narrow(0, 0, size));
      partOfLabels = owner.own(() -> labels.narrow(0, 0, size));
    }
    return new Batch(partOfImages, partOfLabels, samples, source, view, sizes);
  }

  /** Frees the memory. The tensors handed out are no longer valid. */
  @Override
  public void close() {
    closed = true;
    owner.close();
  }
}
