package dev.retort.network;

import dev.retort.engine.NoGrad;
import dev.retort.engine.SoftwareBfloat16;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The vocabulary in which networks compute, by {@link ForwardPass#apply}: a {@link Graph} has
 * these, and nothing else. Maps are {@code [N, C, H, W]}.
 */
public sealed interface Operation {
  /** The result for the inputs, of which there are as many as the operation says. */
  Tensor compute(Tensor... inputs);

  /** The tensors that it holds, live. */
  default List<Tensor> tensors() {
    return List.of();
  }

  /**
   * A two-dimensional convolution with square kernel.
   *
   * @param weight {@code [out, in / groups, k, k]}, live
   * @param bias {@code [out]}, live, or null
   */
  record Convolution(Tensor weight, @Nullable Tensor bias, long stride, long padding, long groups)
      implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return SoftwareBfloat16.isNeeded()
          ? computeInSoftware(inputs[0])
          : convolve(inputs[0], weight, bias);
    }

    @Override
    public List<Tensor> tensors() {
      return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    /** See {@link SoftwareBfloat16}. */
    Tensor computeInSoftware(Tensor input) {
      Tensor factor = SoftwareBfloat16.factor(input);
      Tensor rounded = SoftwareBfloat16.factor(weight);
      Tensor shift = bias == null ? null : SoftwareBfloat16.factor(bias);
      return SoftwareBfloat16.product(() -> convolve(factor, rounded, shift));
    }

    /**
     * One convolution that does the work of this one and of the normalisation of its output. It is
     * computed in fp64; its tensors belong to the innermost open scope, its weight is
     * channels-last.
     *
     * @param type of its weight and bias
     */
    Convolution folded(Normalization normalization, ScalarType type) {
      try (TensorScope scope = TensorScope.open();
          NoGrad noGrad = NoGrad.open()) {
        Tensor scale = normalization.scale();
        Tensor scaled = weight.to(ScalarType.Double).mul(scale.reshape(-1, 1, 1, 1));
        Tensor shift = normalization.shift();
        if (bias != null) {
          shift = shift.add(bias.to(ScalarType.Double).mul(scale));
        }
        return new Convolution(
            scope.keep(scaled.to(type).contiguous(MemoryFormat.ChannelsLast)),
            scope.keep(shift.to(type)),
            stride,
            padding,
            groups);
      }
    }

    private Tensor convolve(Tensor input, Tensor kernels, @Nullable Tensor shift) {
      return torch.conv2d(
          input,
          kernels,
          optional(shift),
          square(stride),
          square(padding),
          new long[] {1, 1},
          groups);
    }
  }

  /**
   * Batch normalisation by running statistics: (x − mean) / √(variance + ε) · weight + bias,
   * channel by channel.
   */
  record Normalization(
      Tensor weight,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVariance,
      double momentum,
      double epsilon)
      implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return normalize(inputs[0], false);
    }

    @Override
    public List<Tensor> tensors() {
      return List.of(weight, bias, runningMean, runningVariance);
    }

    /**
     * The factor γ/√(σ² + ε) of each channel, {@code [C]}; in fp64, as digits are lost where the
     * variance is small.
     */
    private Tensor scale() {
      Tensor variance = runningVariance.to(ScalarType.Double);
      Tensor deviation = variance.add(new Scalar(epsilon)).sqrt();
      return weight.to(ScalarType.Double).div(deviation);
    }

    /** What a channel's 0 becomes, β − μ·scale, {@code [C]}, in fp64. */
    private Tensor shift() {
      return bias.to(ScalarType.Double).sub(runningMean.to(ScalarType.Double).mul(scale()));
    }

    /** Whether no channel's scale is negative, so that a maximum commutes with it. */
    boolean isIncreasing() {
      try (TensorScope scope = TensorScope.open();
          NoGrad noGrad = NoGrad.open()) {
        return Tensors.toDouble(scale().min()) >= 0;
      }
    }

    /** By the batch's own statistics, which the running ones follow. */
    Tensor train(Tensor input) {
      return normalize(input, true);
    }

    private Tensor normalize(Tensor input, boolean training) {
      return torch.batch_norm(
          input,
          Tensors.present(weight),
          Tensors.present(bias),
          Tensors.present(runningMean),
          Tensors.present(runningVariance),
          training,
          momentum,
          epsilon,
          true);
    }
  }

  /**
   * A fully connected layer: {@code [N, in]} to {@code [N, out]}.
   *
   * @param weight {@code [out, in]}, live
   * @param bias {@code [out]}, live, or null
   */
  record FullyConnected(Tensor weight, @Nullable Tensor bias) implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return torch.linear(inputs[0], weight, optional(bias));
    }

    @Override
    public List<Tensor> tensors() {
      return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    /**
     * The same as one product an image: in one product of all, an image's last bits depend on its
     * place in the batch.
     */
    Tensor computeImageByImage(Tensor input) {
      long n = input.size(0);
      Tensor each = weight.t().unsqueeze(0).expand(n, weight.size(1), weight.size(0));
      Tensor output = torch.bmm(input.unsqueeze(1), each).squeeze(1);
      return bias == null ? output : output.add(bias);
    }
  }

  /** A function of each value. */
  enum Activation implements Operation {
    /** max(x, 0). */
    RELU,
    /** min(max(x, 0), 6). */
    RELU6,
    /** x Φ(x), with Φ the normal distribution's function, not an approximation of it. */
    GELU;

    @Override
    public Tensor compute(Tensor... inputs) {
      return switch (this) {
        case RELU -> torch.relu(inputs[0]);
        case RELU6 -> torch.relu6(inputs[0]);
        case GELU -> torch.gelu(inputs[0]);
      };
    }
  }

  /** Of many values one. */
  enum Reduction {
    MAXIMUM,
    MEAN
  }

  /** Reduces the square windows of each channel; a mean counts the padding as zeros. */
  record Pooling(Reduction reduction, long kernel, long stride, long padding) implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return switch (reduction) {
        case MAXIMUM ->
            torch.max_pool2d(
                inputs[0], square(kernel), square(stride), square(padding), square(1), false);
        case MEAN ->
            torch.avg_pool2d(
                inputs[0],
                square(kernel),
                square(stride),
                square(padding),
                false,
                true,
                new LongOptional());
      };
    }
  }

  /** Reduces each channel to one value: {@code [N, C, H, W]} to {@code [N, C]}. */
  record GlobalPooling(Reduction reduction) implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return switch (reduction) {
        // One of several equal maxima takes the gradient, as in the pooling of windows; amax would
        // split it among them, and in bf16 they are frequent.
        case MAXIMUM -> {
          long[] shape = inputs[0].shape();
          yield torch.max_pool2d(inputs[0], shape[2], shape[3]).flatten(1, 3);
        }
        // Taken over the dimensions in the order of memory, so that the gradient lies in memory as
        // the map does: the ReLU before it takes several times as long with another order.
        case MEAN -> inputs[0].permute(0, 2, 3, 1).mean(1, 2);
      };
    }
  }

  /** The sum of two inputs of one shape. */
  record Addition() implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return inputs[0].add(inputs[1]);
    }
  }

  /** The channels of the first of two inputs, then those of the second. */
  record Concatenation() implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return torch.cat(new TensorVector(inputs[0], inputs[1]), 1);
    }
  }

  /** Some of the channels, in a row. */
  record Channels(long first, long count) implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return inputs[0].narrow(1, first, count);
    }
  }

  /**
   * Deals the channels of each of the groups in turn, by which ShuffleNets let groups exchange what
   * they know; the number of channels is a multiple of the groups'.
   */
  record ChannelShuffle(long groups) implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      long[] shape = inputs[0].shape();
      return inputs[0]
          .reshape(shape[0], groups, shape[1] / groups, shape[2], shape[3])
          .transpose(1, 2)
          .reshape(shape);
    }
  }

  /** Every value times a constant. */
  record Scaling(double factor) implements Operation {
    @Override
    public Tensor compute(Tensor... inputs) {
      return inputs[0].mul(new Scalar(factor));
    }
  }

  private static long[] square(long side) {
    return new long[] {side, side};
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? Tensors.absent() : Tensors.present(tensor);
  }
}
