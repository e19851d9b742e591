package dev.retort.cli;

import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Computes a convolution of ones and its gradient, whose every value can be counted on paper, and
 * is exact in bfloat16 too.
 */
final class SelfTest {
  private static final int SIDE = 8;
  private static final int IN = 3;
  private static final int OUT = 4;

  /** One device and precision, and what came out. */
  record Result(String name, boolean passed, String finding) {}

  private SelfTest() {}

  /** Tries every available device in fp32 and in the precision that runs choose there. */
  static List<Result> run() {
    Engine.start();
    List<Result> results = new ArrayList<>();
    for (Device device : Device.values()) {
      if (device.isAvailable()) {
        for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
          results.add(run(device, precision));
        }
      }
    }
    return results;
  }

  private static Result run(Device device, Precision precision) {
    String name = (device + " " + precision).toLowerCase(Locale.ROOT);
    try (TensorScope scope = TensorScope.open()) {
      Tensor images = ones(device, 1, IN, SIDE, SIDE);
      Tensor kernels = ones(device, OUT, IN, 3, 3);
      kernels.set_requires_grad(true);
      long start = System.nanoTime();
      Tensor maps =
          precision.run(
              device,
              () ->
                  torch.conv2d(
                      images,
                      kernels,
                      Tensors.absent(),
                      new long[] {1, 1},
                      new long[] {1, 1},
                      new long[] {1, 1},
                      1));
      Tensor sum = maps.to(precision.parameterType()).sum();
      Tensor gradient = Tensors.gradients(sum, new TensorVector(kernels), false).get(0);
      boolean right =
          Arrays.equals(Tensors.toDoubles(maps), expectedMaps())
              && Arrays.equals(Tensors.toDoubles(gradient), expectedGradient());
      double milliseconds = (System.nanoTime() - start) / 1e6;
      return new Result(
          name,
          right,
          right
              ? String.format(Locale.ROOT, "right, in %.1f ms", milliseconds)
              : "WRONG: a convolution of ones does not count its taps");
    } catch (RuntimeException e) {
      return new Result(name, false, "FAILED: " + e.getMessage());
    }
  }

  private static Tensor ones(Device device, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Arrays.fill(values, 1);
    return device.place(Tensors.of(values, shape));
  }

  /** Each output counts the inputs under the kernel: 3 · rows · columns inside the image. */
  private static double[] expectedMaps() {
    return grid(OUT, SIDE, at -> at == 0 || at == SIDE - 1 ? 2 : 3, IN);
  }

  /** Each kernel value's gradient counts the positions at which it lies on the image. */
  private static double[] expectedGradient() {
    return grid(OUT * IN, 3, at -> at == 1 ? SIDE : SIDE - 1, 1);
  }

  private static double[] grid(int planes, int side, DoubleUnaryOperator along, int factor) {
    double[] values = new double[planes * side * side];
    for (int i = 0; i < values.length; i++) {
      int row = i / side % side;
      values[i] = factor * along.applyAsDouble(row) * along.applyAsDouble(i % side);
    }
    return values;
  }
}
