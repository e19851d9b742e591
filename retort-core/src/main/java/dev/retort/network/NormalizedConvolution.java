package dev.retort.network;

import dev.retort.network.Operation.Activation;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A convolution and the batch normalisation after it. */
final class NormalizedConvolution {
  private final Convolution convolution;
  private final BatchNormalization normalization;

  NormalizedConvolution(Convolution convolution, BatchNormalization normalization) {
    this.convolution = convolution;
    this.normalization = normalization;
  }

  /** Square of any odd size, padded so that a stride of 1 keeps the size of the map. */
  NormalizedConvolution(
      State state, Names names, long in, long out, long kernel, long stride, long groups) {
    this(
        new Convolution(
            state, names.convolution(), in, out, kernel, stride, kernel / 2, groups, false),
        new BatchNormalization(state, names.normalization(), out));
  }

  NormalizedConvolution(State state, Names names, long in, long out, long kernel, long stride) {
    this(state, names, in, out, kernel, stride, 1);
  }

  /** See {@link Convolution#shortcut}. */
  static NormalizedConvolution shortcut(State state, Names names, long in, long out, long stride) {
    return new NormalizedConvolution(
        Convolution.shortcut(state, names.convolution(), in, out, stride),
        new BatchNormalization(state, names.normalization(), out));
  }

  Tensor forward(Tensor input, ForwardPass pass) {
    return forward(input, UnaryOperator.identity(), pass);
  }

  /**
   * The same with a pooling before the normalisation.
   *
   * @param pooling commutes with the normalisation: a maximum does where no channel's scale is
   *     negative
   */
  Tensor forward(Tensor input, UnaryOperator<Tensor> pooling, ForwardPass pass) {
    pass.normalized(this);
    FoldedConvolutions folded = pass.folded();
    if (folded == null) {
      Tensor output = pooling.apply(convolution.forward(input, pass));
      return normalization.forward(output, pass);
    }
    if (pass.taps(convolution.name())) {
      // For whoever reads it; what follows does not depend on who does.
      convolution.forward(input, pass);
    }
    Tensor output = pooling.apply(folded.get(this).apply(input));
    return pass.tap(normalization.name(), output);
  }

  /** The same with ReLU after it. */
  Tensor rectified(Tensor input, ForwardPass pass) {
    FusedConvolution fused = pass.fused(this);
    if (fused == null) {
      return pass.apply(Activation.RELU, forward(input, pass));
    }
    if (isTapped(pass)) {
      forward(input, pass);
    }
    return fused.rectified(input);
  }

  /** Whether somebody reads the convolution's output or the normalisation's. */
  boolean isTapped(ForwardPass pass) {
    return pass.taps(convolution.name()) || pass.taps(normalization.name());
  }

  /**
   * One convolution that does the work of both under the running statistics. Its tensors belong to
   * the innermost open scope.
   *
   * @param type of its weight and bias
   */
  Convolution folded(ScalarType type) {
    return convolution.folded(normalization.operation(), type);
  }

  /** The paths of both in the state. */
  record Names(String convolution, String normalization) {
    /** {@code PREFIXconvSUFFIX} and {@code PREFIXbnSUFFIX}. */
    static Names of(String prefix, Object suffix) {
      return new Names(prefix + "conv" + suffix, prefix + "bn" + suffix);
    }

    /** Two members of a PyTorch {@code Sequential}: {@code PATH.FIRST} and {@code PATH.FIRST+1}. */
    static Names inSequence(String path, int first) {
      return new Names(path + "." + first, path + "." + (first + 1));
    }
  }
}
