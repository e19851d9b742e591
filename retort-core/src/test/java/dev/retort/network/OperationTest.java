package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@NullUnmarked
class OperationTest {
  private static final Operation MAXIMUM = new Operation.GlobalPooling(Operation.Reduction.MAXIMUM);

  /** Two channels of 2×3: three equal maxima in the first, two in the second. */
  @ParameterizedTest
  @CsvSource({"Double, Contiguous", "Float, ChannelsLast", "BFloat16, ChannelsLast"})
  void ofEqualMaximaTheFirstAloneTakesTheGradient(ScalarType type, MemoryFormat format) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor maps =
          Tensors.of(new double[] {1, 3, 3, 0, 3, -2, -5, -4, -9, -4, -6, -7}, 1, 2, 2, 3)
              .to(type)
              .contiguous(format)
              .set_requires_grad(true);
      Tensor maxima = MAXIMUM.compute(maps);
      assertThat(maxima.shape()).containsExactly(1, 2);
      assertThat(Tensors.toDoubles(maxima)).containsExactly(3, -4);
      Tensor loss = maxima.mul(Tensors.of(new double[] {5, 7}, 1, 2).to(type)).sum();
      assertThat(Tensors.toDoubles(Tensors.gradients(loss, new TensorVector(maps), false).get(0)))
          .containsExactly(0, 5, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0);
    }
  }
}
