package dev.retort.data;

import dev.retort.data.ImageFile.Picture;

/**
 * Brings pictures to the size that a network reads: the picture is scaled so that it just covers
 * that size, and its middle is cut out. One that has the size already is left as it is.
 *
 * <p>Scaling is bilinear, with the filter as wide as the scale where the picture shrinks, so that
 * every pixel counts: what Pillow and torchvision call bilinear with antialiasing.
 */
public final class Resizing {
  private Resizing() {}

  /**
   * A picture in a network's shape.
   *
   * @param shape 1 or 3 channels: colours become grey by ITU-R 601's weights, grey becomes three
   *     equal colours
   */
  public static Picture fit(Picture picture, ImageShape shape) {
    return fit(picture, shape, 1);
  }

  /** The same, as a data set of such options would have the picture. */
  public static Picture fit(Picture picture, ImageShape shape, DatasetOptions options) {
    return fit(picture, shape, options.cropShare());
  }

  /**
   * The same, from the middle of a larger scaled picture.
   *
   * @param cropShare how much of the shorter side's length is in the middle that is cut out, in (0,
   *     1]: 224 of 256 pixels are 0.875
   */
  static Picture fit(Picture picture, ImageShape shape, double cropShare) {
    ImageShape covered =
        new ImageShape(
            shape.channels(),
            (int) Math.round(shape.height() / cropShare),
            (int) Math.round(shape.width() / cropShare));
    return cut(scaled(channels(picture, shape.channels()), covered), shape);
  }

  /** A part of a picture, scaled to a shape without regard to its proportions. */
  static Picture crop(Picture picture, RandomResizedCrop.Box box, ImageShape shape) {
    ImageShape size = new ImageShape(picture.shape().channels(), box.height(), box.width());
    Picture part = part(picture, box.top(), box.left(), size);
    return sized(channels(part, shape.channels()), shape.height(), shape.width());
  }

  private static Picture channels(Picture picture, int channels) {
    ImageShape from = picture.shape();
    if (from.channels() == channels) {
      return picture;
    }
    int area = from.height() * from.width();
    byte[] in = picture.pixels();
    byte[] out = new byte[area * channels];
    if (from.channels() == 3 && channels == 1) {
      for (int i = 0; i < area; i++) {
        int red = Byte.toUnsignedInt(in[3 * i]);
        int green = Byte.toUnsignedInt(in[3 * i + 1]);
        int blue = Byte.toUnsignedInt(in[3 * i + 2]);
        out[i] = (byte) Math.round(0.299f * red + 0.587f * green + 0.114f * blue);
      }
    } else if (from.channels() == 1) {
      for (int i = 0; i < out.length; i++) {
        out[i] = in[i / channels];
      }
    } else {
      throw new IllegalArgumentException(
          "images of "
              + from.channels()
              + " channels cannot be brought to the "
              + channels
              + " that a network reads; grey and colours can");
    }
    return new Picture(out, new ImageShape(channels, from.height(), from.width()));
  }

  /** Covers the shape: one side is the shape's, the other at least. */
  private static Picture scaled(Picture picture, ImageShape shape) {
    ImageShape from = picture.shape();
    double scale =
        Math.max((double) shape.height() / from.height(), (double) shape.width() / from.width());
    // Cut off, as torchvision does, but for what rounding may have taken from a whole number.
    int height = Math.max(shape.height(), (int) (from.height() * scale + 1e-9));
    int width = Math.max(shape.width(), (int) (from.width() * scale + 1e-9));
    return sized(picture, height, width);
  }

  private static Picture sized(Picture picture, int height, int width) {
    ImageShape from = picture.shape();
    Picture wide = width == from.width() ? picture : columns(picture, width);
    return height == from.height() ? wide : transposed(columns(transposed(wide), height));
  }

  /** Resamples every row to another width. */
  private static Picture columns(Picture picture, int width) {
    ImageShape from = picture.shape();
    int channels = from.channels();
    byte[] in = picture.pixels();
    byte[] out = new byte[from.height() * width * channels];
    double scale = (double) from.width() / width;
    double support = Math.max(1, scale);
    for (int x = 0; x < width; x++) {
      double center = (x + 0.5) * scale;
      int first = Math.max(0, (int) (center - support + 0.5));
      int last = Math.min(from.width(), (int) (center + support + 0.5));
      double[] weights = new double[last - first];
      double sum = 0;
      for (int i = first; i < last; i++) {
        weights[i - first] = Math.max(0, 1 - Math.abs((i + 0.5 - center) / support));
        sum += weights[i - first];
      }
      for (int y = 0; y < from.height(); y++) {
        for (int c = 0; c < channels; c++) {
          double value = 0;
          for (int i = first; i < last; i++) {
            int pixel = Byte.toUnsignedInt(in[(y * from.width() + i) * channels + c]);
            value += weights[i - first] * pixel;
          }
          out[(y * width + x) * channels + c] = (byte) Math.round(value / sum);
        }
      }
    }
    return new Picture(out, new ImageShape(channels, from.height(), width));
  }

  private static Picture transposed(Picture picture) {
    ImageShape from = picture.shape();
    int channels = from.channels();
    byte[] out = new byte[picture.pixels().length];
    for (int y = 0; y < from.height(); y++) {
      for (int x = 0; x < from.width(); x++) {
        System.arraycopy(
            picture.pixels(),
            (y * from.width() + x) * channels,
            out,
            (x * from.height() + y) * channels,
            channels);
      }
    }
    return new Picture(out, new ImageShape(channels, from.width(), from.height()));
  }

  private static Picture cut(Picture picture, ImageShape shape) {
    ImageShape from = picture.shape();
    if (from.equals(shape)) {
      return picture;
    }
    int top = (int) Math.rint((from.height() - shape.height()) / 2.0);
    int left = (int) Math.rint((from.width() - shape.width()) / 2.0);
    return part(picture, top, left, shape);
  }

  private static Picture part(Picture picture, int top, int left, ImageShape shape) {
    byte[] out = new byte[shape.values()];
    int row = shape.width() * shape.channels();
    for (int y = 0; y < shape.height(); y++) {
      int source = ((top + y) * picture.shape().width() + left) * shape.channels();
      System.arraycopy(picture.pixels(), source, out, y * row, row);
    }
    return new Picture(out, shape);
  }
}
