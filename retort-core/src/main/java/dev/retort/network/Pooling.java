package dev.retort.network;

import org.bytedeco.pytorch.Tensor;

/** Pooling operations that several networks share. */
final class Pooling {
  private Pooling() {}

  /** The mean over the map: {@code [N, C, H, W]} to {@code [N, C]}. */
  static Tensor globalMean(Tensor map) {
    return map.mean(2, 3);
  }
}
