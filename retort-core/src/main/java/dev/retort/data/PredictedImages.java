package dev.retort.data;

/**
 * RGB images as the differences from their predictions, which compress well. {@code
 * scripts/pack_cifar10_mini.py} has the format in words: three planes, green, red − green, blue −
 * green, each predicted by the median edge detector of LOCO-I (Weinberger, Seroussi and Sapiro
 * 2000).
 */
final class PredictedImages {
  private static final int RED = 0;
  private static final int GREEN = 1;
  private static final int BLUE = 2;

  private final int width;
  private final int images;

  /** The number of pixels of an image. */
  private final int area;

  PredictedImages(ImageShape shape, int images) {
    this.width = shape.width();
    this.area = shape.height() * width;
    this.images = images;
  }

  /** From differences, plane by plane, to pixels with interleaved channels. */
  byte[] restore(byte[] residuals) {
    byte[] pixels = new byte[residuals.length];
    int[] plane = new int[area];
    int[] none = new int[area];
    int[] green = new int[area];
    int at = 0;
    for (int channel : new int[] {GREEN, RED, BLUE}) {
      for (int image = 0; image < images; image++) {
        int first = 3 * area * image;
        if (channel != GREEN) {
          for (int i = 0; i < area; i++) {
            green[i] = pixels[first + 3 * i + GREEN] & 0xff;
          }
        }
        int[] base = channel == GREEN ? none : green;
        for (int i = 0; i < area; i++) {
          int value = base[i] + prediction(plane, i) + residuals[at++] & 0xff;
          plane[i] = value - base[i];
          pixels[first + 3 * i + channel] = (byte) value;
        }
      }
    }
    return pixels;
  }

  /** What the plane's values before place i say of the one there. */
  private int prediction(int[] plane, int i) {
    if (i < width) {
      return i == 0 ? 0 : plane[i - 1];
    }
    int above = plane[i - width];
    if (i % width == 0) {
      return above;
    }
    int left = plane[i - 1];
    int corner = plane[i - width - 1];
    if (corner >= Math.max(left, above)) {
      return Math.min(left, above);
    }
    return corner <= Math.min(left, above) ? Math.max(left, above) : left + above - corner;
  }
}
