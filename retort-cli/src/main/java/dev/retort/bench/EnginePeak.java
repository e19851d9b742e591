package dev.retort.bench;

import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Operations that are large enough for the engine's best rate. What they read is made once, and
 * belongs to the innermost open scope.
 */
final class EnginePeak {
  private static final long MATRIX_SIDE = 2048;
  private static final long BATCH = 128;
  private static final long CHANNELS = 256;
  private static final long MAP_SIDE = 16;
  private static final long KERNEL = 3;

  /** Floating-point operations of a matrix product. */
  static final double PRODUCT_FLOPS = 2.0 * MATRIX_SIDE * MATRIX_SIDE * MATRIX_SIDE;

  /** The same of a convolution, as if the border were no shorter, as everywhere in the field. */
  static final double CONVOLUTION_FLOPS =
      2.0 * BATCH * MAP_SIDE * MAP_SIDE * CHANNELS * CHANNELS * KERNEL * KERNEL;

  private EnginePeak() {}

  /** The product of two square matrices. */
  static Workload matrixProduct(ScalarType type) {
    RandomSource random = RandomSource.of(0, "matrix product");
    Tensor left = random.at("left").normal(ScalarType.Float, MATRIX_SIDE, MATRIX_SIDE).to(type);
    Tensor right = random.at("right").normal(ScalarType.Float, MATRIX_SIDE, MATRIX_SIDE).to(type);
    return new Repetition("matrix product", () -> torch.matmul(left, right));
  }

  /** A 3×3 convolution of channels-last maps. */
  static Workload convolution(ScalarType type) {
    RandomSource random = RandomSource.of(0, "convolution");
    Tensor maps = channelsLast(random.at("maps"), type, BATCH, MAP_SIDE, MAP_SIDE, CHANNELS);
    Tensor kernels = channelsLast(random.at("kernels"), type, CHANNELS, KERNEL, KERNEL, CHANNELS);
    long[] one = {1, 1};
    return new Repetition(
        "convolution", () -> torch.conv2d(maps, kernels, Tensors.absent(), one, one, one, 1));
  }

  private static Tensor channelsLast(RandomSource random, ScalarType type, long... shape) {
    return random.normal(ScalarType.Float, shape).to(type).permute(0, 3, 1, 2);
  }
}
