package dev.retort.serving;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ServingTimerTest {
  /** By nearest rank: of 1 … 1000 the 500th and the 990th, of four the second and the last. */
  @Test
  void percentilesAreThoseOfTheNearestRank() {
    long[] thousand = LongStream.rangeClosed(1, 1000).map(i -> 1001 - i).toArray();
    long[] four = {40, 10, 30, 20};

    assertThat(ServingTimer.percentile(thousand, 50)).isEqualTo(500);
    assertThat(ServingTimer.percentile(thousand, 99)).isEqualTo(990);
    assertThat(ServingTimer.percentile(four, 50)).isEqualTo(20);
    assertThat(ServingTimer.percentile(four, 99)).isEqualTo(40);
    assertThat(ServingTimer.percentile(new long[] {7}, 50)).isEqualTo(7);
  }

  @Test
  void filesOfOneTypeAndShapeShareTheirImages() throws OrtException {
    long[] shape = {32, 3, 8, 8};
    try (ServingTimer.Inputs inputs = new ServingTimer.Inputs()) {
      OnnxTensor images = inputs.of(OnnxJavaType.FLOAT, shape);

      assertThat(images.getInfo().getShape()).isEqualTo(shape);
      assertThat(inputs.of(OnnxJavaType.FLOAT, shape.clone())).isSameAs(images);
      assertThat(inputs.of(OnnxJavaType.UINT8, shape)).isNotSameAs(images);
      assertThat(inputs.of(OnnxJavaType.FLOAT, new long[] {32, 3, 8, 9})).isNotSameAs(images);
    }
  }

  @Test
  void whatAFileLeavesOpenIsTheBatchAndTheImage() {
    List<Long> image = List.of(3L, 48L, 64L);

    assertThat(ServingTimer.shape(new long[] {-1, 3, -1, -1}, 32, image, false))
        .containsExactly(32, 3, 48, 64);
    assertThat(ServingTimer.shape(new long[] {-1, -1, -1, 3}, 1, image, false))
        .containsExactly(1, 48, 64, 3);
    assertThat(ServingTimer.shape(new long[] {-1, -1, -1, -1}, 1, image, false))
        .containsExactly(1, 3, 48, 64);
    assertThat(ServingTimer.shape(new long[] {-1, -1, -1, -1}, 1, image, true))
        .containsExactly(1, 48, 64, 3);
    assertThat(ServingTimer.shape(new long[] {-1, -1, -1, 3}, 1, image, true))
        .containsExactly(1, 48, 64, 3);
    assertThat(ServingTimer.shape(new long[] {1, 3, 32, 32}, 1, image, false))
        .containsExactly(1, 3, 32, 32);
  }
}
