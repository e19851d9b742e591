package dev.retort.teacher;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an external teacher wants its images, how it orders its classes, and what its outputs are.
 *
 * @param size height and width in pixels; null for what the model declares, or else the images' own
 * @param statistics subtracted and divided by on the scale 0 … 1; null for the data's own
 * @param layout the order of its input's dimensions, where the model's shape does not show channels
 *     last
 * @param classes the names in the order of its logits; null for what the model's metadata says, or
 *     else the data's order
 * @param channels the order of three channels, which {@code statistics} have too; null for red,
 *     green, blue
 * @param outputs what it gives for each class; null for what its values on images show
 */
public record TeacherView(
    @Nullable Integer size,
    @Nullable ChannelStatistics statistics,
    Layout layout,
    @Nullable List<String> classes,
    @Nullable Channels channels,
    @Nullable Outputs outputs) {
  private static final int COLOURS = 3;

  /** The order of dimensions in a batch of images. */
  public enum Layout {
    /** Image, channel, row, column. */
    @JsonProperty("NCHW")
    NCHW,
    /** Image, row, column, channel. */
    @JsonProperty("NHWC")
    NHWC
  }

  /** The order of the colours. */
  public enum Channels {
    /** Red, green, blue. */
    @JsonProperty("RGB")
    RGB,
    /** Blue, green, red: as OpenCV and Caffe read pictures. */
    @JsonProperty("BGR")
    BGR
  }

  /** With the usual order of the colours. */
  public TeacherView(
      @Nullable Integer size,
      @Nullable ChannelStatistics statistics,
      Layout layout,
      @Nullable List<String> classes) {
    this(size, statistics, layout, classes, null, null);
  }

  /** The same with other statistics. */
  public TeacherView withStatistics(@Nullable ChannelStatistics other) {
    return new TeacherView(size, other, layout, classes, channels, outputs);
  }

  /** The same with another order of the colours. */
  TeacherView withChannels(Channels other) {
    return new TeacherView(size, statistics, layout, classes, other, outputs);
  }

  /** The same with the size left to the model, or else to the images. */
  TeacherView withoutSize() {
    return new TeacherView(null, statistics, layout, classes, channels, outputs);
  }

  /**
   * The images that it wants, of three channels where nothing says how many.
   *
   * @param data those of the data, which hold where it does not say; null for none
   * @return null if nothing says their size
   */
  public @Nullable ImageShape images(@Nullable ImageShape data) {
    ImageShape other = data == null && size != null ? new ImageShape(COLOURS, size, size) : data;
    return other == null
        ? null
        : new ImageShape(
            statistics == null ? other.channels() : statistics.mean().length,
            size == null ? other.height() : size,
            size == null ? other.width() : size);
  }

  /**
   * Refuses what no network of Retort's reads.
   *
   * @param model for the message
   */
  public void requireOwnLayout(String model) {
    if (layout != Layout.NCHW || channels == Channels.BGR) {
      throw new IllegalArgumentException(
          "%s: a network of Retort's reads RGB and NCHW; turn the input channels of the first convolution's weight round (weight[:, [2, 1, 0]]) and leave channels and layout out"
              .formatted(model));
    }
  }

  /** A teacher that says everything itself, or sees the images as the student does. */
  public static TeacherView standard() {
    return new TeacherView(null, null, Layout.NCHW, null);
  }

  /** Whether it leaves everything to the model. */
  boolean isStandard() {
    return size == null
        && statistics == null
        && layout == Layout.NCHW
        && classes == null
        && channels == null
        && outputs == null;
  }
}
