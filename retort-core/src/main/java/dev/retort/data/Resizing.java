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
  /** Raise it where the same picture gives other pixels; see {@link ImageFile#VERSION}. */
  static final int VERSION = 1;

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
    ImageShape from = picture.shape();
    double coveredHeight = Math.round(shape.height() / cropShare);
    double coveredWidth = Math.round(shape.width() / cropShare);
    double scale = Math.max(coveredHeight / from.height(), coveredWidth / from.width());
    // Cut off, as torchvision does, but for what rounding may have taken from a whole number.
    long height = (long) Math.max(coveredHeight, from.height() * scale + 1e-9);
    long width = (long) Math.max(coveredWidth, from.width() * scale + 1e-9);
    Axis rows = Axis.middle(from.height(), height, shape.height());
    Axis columns = Axis.middle(from.width(), width, shape.width());
    return scaled(channels(picture, shape.channels()), rows, columns);
  }

  /** A part of a picture, scaled to a shape without regard to its proportions. */
  static Picture crop(Picture picture, RandomResizedCrop.Box box, ImageShape shape) {
    ImageShape size = new ImageShape(picture.shape().channels(), box.height(), box.width());
    Picture part = part(picture, box.top(), box.left(), size);
    return scaled(
        channels(part, shape.channels()),
        Axis.middle(box.height(), shape.height(), shape.height()),
        Axis.middle(box.width(), shape.width(), shape.width()));
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

  /**
   * A stretch of one side of a scaled picture.
   *
   * @param from how long the side is
   * @param to how long it would be, scaled as a whole
   * @param first the first of its pixels that is wanted
   * @param count how many are
   */
  private record Axis(int from, long to, long first, int count) {
    /** Its middle. */
    static Axis middle(int from, long to, int count) {
      return new Axis(from, to, (long) Math.rint((to - count) / 2.0), count);
    }

    private double scale() {
      return (double) from / to;
    }

    private double support() {
      return Math.max(1, scale());
    }

    private double center(long place) {
      return (place + 0.5) * scale();
    }

    /** Of the side as it is, the first pixel that one of the scaled side is made of. */
    private int begin(long place) {
      return Math.max(0, (int) (center(place) - support() + 0.5));
    }

    /** The end of those pixels. */
    private int end(long place) {
      return isUnscaled()
          ? (int) place + 1
          : Math.min(from, (int) (center(place) + support() + 0.5));
    }

    /** Whether nothing is scaled. */
    private boolean isUnscaled() {
      return from == to;
    }

    private int begin() {
      return begin(first);
    }

    private int end() {
      return end(first + count - 1);
    }
  }

  /** Scales no more of a picture than is wanted: the whole may be too large for an array. */
  private static Picture scaled(Picture picture, Axis rows, Axis columns) {
    ImageShape wanted =
        new ImageShape(
            picture.shape().channels(), rows.end() - rows.begin(), columns.end() - columns.begin());
    Picture part =
        wanted.equals(picture.shape())
            ? picture
            : part(picture, rows.begin(), columns.begin(), wanted);
    Picture wide = scaled(part, columns);
    return rows.isUnscaled() ? wide : transposed(scaled(transposed(wide), rows));
  }

  /** Resamples every row of the part of a picture that begins at the first column needed. */
  private static Picture scaled(Picture picture, Axis columns) {
    if (columns.isUnscaled()) {
      return picture;
    }
    ImageShape from = picture.shape();
    int channels = from.channels();
    int begin = columns.begin();
    byte[] in = picture.pixels();
    byte[] out = new byte[from.height() * columns.count() * channels];
    for (int x = 0; x < columns.count(); x++) {
      long place = columns.first() + x;
      int first = columns.begin(place);
      int last = columns.end(place);
      double[] weights = new double[last - first];
      double sum = 0;
      for (int i = first; i < last; i++) {
        weights[i - first] =
            Math.max(0, 1 - Math.abs((i + 0.5 - columns.center(place)) / columns.support()));
        sum += weights[i - first];
      }
      for (int y = 0; y < from.height(); y++) {
        for (int c = 0; c < channels; c++) {
          double value = 0;
          for (int i = first; i < last; i++) {
            int source = (y * from.width() + i - begin) * channels + c;
            value += weights[i - first] * Byte.toUnsignedInt(in[source]);
          }
          out[(y * columns.count() + x) * channels + c] = (byte) Math.round(value / sum);
        }
      }
    }
    return new Picture(out, new ImageShape(channels, from.height(), columns.count()));
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
