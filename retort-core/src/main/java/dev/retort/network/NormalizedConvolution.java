package dev.retort.network;

import org.bytedeco.pytorch.Tensor;

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

  /** {@code [N, in, H, W]} to {@code [N, out, H', W']}. */
  Tensor forward(Tensor input, ForwardPass pass) {
    return normalization.forward(convolution.forward(input, pass), pass);
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
