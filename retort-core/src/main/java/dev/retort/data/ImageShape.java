package dev.retort.data;

/**
 * The size of the images that a network reads.
 *
 * @param channels 1 for grey, 3 for RGB
 * @param height in pixels
 * @param width in pixels
 */
public record ImageShape(int channels, int height, int width) {
  /** RGB, 32 by 32: CIFAR's. */
  public static final ImageShape CIFAR = new ImageShape(3, 32, 32);

  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an image needs at least one channel, row and column: "
              + channels
              + "x"
              + height
              + "x"
              + width);
    }
  }

  /** The number of values in one image. */
  public int values() {
    return channels * height * width;
  }

  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
