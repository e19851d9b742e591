package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.system.Sha256;
import dev.retort.teacher.TeacherView.Layout;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/**
 * Protects: kept outputs of an external teacher are not taken for what it says of images that other
 * code brings to its form. All numbers are multiples of small powers of two, so that every sum is
 * exact and the bits are those of every processor.
 */
class ExternalTeacherVersionTest {
  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  @Test
  void whoeverChangesTheImagesThatAExternalTeacherSeesRaisesTheVersion() {
    Dataset none = new InMemoryDataset("none", List.of("a"), SHAPE, new byte[0], new int[0]);
    ChannelStatistics given = statistics(0.5f, 0.25f);
    Splits data = new Splits("made", none, none, none, SHAPE, given);
    Sha256 sha = new Sha256();
    try (TensorScope scope = TensorScope.open()) {
      float[] values = new float[2 * SHAPE.values()];
      for (int i = 0; i < values.length; i++) {
        values[i] = i * 7919 % 61 / 16f - 2;
      }
      Tensor views = Tensors.of(values, 2, 3, 8, 8);
      for (int size : new int[] {8, 16}) {
        for (Layout layout : Layout.values()) {
          TeacherView view = new TeacherView(size, statistics(0.25f, 0.5f), layout, null);
          FrozenClassifier.Input input =
              new FrozenClassifier.Input(new long[] {-1, -1, -1, -1}, ScalarType.Float);
          Tensor seen = ExternalImages.of("made", input, view, data).seen(views);
          sha.bytes(Tensors.bytes(seen.contiguous()));
        }
      }
    }
    assertThat(ExternalTeacher.VERSION + " " + sha.hex())
        .as("the images are brought to other bits: raise ExternalTeacher.VERSION, and pin it here")
        .isEqualTo("3 a170e41b811f1eaaf65f59dc7e332c5ebf9f84fafc275da89e48db6a5c3d5208");
  }

  private static ChannelStatistics statistics(float mean, float deviation) {
    return new ChannelStatistics(
        new float[] {mean, mean, mean}, new float[] {deviation, deviation, deviation});
  }
}
