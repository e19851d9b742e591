package dev.retort.network;

import org.bytedeco.pytorch.Tensor;

/** A two-dimensional convolution with square kernel; weight {@code [out, in / groups, k, k]}. */
public final class Convolution {
  private final String name;
  private final Operation.Convolution operation;
  private LayerKind kind = LayerKind.CONVOLUTION;

  /**
   * Declares {@code NAME.weight}, drawn from the normal distribution of Kaiming's fan-out rule for
   * ReLU (He et al. 2015, eq. 14), and no bias.
   */
  public Convolution(
      State state, String name, long in, long out, long kernel, long stride, long padding) {
    this(state, name, in, out, kernel, stride, padding, 1, false);
  }

  /** The same with groups, and with {@code NAME.bias}, initially 0, on request. */
  public Convolution(
      State state,
      String name,
      long in,
      long out,
      long kernel,
      long stride,
      long padding,
      long groups,
      boolean bias) {
    this(
        name,
        new Operation.Convolution(
            state.normal(
                name + ".weight",
                Math.sqrt(2 / ((double) out / groups * kernel * kernel)),
                out,
                in / groups,
                kernel,
                kernel),
            bias ? state.constant(name + ".bias", 0, out) : null,
            stride,
            padding,
            groups));
  }

  /**
   * A 1×1 convolution beside a block, which gives the block's input the shape of its output. It is
   * no layer of its own where a network's depth is counted.
   */
  public static Convolution shortcut(State state, String name, long in, long out, long stride) {
    Convolution convolution = new Convolution(state, name, in, out, 1, stride, 0);
    convolution.kind = LayerKind.SHORTCUT;
    return convolution;
  }

  /** Declares {@code NAME.weight} with PyTorch's default, uniform in ±1/√(in · k²), and no bias. */
  static Convolution pytorchDefault(
      State state, String name, long in, long out, long kernel, long stride, long padding) {
    Tensor weight = state.weight(name + ".weight", out, in, kernel, kernel);
    return new Convolution(name, new Operation.Convolution(weight, null, stride, padding, 1));
  }

  /** A convolution with weights of the caller's; its path in the state is {@code name}. */
  Convolution(String name, Operation.Convolution operation) {
    this.name = name;
    this.operation = operation;
  }

  /** {@code [out, in / groups, k, k]}, live. */
  Tensor weight() {
    return operation.weight();
  }

  /** {@code [N, in, H, W]} to {@code [N, out, H', W']}. */
  public Tensor forward(Tensor input, ForwardPass pass) {
    Tensor output = pass.apply(operation, input);
    pass.layer(name, kind, weight().numel() * output.size(2) * output.size(3), output);
    return pass.tap(name, output);
  }
}
