package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.ClassNames;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.Outputs;
import dev.retort.teacher.TeacherView;
import dev.retort.teacher.TeacherView.Channels;
import dev.retort.teacher.TeacherView.Layout;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The teacher, and how it sees the images where that differs from the student's way. YAML: MODEL
 * alone, or {@code {model: MODEL, size: 64, mean: […], std: […], layout: NCHW, classes: FILE,
 * channels: RGB, outputs: logits}}.
 *
 * @param model MODEL: {@code bundled:cifar10}, a safetensors file of Retort's, a run's folder,
 *     {@code NETWORK:FILE} for PyTorch's weights, an ONNX or TorchScript file, or {@code
 *     recorded:FILE}; required
 * @param size the height and width that it reads, in pixels; null for what the file declares, else
 *     the images' own
 * @param mean of each channel on the scale 0 … 1, subtracted; null for what an export of Retort's
 *     declares, else that of the training images
 * @param std of each channel on the scale 0 … 1, divided by; null for what an export of Retort's
 *     declares, else that of the training images
 * @param layout the order of its input's dimensions. A file whose last dimension can only be
 *     channels shows it without this key
 * @param classes a file of class names, one a line, in the order of its logits; null for the order
 *     in the file, else that of the data
 * @param channels the order of its colours, which mean and std have too: BGR as OpenCV and Caffe
 *     read pictures; null for RGB
 * @param outputs what its outputs are; null for what their values show
 */
public record TeacherConfiguration(
    @JsonProperty(required = true) String model,
    @Nullable Integer size,
    @Nullable List<Double> mean,
    @Nullable List<Double> std,
    Layout layout,
    @Nullable String classes,
    @Nullable Channels channels,
    @Nullable Outputs outputs) {

  @JsonCreator
  public TeacherConfiguration {
    if (model.isBlank()) {
      throw new IllegalArgumentException("model must not be empty");
    }
    if (size != null && size < 1) {
      throw new IllegalArgumentException("size must be at least 1 pixel, not " + size);
    }
    if ((mean == null) != (std == null)) {
      throw new IllegalArgumentException("mean and std must be given together");
    }
    if (mean != null && std != null) {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      if (mean.isEmpty() || mean.size() != std.size()) {
        throw new IllegalArgumentException(
            "mean and std must have a value for each channel, but have "
                + mean.size()
                + " and "
                + std.size());
      }
      for (int channel = 0; channel < mean.size(); channel++) {
        ChannelStatistics.requireScale(mean.get(channel), std.get(channel));
      }
    }
  }

  /** A teacher that sees the images as the student does. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static TeacherConfiguration of(String model) {
    return new TeacherConfiguration(model, null, null, null, Layout.NCHW, null, null, null);
  }

  /** The model; a relative path starts from the working folder. */
  public ModelSource source() {
    return ModelSource.parse(model, Path.of(""));
  }

  /**
   * The same as the teacher's package knows it; the file of classes is read.
   *
   * @throws dev.retort.data.DataException if that file cannot be read
   */
  public TeacherView view() {
    return new TeacherView(
        size,
        mean == null || std == null ? null : new ChannelStatistics(floats(mean), floats(std)),
        layout,
        classes == null ? null : ClassNames.of(Path.of(classes)),
        channels,
        outputs);
  }

  /**
   * Looks whether its files are there.
   *
   * @throws dev.retort.weights.WeightsException if the model is not
   * @throws dev.retort.data.DataException if the file of classes cannot be read
   */
  public void requireThere() {
    source().requireThere();
    view();
  }

  private static float[] floats(List<Double> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }
}
