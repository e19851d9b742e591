package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A convolution in bf16, as this processor does it and as one does that has no such products. A
 * bf16 number has 8 binary places: from 1 to 2 they are 2⁻⁷ apart, from 2 to 4 2⁻⁶, from 256 to 512
 * 2; halves go to the even one.
 */
class ConvolutionTest {
  private static final float ROUNDS_TO_ONE = 1 + 0x1p-9f;
  private static final float ROUNDS_UP = 1 + 3 * 0x1p-9f;
  private static final double UP = 1 + 0x1p-7;

  /** 3 · (1 + 2⁻⁷) lies in the middle of 3 + 2⁻⁶ and 3 + 2⁻⁵, of which the latter is even. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void factorsAndProductAreRoundedOnce(boolean inSoftware) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor output = convolve(map(ROUNDS_UP), kernel(3), inSoftware);
      assertThat(output.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      assertThat(Tensors.toDoubles(output)).containsExactly(3 + 0x1p-5);
    }
  }

  /** 256 + 1 would be 256 again. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sumsAreNot(boolean inSoftware) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor output = convolve(map(256, 1, 1), kernel(1, 1, 1), inSoftware);
      assertThat(Tensors.toDoubles(output)).containsExactly(258);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsAreTheRoundedFactors(boolean inSoftware) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor input = map(ROUNDS_UP, 1).requires_grad_();
      Tensor weight = kernel(ROUNDS_TO_ONE, 5).requires_grad_();
      convolve(input, weight, inSoftware).sum().backward();
      assertThat(Tensors.toDoubles(input.grad())).containsExactly(1, 5);
      assertThat(Tensors.toDoubles(weight.grad())).containsExactly(UP, 1);
      assertThat(weight.grad().scalar_type().intern()).isEqualTo(ScalarType.Float);
    }
  }

  private static Tensor convolve(Tensor input, Tensor weight, boolean inSoftware) {
    Operation.Convolution convolution = new Operation.Convolution(weight, null, 1, 0, 1);
    return Precision.BF16.run(
        Device.CPU,
        () -> inSoftware ? convolution.computeInSoftware(input) : convolution.compute(input));
  }

  /** One image of one pixel, {@code [1, C, 1, 1]}. */
  private static Tensor map(float... channels) {
    return Tensors.of(channels, 1, channels.length, 1, 1);
  }

  /** {@code [1, C, 1, 1]}. */
  private static Tensor kernel(float... channels) {
    return map(channels);
  }
}
