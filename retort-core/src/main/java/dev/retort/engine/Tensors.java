package dev.retort.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Between Java's arrays and the engine's tensors, and the few operations that the presets spell
 * awkwardly.
 */
public final class Tensors {
  private static final double SMALLEST_NORM = 1e-12;

  private Tensors() {}

  /** JavaCPP leaves what is not given as the memory was. */
  private static void requireFilled(int values, long[] shape) {
    long room = LongStream.of(shape).reduce(1, Math::multiplyExact);
    if (room != values) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%,d values for a tensor of shape %s", values, Arrays.toString(shape)));
    }
  }

  /**
   * A tensor of that shape with a copy of the values in row-major order.
   *
   * @throws IllegalArgumentException if the shape has another number of values
   * @throws IllegalStateException if no {@link TensorScope} is open on this thread
   */
  public static Tensor of(float[] values, long... shape) {
    requireFilled(values.length, shape);
    Engine.start();
    TensorScope.requireOpen();
    return Tensor.create(values, shape);
  }

  /**
   * A tensor of that shape with a copy of the values in row-major order.
   *
   * @throws IllegalArgumentException if the shape has another number of values
   * @throws IllegalStateException if no {@link TensorScope} is open on this thread
   */
  public static Tensor of(double[] values, long... shape) {
    requireFilled(values.length, shape);
    Engine.start();
    TensorScope.requireOpen();
    return Tensor.create(values, shape);
  }

  /**
   * A tensor of that shape with a copy of the values in row-major order.
   *
   * @throws IllegalArgumentException if the shape has another number of values
   * @throws IllegalStateException if no {@link TensorScope} is open on this thread
   */
  public static Tensor of(long[] values, long... shape) {
    requireFilled(values.length, shape);
    Engine.start();
    TensorScope.requireOpen();
    return Tensor.create(values, shape);
  }

  /** The elements of a tensor of any floating type in row-major order; waits for the device. */
  public static double[] toDoubles(Tensor tensor) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor flat = tensor.detach().cpu().to(ScalarType.Double).contiguous();
      double[] values = new double[Math.toIntExact(flat.numel())];
      if (values.length > 0) { // none has no address
        flat.data_ptr_double().get(values);
      }
      return values;
    }
  }

  /**
   * The elements of a tensor of any floating type in row-major order, as 32-bit floats; waits for
   * the device.
   */
  public static float[] toFloats(Tensor tensor) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor flat = tensor.detach().cpu().to(ScalarType.Float).contiguous();
      float[] values = new float[Math.toIntExact(flat.numel())];
      if (values.length > 0) {
        flat.data_ptr_float().get(values);
      }
      return values;
    }
  }

  /** The elements of an integer tensor in row-major order; waits for the device. */
  public static long[] toLongs(Tensor tensor) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor flat = tensor.detach().cpu().to(ScalarType.Long).contiguous();
      long[] values = new long[Math.toIntExact(flat.numel())];
      if (values.length > 0) {
        flat.data_ptr_long().get(values);
      }
      return values;
    }
  }

  /** The tensor on the device of another one; itself where it is there already. */
  public static Tensor toDeviceOf(Tensor tensor, Tensor other) {
    return tensor.is_cpu() && other.is_cpu()
        ? tensor
        : tensor.to(other.device(), tensor.scalar_type());
  }

  /** The value of a tensor with one element; waits for the device. */
  public static double toDouble(Tensor tensor) {
    return tensor.item_double();
  }

  /**
   * The memory of a contiguous CPU tensor, in the machine's byte order, without a copy. It is valid
   * as long as the tensor is.
   *
   * @throws IllegalArgumentException if the tensor is not contiguous, not on the CPU, or larger
   *     than a buffer can be, 2 GiB
   */
  public static ByteBuffer bytes(Tensor tensor) {
    if (!tensor.is_cpu() || !tensor.is_contiguous()) {
      throw new IllegalArgumentException(
          "only a contiguous tensor on the CPU has its bytes in order");
    }
    if (tensor.nbytes() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a tensor of %,d bytes does not fit one buffer".formatted(tensor.nbytes()));
    }
    if (tensor.numel() == 0) {
      return ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());
    }
    return new BytePointer(tensor.data_ptr())
        .capacity(tensor.nbytes())
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  /** One vector of all elements, tensor after tensor. */
  public static Tensor flatten(TensorVector tensors) {
    return torch.flatten_dense_tensors(tensors);
  }

  /**
   * The derivatives of a scalar with respect to each tensor, in that order; 0 where the scalar does
   * not depend on the tensor. The graph is freed unless it is kept.
   */
  public static TensorVector gradients(Tensor scalar, TensorVector with, boolean keepGraph) {
    TensorVector gradients =
        scalar.requires_grad()
            ? torch.grad(
                new TensorVector(scalar),
                with,
                new TensorVector(),
                new BoolOptional(keepGraph),
                false,
                true)
            : new TensorVector(with.size());
    for (long i = 0; i < gradients.size(); i++) {
      if (!gradients.get(i).defined()) {
        gradients.put(i, torch.zeros_like(with.get(i)));
      }
    }
    return gradients;
  }

  /**
   * The derivatives of a scalar with respect to each tensor, in that order, themselves
   * differentiable; the graph is kept.
   */
  public static TensorVector differentiableGradients(Tensor scalar, TensorVector with) {
    return torch.grad(
        new TensorVector(scalar), with, new TensorVector(), new BoolOptional(true), true, false);
  }

  /** The mean over some dimensions, which stay with length 1. */
  public static Tensor mean(Tensor tensor, long... dimensions) {
    return tensor.mean(dimensions, true, new ScalarTypeOptional());
  }

  /** A present optional argument. */
  public static TensorOptional present(Tensor tensor) {
    return new TensorOptional(tensor);
  }

  /** An absent optional argument. */
  public static TensorOptional absent() {
    return new TensorOptional();
  }

  /**
   * The Euclidean norms along a dimension, which stays with size 1. Where a norm is 0, so is its
   * derivative.
   */
  public static Tensor norms(Tensor tensor, long dimension) {
    return tensor.norm(new ScalarOptional(new Scalar(2.0)), new long[] {dimension}, true);
  }

  /**
   * Each row of {@code [N, F]} or {@code [N, M, F]}, divided by its Euclidean norm. A row whose
   * norm is at most 1e-12 is zeros, and has no derivative: it would be 1e12 times that of the
   * direction.
   */
  public static Tensor directions(Tensor rows) {
    Tensor norms = norms(rows, rows.dim() - 1);
    Scalar smallest = new Scalar(SMALLEST_NORM);
    return rows.div(norms.clamp_min(smallest)).masked_fill(norms.le(smallest), new Scalar(0.0));
  }

  /** {@code tensor · factor}. */
  public static Tensor scaled(Tensor tensor, double factor) {
    return tensor.mul(new Scalar(factor));
  }
}
