package dev.retort.data.batch;

import dev.retort.data.ImageShape;
import dev.retort.data.ViewRenderer;
import dev.retort.engine.Precision;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Views of a stream's batches at another size, for its one consumer: rendered when they are asked
 * for, into one buffer that is used again.
 */
final class ResizedViews implements AutoCloseable {
  private final List<ViewRenderer> own;
  private List<ViewRenderer> renderers = List.of();
  private @Nullable BatchBuffer buffer;
  private int rows;
  private @Nullable Request filled;

  /** What the buffer has been filled with; the samples are compared by identity. */
  private record Request(ImageShape shape, int[] samples, int from, int to, long view) {}

  /**
   * @param own what renders the views at the stream's size
   */
  ResizedViews(List<ViewRenderer> own) {
    this.own = own;
  }

  /** Views of samples[from] … samples[to − 1], valid until others are asked for. */
  Tensor at(ImageShape shape, int[] samples, int from, int to, long view) {
    Request request = new Request(shape, samples, from, to, view);
    BatchBuffer filling = buffer;
    if (filling == null || rows < to - from || !renderers.get(0).shape().equals(shape)) {
      close();
      renderers = own.stream().map(renderer -> renderer.at(shape)).toList();
      rows = to - from;
      filling = new BatchBuffer(shape, rows, Precision.FP32, null);
      buffer = filling;
    }
    if (!request.equals(filled)) {
      filled = null;
      filling.fill(renderers, samples, from, to, view);
      filled = request;
    }
    return filling.batch().images();
  }

  @Override
  public void close() {
    filled = null;
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
  }
}
