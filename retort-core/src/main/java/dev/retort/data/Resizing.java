package dev.retort.data;

import dev.retort.data.ImageFile.Picture;
import dev.retort.image.Pixels;
import java.util.Arrays;

/**
 * Brings pictures to the size that a network reads: the picture is scaled so that it just covers
 * that size, and its middle is cut out. One that has the size already is left as it is.
 *
 * <p>Scaling is bilinear, with the filter as wide as the scale where the picture shrinks, so that
 * every pixel counts: what Pillow and torchvision call bilinear with antialiasing. Weights are
 * whole numbers, and every sum is rounded to 8 bits across before it is summed down, so that the
 * pixels are Pillow's to the last bit.
 */
public final class Resizing {
  /** Raise it where the same picture gives other pixels; see {@link ImageFile#VERSION}. */
  static final int VERSION = 2;

  /** Weights have this many bits behind the point, as in Pillow. */
  private static final int FRACTION = 22;

  private static final int HALF = 1 << (FRACTION - 1);

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

  /**
   * The same, from the middle of a larger scaled picture.
   *
   * @param cropShare how much of the shorter side's length is in the middle that is cut out, in (0,
   *     1]: 224 of 256 pixels are 0.875
   */
  public static Picture fit(Picture picture, ImageShape shape, double cropShare) {
    ImageShape from = picture.shape();
    double coveredHeight = Math.round(shape.height() / cropShare);
    double coveredWidth = Math.round(shape.width() / cropShare);
    double scale = Math.max(coveredHeight / from.height(), coveredWidth / from.width());
    // Cut off, as torchvision does, but for what rounding may have taken from a whole number.
    long height = (long) Math.max(coveredHeight, from.height() * scale + 1e-9);
    long width = (long) Math.max(coveredWidth, from.width() * scale + 1e-9);
    Axis rows = Axis.middle(from.height(), height, shape.height());
    Axis columns = Axis.middle(from.width(), width, shape.width());
    return scaled(channels(picture, shape.channels()), 0, 0, rows, columns);
  }

  /** A part of a picture, scaled to a shape without regard to its proportions. */
  static Picture crop(Picture picture, RandomResizedCrop.Box box, ImageShape shape) {
    Axis rows = Axis.middle(box.height(), shape.height(), shape.height());
    Axis columns = Axis.middle(box.width(), shape.width(), shape.width());
    int channels = picture.shape().channels();
    if (channels == shape.channels()) {
      return scaled(picture, box.top(), box.left(), rows, columns);
    }
    Picture part =
        part(picture, box.top(), box.left(), new ImageShape(channels, box.height(), box.width()));
    return scaled(channels(part, shape.channels()), 0, 0, rows, columns);
  }

  private static Picture channels(Picture picture, int channels) {
    ImageShape from = picture.shape();
    Pixels pixels =
        new Pixels(picture.pixels(), from.height(), from.width(), from.channels())
            .withChannels(channels);
    return new Picture(pixels.bytes(), new ImageShape(channels, from.height(), from.width()));
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

    /** Of how many pixels one of the scaled side is made at most. */
    private int taps() {
      return (int) Math.ceil(support()) * 2 + 1;
    }

    /** What each pixel counts for each of those wanted: {@link #taps()} weights for one. */
    private int[] weights() {
      int[] weights = new int[count * taps()];
      for (int i = 0; i < count; i++) {
        int begin = begin(first + i);
        double[] own = new double[end(first + i) - begin];
        double sum = 0;
        for (int j = 0; j < own.length; j++) {
          double distance = (j + begin - center(first + i) + 0.5) * (1 / support());
          own[j] = Math.max(0, 1 - Math.abs(distance));
          sum += own[j];
        }
        for (int j = 0; j < own.length; j++) {
          weights[i * taps() + j] = (int) (0.5 + own[j] / sum * (1 << FRACTION));
        }
      }
      return weights;
    }
  }

  /**
   * Scales no more of a picture than is wanted: the whole may be too large for an array.
   *
   * @param top the row of the picture where the axis of rows begins
   * @param left the column where that of columns begins
   */
  private static Picture scaled(Picture picture, int top, int left, Axis rows, Axis columns) {
    int first = top + rows.begin();
    ImageShape wide =
        new ImageShape(picture.shape().channels(), rows.end() - rows.begin(), columns.count());
    Picture across =
        columns.isUnscaled()
            ? part(picture, first, left + columns.begin(), wide)
            : across(picture, first, left, wide, columns);
    return rows.isUnscaled() ? across : down(across, rows);
  }

  /** Resamples the rows of a part of a picture. */
  private static Picture across(
      Picture picture, int top, int left, ImageShape shape, Axis columns) {
    int channels = shape.channels();
    byte[] in = picture.pixels();
    byte[] out = new byte[shape.values()];
    int[] weights = columns.weights();
    int taps = columns.taps();
    int[] begins = new int[columns.count()];
    int[] ends = new int[columns.count()];
    for (int x = 0; x < begins.length; x++) {
      begins[x] = columns.begin(columns.first() + x);
      ends[x] = columns.end(columns.first() + x);
    }
    int to = 0;
    for (int y = 0; y < shape.height(); y++) {
      int row = ((top + y) * picture.shape().width() + left) * channels;
      for (int x = 0; x < begins.length; x++) {
        int from = row + begins[x] * channels;
        int weight = x * taps;
        int end = weight + ends[x] - begins[x];
        if (channels == 3) {
          int red = HALF;
          int green = HALF;
          int blue = HALF;
          for (; weight < end; weight++, from += 3) {
            red += weights[weight] * (in[from] & 0xff);
            green += weights[weight] * (in[from + 1] & 0xff);
            blue += weights[weight] * (in[from + 2] & 0xff);
          }
          out[to++] = rounded(red);
          out[to++] = rounded(green);
          out[to++] = rounded(blue);
        } else {
          for (int c = 0; c < channels; c++) {
            int sum = HALF;
            for (int i = 0; i < end - weight; i++) {
              sum += weights[weight + i] * (in[from + i * channels + c] & 0xff);
            }
            out[to++] = rounded(sum);
          }
        }
      }
    }
    return new Picture(out, shape);
  }

  /** Resamples the columns of a picture that begins at the first row needed. */
  private static Picture down(Picture picture, Axis rows) {
    ImageShape shape =
        new ImageShape(picture.shape().channels(), rows.count(), picture.shape().width());
    byte[] in = picture.pixels();
    byte[] out = new byte[shape.values()];
    int[] weights = rows.weights();
    int[] sums = new int[shape.width() * shape.channels()];
    for (int y = 0; y < shape.height(); y++) {
      int begin = rows.begin(rows.first() + y);
      int end = rows.end(rows.first() + y);
      Arrays.fill(sums, HALF);
      for (int i = begin; i < end; i++) {
        int weight = weights[y * rows.taps() + i - begin];
        int from = (i - rows.begin()) * sums.length;
        for (int x = 0; x < sums.length; x++) {
          sums[x] += weight * (in[from + x] & 0xff);
        }
      }
      for (int x = 0; x < sums.length; x++) {
        out[y * sums.length + x] = rounded(sums[x]);
      }
    }
    return new Picture(out, shape);
  }

  /** Of a sum that began with a half; rounded weights may add up to a little more than one. */
  private static byte rounded(int sum) {
    return (byte) Math.min(255, sum >> FRACTION);
  }

  private static Picture part(Picture picture, int top, int left, ImageShape shape) {
    if (shape.equals(picture.shape())) {
      return picture;
    }
    byte[] out = new byte[shape.values()];
    int row = shape.width() * shape.channels();
    for (int y = 0; y < shape.height(); y++) {
      int source = ((top + y) * picture.shape().width() + left) * shape.channels();
      System.arraycopy(picture.pixels(), source, out, y * row, row);
    }
    return new Picture(out, shape);
  }
}
