package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class ReplayTest {
  private static final RandomSource RANDOM = RandomSource.of(1, "replay");

  private static Replay replay(int images) {
    return new Replay(images, new long[] {1}, true, new State(ScalarType.Double, RANDOM));
  }

  /** Rows whose partner is the negative and whose label is ten times the value. */
  private static Samples batch(int first, int count) {
    double[] values = DoubleStream.iterate(first, x -> x + 1).limit(count).toArray();
    Tensor rows = Tensors.of(values, count, 1);
    long[] labels = Arrays.stream(values).mapToLong(x -> (long) (10 * x)).toArray();
    return new Samples(rows, new Condition(Tensors.of(labels, count), rows.neg()));
  }

  private static double[] kept(Replay replay) {
    return Tensors.toDoubles(replay.state().buffers().get("values"));
  }

  @Test
  void nothingIsDrawnOfAnEmptyMemory() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(replay(4).draw(2, RANDOM)).isNull();
    }
  }

  @Test
  void theOldestMakeRoom() {
    try (TensorScope scope = TensorScope.open()) {
      Replay replay = replay(5);
      replay.add(batch(1, 3));
      assertThat(kept(replay)).containsExactly(1, 2, 3, 0, 0);
      replay.add(batch(4, 3));
      assertThat(kept(replay)).containsExactly(6, 2, 3, 4, 5);
      replay.add(batch(10, 7));
      assertThat(kept(replay)).containsExactlyInAnyOrder(12, 13, 14, 15, 16);
    }
  }

  @Test
  void whatIsDrawnIsKeptWithItsLabelAndPartnerAndDependsOnTheSourceAlone() {
    try (TensorScope scope = TensorScope.open()) {
      Replay replay = replay(8);
      replay.add(batch(1, 3));
      Samples drawn = replay.draw(50, RANDOM);
      double[] values = Tensors.toDoubles(drawn.values());
      assertThat(values).contains(1, 2, 3).doesNotContain(0);
      assertThat(Tensors.toDoubles(drawn.condition().partner()))
          .isEqualTo(Arrays.stream(values).map(x -> -x).toArray());
      assertThat(Tensors.toLongs(drawn.condition().labels()))
          .isEqualTo(Arrays.stream(values).mapToLong(x -> (long) (10 * x)).toArray());
      assertThat(Tensors.toDoubles(replay.draw(50, RANDOM).values())).isEqualTo(values);
    }
  }
}
