package dev.retort.teacher;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.PixelView;
import dev.retort.data.Splits;
import dev.retort.teacher.TeacherView.Channels;
import dev.retort.teacher.TeacherView.Layout;
import dev.retort.weights.WeightsException;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.InterpolateFuncOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.kBilinear;
import org.jspecify.annotations.Nullable;

/**
 * Brings a student's views of images to the form that an external model reads: channels, size
 * (bilinear, with antialiasing where they shrink), normalisation, type and layout. Views of
 * pictures, which have more detail than a small student sees, are rendered at a larger model's size
 * instead ({@link dev.retort.data.batch.Batch#at}).
 *
 * @param shape of an image as the model reads it
 * @param layout of a batch as the model reads it
 * @param type of the numbers that it reads
 * @param channels the order of the colours as the model reads them
 * @param given by which the views are normalised, in that order
 * @param wanted by which the model's images are, in that order; null where it reads bytes
 * @param frame what views are scaled to before the model's shape is cut out of their middle; null
 *     where nothing is cut out
 * @param rendered the student's shape with the model's sides, if views are rendered at its size
 */
record ExternalImages(
    ImageShape shape,
    Layout layout,
    ScalarType type,
    Channels channels,
    ChannelStatistics given,
    @Nullable ChannelStatistics wanted,
    @Nullable ImageShape frame,
    @Nullable ImageShape rendered) {
  private static final int LOOKED_AT = 16;

  /**
   * What a model needs of the data.
   *
   * @throws WeightsException if it cannot read such images
   */
  static ExternalImages of(
      String name, FrozenClassifier.Input input, TeacherView view, Splits data) {
    ImageShape frame = input.frame();
    boolean whole =
        frame != null
            && (data.inputShape().equals(frame) || Objects.equals(view.size(), frame.height()));
    FrozenClassifier.Input read = whole ? input.whole() : input;
    Layout layout = read.layout(view.layout());
    boolean last = layout == Layout.NHWC;
    long[] declared = read.shape();
    long channels = declared[last ? 3 : 1];
    ImageShape images = data.inputShape();
    int ofModel = channels > 0 ? side(name, channels) : images.channels();
    ChannelStatistics own = view.statistics();
    if (own != null && channels <= 0) {
      ofModel = own.mean().length;
    }
    if (ofModel != images.channels() && !(images.channels() == 1 && ofModel <= 4)) {
      throw new WeightsException(
          "%s: its input %s has %s channels, and the images have %s (layout is %s)"
              .formatted(name, Arrays.toString(declared), ofModel, images.channels(), layout));
    }
    boolean bytes = input.type() == ScalarType.Byte;
    if (own != null) {
      requireNormalised(name, bytes, own, ofModel);
    }
    Channels order = view.channels() == null ? Channels.RGB : view.channels();
    if (order == Channels.BGR && ofModel != 3) {
      throw new WeightsException(
          "%s: channels: BGR is an order of three channels, and it reads %d"
              .formatted(name, ofModel));
    }
    ChannelStatistics given = inOrder(order, widened(data.statistics(), ofModel));
    ImageShape shape =
        new ImageShape(
            ofModel,
            size(name, declared[last ? 1 : 2], view.size(), images.height()),
            size(name, declared[last ? 2 : 3], view.size(), images.width()));
    return new ExternalImages(
        shape,
        layout,
        input.type(),
        order,
        given,
        bytes ? null : own == null ? given : own,
        read.frame(),
        hasMoreDetail(shape, data)
            ? new ImageShape(images.channels(), shape.height(), shape.width())
            : null);
  }

  /**
   * Whether a model's size is larger than the student's, of the same proportions, and most of some
   * images, evenly spread, are larger than the student's views, too.
   */
  static boolean hasMoreDetail(ImageShape model, Splits data) {
    ImageShape images = data.inputShape();
    boolean isLarger =
        model.height() > images.height()
            && (long) model.height() * images.width() == (long) model.width() * images.height();
    Dataset some = data.some();
    int count = Math.min(LOOKED_AT, some.size());
    if (!isLarger || count == 0) {
      return false;
    }
    PixelView own = new PixelView();
    int larger = 0;
    for (int i = 0; i < count; i++) {
      some.read((int) ((long) i * some.size() / count), own);
      larger += own.height() > images.height() && own.width() > images.width() ? 1 : 0;
    }
    return 2 * larger > count;
  }

  /**
   * Checks that a model can be given images that are normalised so.
   *
   * @param bytes whether it reads the pixels themselves
   * @param channels of its images
   */
  static void requireNormalised(String name, boolean bytes, ChannelStatistics by, long channels) {
    if (by.mean().length != channels) {
      throw new WeightsException(
          name + ": mean and std of " + by.mean().length + " channels for " + channels);
    }
    if (bytes) {
      throw new WeightsException(
          name + ": it reads bytes and normalises them itself: leave mean and std out");
    }
  }

  static int size(String name, long declared, @Nullable Integer asked, int own) {
    if (declared > 0 && asked != null && asked != declared) {
      throw new WeightsException(
          name + ": it reads images of size " + declared + " only, not " + asked);
    }
    return side(name, declared > 0 ? declared : asked == null ? own : asked);
  }

  /** A side or number of channels that is not absurd. */
  static int side(String name, long side) {
    if (side > ImageShape.LARGEST_SIDE) {
      throw new WeightsException(
          "%s: refused: a side or number of channels of %s is above %s"
              .formatted(name, side, ImageShape.LARGEST_SIDE));
    }
    return (int) side;
  }

  /** Statistics of red, green and blue in another order, or the other way round. */
  static ChannelStatistics inOrder(Channels order, ChannelStatistics statistics) {
    return order == Channels.RGB
        ? statistics
        : new ChannelStatistics(
            reversed(statistics.mean()), reversed(statistics.standardDeviation()));
  }

  private static float[] reversed(float[] values) {
    float[] reversed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      reversed[i] = values[values.length - 1 - i];
    }
    return reversed;
  }

  /** The one channel's statistics for each of several. */
  static ChannelStatistics widened(ChannelStatistics given, int channels) {
    if (given.mean().length == channels) {
      return given;
    }
    float[] mean = new float[channels];
    float[] deviation = new float[channels];
    Arrays.fill(mean, given.mean()[0]);
    Arrays.fill(deviation, given.standardDeviation()[0]);
    return new ChannelStatistics(mean, deviation);
  }

  /** What the model reads: an image with the margins that it cuts off. */
  ImageShape whole() {
    return frame == null ? shape : frame;
  }

  /** Images of zeros, as the model reads them. */
  Tensor blank(int count) {
    ImageShape whole = whole();
    long[] size =
        layout == Layout.NCHW
            ? new long[] {count, whole.channels(), whole.height(), whole.width()}
            : new long[] {count, whole.height(), whole.width(), whole.channels()};
    return torch.zeros(size, new TensorOptions(type));
  }

  /**
   * The same views as the model reads them.
   *
   * @param views {@code [N, C, H, W]}, normalised for the student
   * @return on their device
   */
  Tensor seen(Tensor views) {
    Tensor x = views.detach().to(ScalarType.Float);
    if (x.size(1) != shape.channels()) {
      x = x.expand(x.size(0), shape.channels(), x.size(2), x.size(3));
    }
    if (channels == Channels.BGR) {
      x = x.flip(1);
    }
    if (x.size(2) != shape.height() || x.size(3) != shape.width()) {
      x = resized(x);
    }
    x =
        wanted == null
            ? Renormalization.pixels(x, given)
            : Renormalization.changed(x, given, wanted);
    x = x.to(type);
    if (frame != null) {
      x = torch.constant_pad_nd(x, frame.margins(shape));
    }
    return (layout == Layout.NHWC ? x.permute(0, 2, 3, 1) : x).contiguous();
  }

  private Tensor resized(Tensor x) {
    InterpolateFuncOptions options = new InterpolateFuncOptions();
    options.size().put(new LongVector(shape.height(), shape.width()));
    options.mode().put(new kBilinear());
    options.align_corners().put(false);
    options.antialias().put(true);
    return torch.interpolate(x.contiguous(), options);
  }

  /** What it does, in words. */
  @Override
  public String toString() {
    String numbers =
        wanted == null
            ? "bytes"
            : "mean %s, standard deviation %s"
                .formatted(
                    Arrays.toString(wanted.mean()), Arrays.toString(wanted.standardDeviation()));
    String order = channels == Channels.BGR ? ", BGR" : "";
    String cut = frame == null ? "" : ", the middle of " + frame;
    String detail = rendered == null ? "" : ", of the pictures";
    return shape + ", " + numbers + ", " + layout + order + cut + detail;
  }
}
