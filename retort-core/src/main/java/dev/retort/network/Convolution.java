package dev.retort.network;

import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A two-dimensional convolution with square kernel; weight {@code [out, in / groups, k, k]}. */
public final class Convolution {
  private final String name;
  private final Tensor weight;
  private final TensorOptional bias;
  private final long[] stride;
  private final long[] padding;
  private final long groups;
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
    this.name = name;
    double fanOut = (double) out / groups * kernel * kernel;
    this.weight =
        state.normal(name + ".weight", Math.sqrt(2 / fanOut), out, in / groups, kernel, kernel);
    this.bias = bias ? Tensors.present(state.constant(name + ".bias", 0, out)) : Tensors.absent();
    this.stride = new long[] {stride, stride};
    this.padding = new long[] {padding, padding};
    this.groups = groups;
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
    double bound = 1 / Math.sqrt(in * kernel * kernel);
    Tensor weight = state.uniform(name + ".weight", bound, out, in, kernel, kernel);
    return new Convolution(name, weight, Tensors.absent(), stride, padding, 1);
  }

  private Convolution(
      String name, Tensor weight, TensorOptional bias, long stride, long padding, long groups) {
    this.name = name;
    this.weight = weight;
    this.bias = bias;
    this.stride = new long[] {stride, stride};
    this.padding = new long[] {padding, padding};
    this.groups = groups;
  }

  /** {@code [out, in / groups, k, k]}, live. */
  public Tensor weight() {
    return weight;
  }

  /** Its path in the state. */
  String name() {
    return name;
  }

  /** The same geometry with other values. */
  Convolution with(Tensor otherWeight, Tensor otherBias) {
    return new Convolution(
        name, otherWeight, Tensors.present(otherBias), stride[0], padding[0], groups);
  }

  /** {@code [out]}; null where it has none. */
  @Nullable Tensor bias() {
    return bias.has_value() ? bias.get() : null;
  }

  /** The bare operation, of which no pass is told. */
  Tensor apply(Tensor input) {
    return torch.conv2d(input, weight, bias, stride, padding, new long[] {1, 1}, groups);
  }

  /** {@code [N, in, H, W]} to {@code [N, out, H', W']}. */
  public Tensor forward(Tensor input, ForwardPass pass) {
    Tensor output = apply(input);
    pass.layer(name, kind, weight.numel() * output.size(2) * output.size(3), output);
    return pass.output(name, output);
  }
}
