package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** Against LibTorch's conversion. */
class HalfPrecisionTest {
  @Test
  void allNumbersAreWhatLibTorchSays() {
    try (TensorScope scope = TensorScope.open()) {
      int count = 1 << Short.SIZE;
      Tensor halves = torch.zeros(new long[] {count}, new TensorOptions(ScalarType.Half));
      ByteBuffer bytes = Tensors.bytes(halves).order(ByteOrder.LITTLE_ENDIAN);
      for (int bits = 0; bits < count; bits++) {
        bytes.putShort(2 * bits, (short) bits);
      }
      float[] expected = Tensors.toFloats(halves);
      for (int bits = 0; bits < count; bits++) {
        byte[] two = {(byte) bits, (byte) (bits >> Byte.SIZE)};
        assertThat(Float.compare(HalfPrecision.of(two), expected[bits])).isZero();
      }
    }
  }
}
