package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.engine.RandomSource;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Creates the networks of the zoo by name. */
public final class Networks {
  private Networks() {}

  /**
   * A new network with initial weights.
   *
   * @param name such as {@code resnet20}; see {@code retort list networks}
   * @param type of its parameters
   * @param random where its initial weights come from
   * @throws IllegalArgumentException if no network has that name, with the nearest names
   */
  public static Network create(
      String name, ImageShape input, int classes, ScalarType type, RandomSource random) {
    throw new UnsupportedOperationException(name);
  }
}
