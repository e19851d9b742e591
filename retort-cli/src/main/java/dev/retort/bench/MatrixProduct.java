package dev.retort.bench;

import dev.retort.engine.RandomSource;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The product of two square matrices that are large enough for the engine's best rate. */
final class MatrixProduct implements Workload {
  private static final long SIDE = 2048;

  /** Floating-point operations a step. */
  static final double FLOPS = 2.0 * SIDE * SIDE * SIDE;

  private final Tensor left;
  private final Tensor right;

  /** The matrices belong to the innermost open scope. */
  MatrixProduct(ScalarType type) {
    RandomSource random = RandomSource.of(0, "matrix product");
    left = random.at("left").normal(ScalarType.Float, SIDE, SIDE).to(type);
    right = random.at("right").normal(ScalarType.Float, SIDE, SIDE).to(type);
  }

  @Override
  public String name() {
    return "matrix product";
  }

  @Override
  public double secondsAStep(int steps) {
    return Repetition.secondsAStep(steps, () -> torch.matmul(left, right));
  }
}
