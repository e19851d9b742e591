package dev.retort.distill;

import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The layers of which connectors between a student's and a teacher's shapes are made. A connector
 * only exists while the student learns, so batch normalisation takes the batch's statistics and
 * keeps no running ones.
 */
final class ConnectorLayers {
  private static final double EPSILON = 1e-5;

  private ConnectorLayers() {}

  /**
   * A convolution of stride 1 that keeps the map's size.
   *
   * @param input {@code [N, in, H, W]}
   * @param weight {@code [out, in, k, k]}, k odd
   * @param bias {@code [out]}
   * @return {@code [N, out, H, W]}
   */
  static Tensor convolution(Tensor input, Tensor weight, @Nullable Tensor bias) {
    long padding = weight.size(2) / 2;
    return torch.conv2d(
        input,
        weight,
        bias == null ? Tensors.absent() : Tensors.present(bias),
        new long[] {1, 1},
        new long[] {padding, padding},
        new long[] {1, 1},
        1);
  }

  /**
   * Batch normalisation by the batch's own mean and biased variance, ε = 1e-5.
   *
   * @param input {@code [N, C]} or {@code [N, C, H, W]}
   * @param scale γ {@code [C]}
   * @param shift β {@code [C]}
   */
  static Tensor batchNormalization(Tensor input, Tensor scale, Tensor shift) {
    return torch.batch_norm(
        input,
        Tensors.present(scale),
        Tensors.present(shift),
        Tensors.absent(),
        Tensors.absent(),
        true,
        0,
        EPSILON,
        true);
  }

  /**
   * A fully connected layer.
   *
   * @param input {@code [N, in]}
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}
   */
  static Tensor linear(Tensor input, Tensor weight, Tensor bias) {
    return torch.linear(input, weight, Tensors.present(bias));
  }
}
