package dev.retort.network;

import org.bytedeco.pytorch.Tensor;

/** The permutation of channels by which ShuffleNets let groups exchange what they know. */
final class ChannelShuffle {
  private ChannelShuffle() {}

  /** Deals the channels of each of the groups in turn: {@code [N, C, H, W]}, C divisible. */
  static Tensor apply(Tensor x, long groups) {
    long[] shape = x.shape();
    return x.reshape(shape[0], groups, shape[1] / groups, shape[2], shape[3])
        .transpose(1, 2)
        .reshape(shape);
  }
}
