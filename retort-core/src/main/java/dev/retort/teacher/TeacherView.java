package dev.retort.teacher;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.data.ChannelStatistics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a foreign teacher wants its images, how it orders its classes, and what its outputs are.
 *
 * @param size height and width in pixels; null for what the model declares, or else the images' own
 * @param statistics subtracted and divided by on the scale 0 … 1; null for the data's own
 * @param layout the order of its input's dimensions, where the model's shape does not show channels
 *     last
 * @param classes the names in the order of its logits; null for what the model's metadata says, or
 *     else the data's order
 * @param outputs what it gives for each class; null for what its values on images show
 */
public record TeacherView(
    @Nullable Integer size,
    @Nullable ChannelStatistics statistics,
    Layout layout,
    @Nullable List<String> classes,
    @Nullable Outputs outputs) {
  /** The order of dimensions in a batch of images. */
  public enum Layout {
    /** Image, channel, row, column. */
    @JsonProperty("NCHW")
    NCHW,
    /** Image, row, column, channel. */
    @JsonProperty("NHWC")
    NHWC
  }

  /** A teacher that says everything itself, or sees the images as the student does. */
  public static TeacherView standard() {
    return new TeacherView(null, null, Layout.NCHW, null, null);
  }

  /** Whether it leaves everything to the model. */
  boolean isStandard() {
    return size == null
        && statistics == null
        && layout == Layout.NCHW
        && classes == null
        && outputs == null;
  }
}
