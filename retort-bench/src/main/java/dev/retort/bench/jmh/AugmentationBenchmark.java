package dev.retort.bench.jmh;

import dev.retort.data.Augmentation;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.ViewRenderer;
import dev.retort.data.batch.BatchBuffer;
import dev.retort.engine.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One augmented view of a 32×32 image, and a batch of 128 of them in native memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class AugmentationBenchmark {
  private static final int BATCH_SIZE = 128;

  private final Splits data = DatasetSource.parse("cifar10-mini", Path.of("")).open();
  private final int[] samples = IntStream.range(0, BATCH_SIZE).toArray();
  private final ViewRenderer renderer =
      new ViewRenderer(
          data.train(), data.inputShape(), data.statistics(), Augmentation.STANDARD, 0);
  private final BatchBuffer buffer = new BatchBuffer(data.inputShape(), BATCH_SIZE, Precision.FP32);

  /** Another one each time. */
  private int view;

  /** One image. */
  @Benchmark
  public float[] view() {
    return renderer.render(view % BATCH_SIZE, view++);
  }

  /** A batch. */
  @Benchmark
  public BatchBuffer batch() {
    buffer.fill(List.of(renderer), samples, 0, BATCH_SIZE, view++);
    return buffer;
  }

  /** Frees the native memory. */
  @TearDown
  public void free() {
    buffer.close();
  }
}
