package dev.retort.teacher;

import dev.retort.data.ImageShape;
import dev.retort.data.batch.Batch;
import dev.retort.engine.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a batch at a model's own size. They are rendered a block at a time, whatever the
 * model takes at once: one picture would be decoded by one thread, and a whole batch takes room.
 */
final class RenderedRows implements AppliedModel.Rows {
  /** As many as a model gets at once on the processor. */
  private static final int BLOCK = 64;

  private final Batch batch;
  private final ImageShape shape;
  private final Device device;
  private int begin;
  private int end;
  private @Nullable Tensor block;

  /**
   * @param shape of each row
   * @param device where the model computes
   */
  RenderedRows(Batch batch, ImageShape shape, Device device) {
    this.batch = batch;
    this.shape = shape;
    this.device = device;
  }

  @Override
  public Tensor of(int from, int to) {
    if (to - from <= BLOCK) {
      return within(from, to);
    }
    TensorVector parts = new TensorVector();
    for (int first = from; first < to; first += BLOCK) {
      // A copy: the next block takes its memory.
      parts.push_back(device.place(within(first, Math.min(first + BLOCK, to))).clone());
    }
    return torch.cat(parts, 0);
  }

  private Tensor within(int from, int to) {
    Tensor rows = block;
    if (rows == null || from < begin || to > end) {
      begin = from;
      end = Math.min(from + BLOCK, batch.size());
      rows = batch.at(shape, begin, end);
      block = rows;
    }
    return rows.narrow(0, from - begin, to - from);
  }
}
