package dev.retort.distill;

import dev.retort.network.State;
import java.util.Objects;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * ReviewKD's attention based fusion (Chen et al. 2021, figure 3a), one level of it: the student's
 * map goes through a 1×1 convolution and batch normalisation to the common width M; the map handed
 * down from the deeper level is resized to it (nearest neighbour); the two are mixed with weights
 * for each position, the sigmoid of a 1×1 convolution of both; the mixture is resized to the
 * teacher's map, and is handed on to the next shallower level; a 3×3 convolution and batch
 * normalisation make of it what is compared with the teacher's map. The convolutions before a
 * normalisation have no bias. The deepest level has nothing to mix.
 *
 * @param first {@code [M, C_s, 1, 1]}
 * @param firstScale γ of its batch normalisation, {@code [M]}
 * @param firstShift β, {@code [M]}
 * @param second {@code [C_t, M, 3, 3]}
 * @param secondScale γ of its batch normalisation, {@code [C_t]}
 * @param secondShift β, {@code [C_t]}
 * @param attention {@code [2, 2M, 1, 1]}: the first output weighs the student's own map, the second
 *     the deeper level's; null at the deepest level
 * @param attentionBias {@code [2]}; null at the deepest level
 */
record AttentionFusion(
    Tensor first,
    Tensor firstScale,
    Tensor firstShift,
    Tensor second,
    Tensor secondScale,
    Tensor secondShift,
    @Nullable Tensor attention,
    @Nullable Tensor attentionBias) {

  /**
   * What one level makes of the student's map.
   *
   * @param compared with the teacher's map, {@code [N, C_t, H_t, W_t]}
   * @param handedOn to the next shallower level, {@code [N, M, H_t, W_t]}
   */
  public record Fused(Tensor compared, Tensor handedOn) {}

  /**
   * Declares a level with the authors' initial values: convolutions before a normalisation uniform
   * in ±√(3 / inputs), the attention's as PyTorch does.
   *
   * @param deepest whether there is no deeper level
   */
  static AttentionFusion declare(
      State state, String path, long in, long middle, long out, boolean deepest) {
    return new AttentionFusion(
        state.uniform(path + ".conv1.0.weight", Math.sqrt(3.0 / in), middle, in, 1, 1),
        state.constant(path + ".conv1.1.weight", 1, middle),
        state.constant(path + ".conv1.1.bias", 0, middle),
        state.uniform(path + ".conv2.0.weight", Math.sqrt(3.0 / (9 * middle)), out, middle, 3, 3),
        state.constant(path + ".conv2.1.weight", 1, out),
        state.constant(path + ".conv2.1.bias", 0, out),
        deepest ? null : state.weight(path + ".att_conv.0.weight", 2, 2 * middle, 1, 1),
        deepest ? null : state.bias(path + ".att_conv.0.bias", 2, 2 * middle, 1, 1));
  }

  /**
   * Computes the level.
   *
   * @param student the student's map {@code [N, C_s, H_s, W_s]}
   * @param deeper what the deeper level handed on, {@code [N, M, H, W]}; null at the deepest
   * @param height of the teacher's map
   * @param width of the teacher's map
   */
  public Fused fuse(Tensor student, @Nullable Tensor deeper, long height, long width) {
    Tensor mixture =
        ConnectorLayers.batchNormalization(
            ConnectorLayers.convolution(student, first, null), firstScale, firstShift);
    if (attention != null) {
      Tensor review = resized(Objects.requireNonNull(deeper), student.size(2), student.size(3));
      Tensor both = torch.cat(new TensorVector(mixture, review), 1);
      Tensor weights = ConnectorLayers.convolution(both, attention, attentionBias).sigmoid();
      mixture = mixture.mul(weights.narrow(1, 0, 1)).add(review.mul(weights.narrow(1, 1, 1)));
    }
    Tensor handedOn = resized(mixture, height, width);
    Tensor compared =
        ConnectorLayers.batchNormalization(
            ConnectorLayers.convolution(handedOn, second, null), secondScale, secondShift);
    return new Fused(compared, handedOn);
  }

  private static Tensor resized(Tensor map, long height, long width) {
    return map.size(2) == height && map.size(3) == width
        ? map
        : torch.upsample_nearest2d(
            map, new long[] {height, width}, new DoubleOptional(), new DoubleOptional());
  }
}
