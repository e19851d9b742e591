package dev.retort.data;

import dev.retort.data.Augmentation.Padding;
import dev.retort.data.ImageFile.Picture;
import dev.retort.data.RandomResizedCrop.Box;
import dev.retort.engine.RandomSource;
import java.util.Arrays;

/**
 * Turns an image into the numbers that a network reads: one augmented view of it, normalised. The
 * result is a function of (data seed, view, sample) and of nothing else: not of the batch, the
 * epoch's order or what was rendered before.
 *
 * <p>A random part of the image is scaled, if that is asked for. Then it is shifted, then mirrored,
 * then a square is cut out of it. The square's centre is uniform over the image, and what lies
 * outside is lost (DeVries and Taylor 2017, Improved Regularization of Convolutional Neural
 * Networks with Cutout).
 *
 * <p>For one thread: the result's array is used again. Nothing is allocated for an image that has
 * its shape already.
 */
public final class ViewRenderer {
  /**
   * Raise it where the same pixels, seed and view give other values; see {@link ImageFile#VERSION}.
   */
  static final int VERSION = 1;

  private static final int BLACK = -1;

  /** The images as they came, and as they are read: brought to the shape, but for random crops. */
  private final Dataset whole;

  private final Dataset dataset;
  private final ImageShape shape;

  /** How long a side of a view is, in that of the view whose shifts and squares are drawn. */
  private final double scale;

  private final Augmentation augmentation;
  private final RandomSource random;
  private final ViewSource source;
  private final RandomSource flips;
  private final RandomSource crops;

  /** The normalised value of byte b of channel c is {@code table[256 c + b]}. */
  private final float[] table;

  private final PixelView pixels = new PixelView();
  private final int[] columns;
  private final float[] values;

  private long view = -1;
  private RandomSource ofView;

  /** Random bits, 63 of them, from which {@link #draw} takes one bounded number after another. */
  private long bits;

  /**
   * @param shape of every view; images of another are scaled to cover it and cut in the middle
   * @param dataSeed decides the augmentation together with view and sample
   * @throws IllegalArgumentException if the statistics are for another number of channels, or a
   *     shift under reflection or a cutout is larger than the image
   */
  public ViewRenderer(
      Dataset dataset,
      ImageShape shape,
      ChannelStatistics statistics,
      Augmentation augmentation,
      long dataSeed) {
    this(
        dataset,
        shape,
        1,
        table(statistics, shape),
        augmentation,
        ViewSource.of(dataset, shape, statistics, augmentation, dataSeed),
        RandomSource.of(dataSeed, "augmentation"));
    augmentation.requireFitting(shape);
  }

  private ViewRenderer(
      Dataset dataset,
      ImageShape shape,
      double scale,
      float[] table,
      Augmentation augmentation,
      ViewSource source,
      RandomSource random) {
    this.table = table;
    this.whole = dataset;
    // A random crop is taken from the whole picture.
    this.dataset = augmentation.randomResizedCrop() == null ? dataset.framed(shape) : dataset;
    this.shape = shape;
    this.scale = scale;
    this.augmentation = augmentation;
    this.source = source;
    this.random = random;
    this.flips = random.at("alternating flip");
    this.crops = random.at("random resized crop");
    this.ofView = random.at(view);
    this.columns = new int[shape.width()];
    this.values = new float[shape.values()];
  }

  /**
   * One that renders the same views at another size: the same part of each picture, mirrored alike,
   * with shifts and squares that are as large beside it, to the nearest pixel. An edge that is
   * mirrored is mirrored at its own outermost pixel.
   *
   * @param other with the channels and the proportions of this one's shape
   */
  public ViewRenderer at(ImageShape other) {
    double times = scale * other.height() / shape.height();
    return new ViewRenderer(whole, other, times, table, augmentation, source, random);
  }

  private static float[] table(ChannelStatistics statistics, ImageShape shape) {
    if (statistics.mean().length != shape.channels()) {
      throw new IllegalArgumentException(
          "statistics of %s channels do not normalise images of %s"
              .formatted(statistics.mean().length, shape));
    }
    float[] table = new float[256 * shape.channels()];
    for (int i = 0; i < table.length; i++) {
      double mean = statistics.mean()[i / 256];
      double deviation = statistics.standardDeviation()[i / 256];
      table[i] = (float) ((i % 256 / 255.0 - mean) / deviation);
    }
    return table;
  }

  /**
   * One view of one image.
   *
   * @param sample the image's index in the data set
   * @param view the view's number, not negative
   * @return its values, row by row with interleaved channels; valid until the next call
   * @throws DataException if the image cannot be read
   */
  public float[] render(int sample, long view) {
    dataset.read(sample, pixels);
    if (view != this.view) {
      this.view = view;
      ofView = random.at(view);
    }
    frame(sample);
    bits = ofView.at(sample).key() >>> 1;
    int shift = augmentation.shift();
    int down = scaled(draw(2 * shift + 1) - shift);
    int right = scaled(draw(2 * shift + 1) - shift);
    boolean coin = draw(2) == 1;
    boolean mirrored =
        switch (augmentation.flip()) {
          case NONE -> false;
          case RANDOM -> coin;
          case ALTERNATING -> ((flips.at(sample).key() ^ view) & 1) == 1;
        };
    look(right, mirrored);
    for (int y = 0; y < shape.height(); y++) {
      row(y, place(y - down, shape.height()));
    }
    if (augmentation.cutout() > 0) {
      cut(draw(drawn(shape.height())), draw(drawn(shape.width())));
    }
    return values;
  }

  private int scaled(int pixels) {
    return (int) Math.round(pixels * scale);
  }

  private int drawn(int side) {
    return (int) Math.round(side / scale);
  }

  /** Brings what was read to the shape: a random part of it, or its middle. */
  private void frame(int sample) {
    RandomResizedCrop crop = augmentation.randomResizedCrop();
    if (crop != null) {
      Picture picture = picture();
      int height = pixels.height();
      int width = pixels.width();
      Box box = crop.choose(height, width, crops.at(view).at(sample).random());
      pixels.set(Resizing.crop(picture, box, shape).pixels(), 0, shape);
    } else if (pixels.channels() != shape.channels()
        || pixels.height() != shape.height()
        || pixels.width() != shape.width()) {
      pixels.set(Resizing.fit(picture(), shape).pixels(), 0, shape);
    }
  }

  private Picture picture() {
    ImageShape own = new ImageShape(pixels.channels(), pixels.height(), pixels.width());
    byte[] bytes = pixels.pixels();
    return new Picture(
        pixels.offset() == 0
            ? bytes
            : Arrays.copyOfRange(bytes, pixels.offset(), pixels.offset() + own.values()),
        own);
  }

  /**
   * A number uniform in 0 … n−1, from the high part of bits · n; the low part is left for the next
   * one (Brackett-Rozinsky and Lemire 2024, Batched Ranged Random Integer Generation). All draws
   * for an image together have so few outcomes that the bias is below 2⁻³⁰.
   */
  private int draw(int n) {
    int drawn = (int) Math.multiplyHigh(bits, 2L * n);
    bits = bits * n & Long.MAX_VALUE;
    return drawn;
  }

  /** Which row or column of the image is seen at a place that may lie outside it. */
  private int place(int i, int length) {
    if (i >= 0 && i < length) {
      return i;
    }
    if (augmentation.padding() == Padding.ZERO) {
      return BLACK;
    }
    return i < 0 ? -i : 2 * (length - 1) - i;
  }

  /** Where in a row of the image each column of the view comes from. */
  private void look(int right, boolean mirrored) {
    int width = shape.width();
    for (int x = 0; x < width; x++) {
      int column = place(x - right, width);
      columns[mirrored ? width - 1 - x : x] = column == BLACK ? BLACK : column * shape.channels();
    }
  }

  /** Fills row y of the view from row {@code from} of the image. */
  private void row(int y, int from) {
    int channels = shape.channels();
    int to = y * shape.width() * channels;
    byte[] bytes = pixels.pixels();
    int start = pixels.offset() + from * shape.width() * channels;
    if (channels == 3) {
      for (int column : columns) {
        if (from == BLACK || column == BLACK) {
          values[to] = table[0];
          values[to + 1] = table[256];
          values[to + 2] = table[512];
        } else {
          int at = start + column;
          values[to] = table[bytes[at] & 0xff];
          values[to + 1] = table[256 + (bytes[at + 1] & 0xff)];
          values[to + 2] = table[512 + (bytes[at + 2] & 0xff)];
        }
        to += 3;
      }
      return;
    }
    for (int column : columns) {
      for (int c = 0; c < channels; c++) {
        int value = from == BLACK || column == BLACK ? 0 : bytes[start + column + c] & 0xff;
        values[to++] = table[256 * c + value];
      }
    }
  }

  /** Sets the square around a centre to the mean, which is 0 after normalisation. */
  private void cut(int centreRow, int centreColumn) {
    int side = scaled(augmentation.cutout());
    int top = scaled(centreRow - augmentation.cutout() / 2);
    int left = scaled(centreColumn - augmentation.cutout() / 2);
    int width = shape.width();
    int from = Math.max(left, 0);
    int to = Math.min(left + side, width);
    for (int y = Math.max(top, 0); y < Math.min(top + side, shape.height()); y++) {
      Arrays.fill(
          values, (y * width + from) * shape.channels(), (y * width + to) * shape.channels(), 0f);
    }
  }

  /** What this renders views of, and how. */
  public ViewSource source() {
    return source;
  }

  /** The images that this renders. */
  public Dataset dataset() {
    return dataset;
  }

  /** The shape of each view. */
  public ImageShape shape() {
    return shape;
  }
}
