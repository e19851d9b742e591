package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Processor;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On processors that multiply bf16; elsewhere nothing is fused. */
class FusedConvolutionTest {
  private static final RandomSource RANDOM = RandomSource.of(3, "fused");

  @BeforeAll
  static void available() {
    Engine.threads(1);
    assumeThat(Processor.multipliesBfloat16()).isTrue();
    assertThat(FusedConvolution.isAvailable()).as("LibTorch has its operators").isTrue();
  }

  @ParameterizedTest
  @CsvSource({"16, 16, 1", "16, 32, 2", "3, 16, 1"})
  void reluHasTheBitsOfReluAfterTheConvolution(int in, int out, int stride) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Operation.Convolution convolution = convolution(in, out, stride, ScalarType.BFloat16);
      Tensor images = values("images", ScalarType.BFloat16, 8, 12, 12, in).permute(0, 3, 1, 2);
      Tensor fused = new FusedConvolution(convolution).rectified(images);
      assertThat(fused.equal(torch.relu(convolution.compute(images)))).isTrue();
    }
  }

  /** Half a unit in the last place of bf16 is 2⁻⁸ of the value or less. */
  @ParameterizedTest
  @CsvSource({"16, 16, 1", "16, 32, 2"})
  void aSumIsRoundedOnceAndTakesTheShortcutsMemory(int in, int out, int stride) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      Operation.Convolution convolution = convolution(in, out, stride, ScalarType.BFloat16);
      Tensor images = values("images", ScalarType.BFloat16, 8, 12, 12, in).permute(0, 3, 1, 2);
      long side = 12 / stride;
      Tensor shortcut =
          values("shortcut", ScalarType.BFloat16, 8, side, side, out).permute(0, 3, 1, 2);
      Tensor exact =
          convolution(in, out, stride, ScalarType.Double)
              .compute(images.to(ScalarType.Double))
              .add(shortcut)
              .clamp_min(new Scalar(0));

      Tensor fused = new FusedConvolution(convolution).rectifiedSum(images, shortcut);

      Tensor allowed = exact.mul(new Scalar(0x1p-8)).add(new Scalar(1e-5));
      Tensor error = fused.to(ScalarType.Double).sub(exact).abs();
      assertThat(Tensors.toDouble(error.sub(allowed).max())).isNotPositive();
      assertThat(shortcut.equal(fused)).isTrue();
    }
  }

  private static Operation.Convolution convolution(int in, int out, int stride, ScalarType type) {
    Tensor weight = values("weight", ScalarType.BFloat16, out, 3, 3, in).permute(0, 3, 1, 2);
    Tensor bias = values("bias", ScalarType.BFloat16, out);
    return new Operation.Convolution(weight.to(type), bias.to(type), stride, 1, 1);
  }

  private static Tensor values(String name, ScalarType type, long... shape) {
    return RANDOM.at(name).normal(ScalarType.Float, shape).to(type);
  }
}
