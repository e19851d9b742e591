package dev.retort.network;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pooling operations that several networks share. */
final class Pooling {
  private Pooling() {}

  /** The mean over the map: {@code [N, C, H, W]} to {@code [N, C]}. */
  static Tensor globalMean(Tensor map) {
    // Taken over the dimensions in the order of memory, so that the gradient lies in memory as the
    // map does: the ReLU before it takes several times as long with another order.
    return map.permute(0, 2, 3, 1).mean(1, 2);
  }

  /** The maxima of square windows. */
  static Tensor max(Tensor map, long kernel, long stride, long padding) {
    return torch.max_pool2d(map, square(kernel), square(stride), square(padding), square(1), false);
  }

  /** The means of square windows, padding counted as zeros. */
  static Tensor mean(Tensor map, long kernel, long stride, long padding) {
    return torch.avg_pool2d(
        map, square(kernel), square(stride), square(padding), false, true, new LongOptional());
  }

  private static long[] square(long side) {
    return new long[] {side, side};
  }
}
