package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Augmentation;
import dev.retort.data.Augmentation.Flip;
import dev.retort.data.Augmentation.Padding;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchPlan;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.weights.NumPyFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Written views are those that a training shows. */
@NullUnmarked
class ViewArraysTest {
  private static final ImageShape SHAPE = new ImageShape(3, 6, 5);
  private static final int[] TRAIN = {7, 0, 2, 3, 5, 6};
  private static final long DATA_SEED = 11;

  @TempDir Path folder;

  private static Splits data() {
    byte[] pixels = new byte[8 * SHAPE.values()];
    new Random(3).nextBytes(pixels);
    Dataset whole = new InMemoryDataset("whole", List.of("a", "b"), SHAPE, pixels, new int[8]);
    Dataset train = new Subset("train", whole, TRAIN);
    Dataset validation = new Subset("validation", whole, new int[] {4, 1});
    return new Splits("made", train, validation, whole, SHAPE, ChannelStatistics.of(train));
  }

  @Test
  void theyAreThePixelsThatTheStudentSees() {
    Splits data = data();
    Augmentation augmentation = new Augmentation(2, Padding.ZERO, Flip.RANDOM, 0);
    Path file = folder.resolve("views.npz");
    ViewArrays.write(data, augmentation, 3, DATA_SEED, file);

    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> arrays = NumPyFile.arrays(file);
      Tensor pixels = arrays.get("pixels");
      assertThat(pixels.shape()).containsExactly(3, 6, 6, 5, 3);
      assertThat(Tensors.toLongs(arrays.get("index"))).containsExactly(7, 0, 2, 3, 5, 6);
      assertThat(Tensors.toLongs(arrays.get("validation.index"))).containsExactly(4, 1);
      assertThat(arrays.get("test.pixels").shape()).containsExactly(8, 6, 5, 3);
      BatchPlan plan = new BatchPlan(6, augmentation, 3, 1, DATA_SEED, 0, 1);
      try (BatchStream stream =
          BatchStream.training(data.train(), SHAPE, data.statistics(), plan, Precision.FP32)) {
        for (int epoch = 0; epoch < 4; epoch++) {
          Batch batch = stream.epoch(epoch, 0).iterator().next();
          for (int i = 0; i < 6; i++) {
            Tensor seen = batch.images().select(0, i).permute(1, 2, 0);
            Tensor written = pixels.select(0, epoch % 3).select(0, batch.samples()[i]);
            assertSame(seen, written, data.statistics());
          }
        }
      }
    }
  }

  private static void assertSame(Tensor seen, Tensor written, ChannelStatistics statistics) {
    double[] values = Tensors.toDoubles(seen);
    long[] bytes = Tensors.toLongs(written);
    IntStream.range(0, bytes.length)
        .forEach(
            i -> {
              double normalised =
                  (bytes[i] / 255.0 - statistics.mean()[i % 3])
                      / statistics.standardDeviation()[i % 3];
              assertThat(values[i]).isCloseTo(normalised, within(1e-6));
            });
  }
}
