package dev.retort.teacher;

import dev.retort.data.ChannelStatistics;
import dev.retort.engine.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Brings images from one normalisation to another: x · scale + shift in each channel.
 *
 * @param scale {@code [1, C, 1, 1]}
 * @param shift {@code [1, C, 1, 1]}
 */
public record Renormalization(Tensor scale, Tensor shift) {
  /** In fp32; null where the two normalisations are the same. */
  static @Nullable Renormalization between(ChannelStatistics from, ChannelStatistics to) {
    if (from.equals(to)) {
      return null;
    }
    int channels = from.mean().length;
    float[] scales = new float[channels];
    float[] shifts = new float[channels];
    for (int c = 0; c < channels; c++) {
      scales[c] = from.standardDeviation()[c] / to.standardDeviation()[c];
      shifts[c] = (from.mean()[c] - to.mean()[c]) / to.standardDeviation()[c];
    }
    return new Renormalization(
        Tensors.of(scales, 1, channels, 1, 1), Tensors.of(shifts, 1, channels, 1, 1));
  }

  /**
   * The pixels that images were normalised from.
   *
   * @param images {@code [N, C, H, W]}
   * @return whole numbers in 0 … 255, of the images' type, on their device
   */
  public static Tensor pixels(Tensor images, ChannelStatistics statistics) {
    ChannelStatistics none = ChannelStatistics.none(statistics.mean().length);
    Tensor values = changed(images, statistics, none).mul(new Scalar(255)).round();
    return torch.clamp_max(values.clamp_min(new Scalar(0)), new Scalar(255));
  }

  /** Images {@code [N, C, H, W]} from one normalisation in another, on their device. */
  static Tensor changed(Tensor images, ChannelStatistics from, ChannelStatistics to) {
    Renormalization change = between(from, to);
    return change == null
        ? images
        : change.map(values -> Tensors.toDeviceOf(values, images)).apply(images);
  }

  /** The same with both tensors replaced. */
  Renormalization map(UnaryOperator<Tensor> change) {
    return new Renormalization(change.apply(scale), change.apply(shift));
  }

  /** The images {@code [N, C, H, W]} in the other normalisation. */
  Tensor apply(Tensor images) {
    return images.mul(scale).add(shift);
  }
}
