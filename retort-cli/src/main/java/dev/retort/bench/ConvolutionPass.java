package dev.retort.bench;

import dev.retort.engine.RandomSource;
import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A 3×3 convolution of channels-last maps, wide enough for the engine's best rate. Its multiply-
 * accumulates are counted as if the border were no shorter, as everywhere in the field.
 */
final class ConvolutionPass implements Workload {
  private static final long BATCH = 128;
  private static final long CHANNELS = 256;
  private static final long SIDE = 16;
  private static final long KERNEL = 3;

  /** Floating-point operations a step. */
  static final double FLOPS = 2.0 * BATCH * SIDE * SIDE * CHANNELS * CHANNELS * KERNEL * KERNEL;

  private final Tensor maps;
  private final Tensor kernels;

  /** The tensors belong to the innermost open scope. */
  ConvolutionPass(ScalarType type) {
    RandomSource random = RandomSource.of(0, "convolution");
    maps =
        random
            .at("maps")
            .normal(ScalarType.Float, BATCH, SIDE, SIDE, CHANNELS)
            .to(type)
            .permute(0, 3, 1, 2);
    kernels =
        random
            .at("kernels")
            .normal(ScalarType.Float, CHANNELS, KERNEL, KERNEL, CHANNELS)
            .to(type)
            .permute(0, 3, 1, 2);
  }

  @Override
  public String name() {
    return "convolution";
  }

  @Override
  public double secondsAStep(int steps) {
    return Repetition.secondsAStep(
        steps,
        () ->
            torch.conv2d(
                maps,
                kernels,
                Tensors.absent(),
                new long[] {1, 1},
                new long[] {1, 1},
                new long[] {1, 1},
                1));
  }
}
