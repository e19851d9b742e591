package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Augmentation;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.CrossEntropy;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Protects: a run ends with the same bytes again, also where several threads share an operation.
 * The other tests train with one.
 */
class SeveralThreadsTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final int BATCH = 128;

  private static String trained(int epochs, int count) {
    ImageShape shape = ImageShape.CIFAR;
    byte[] pixels = new byte[count * shape.values()];
    new Random(1).nextBytes(pixels);
    int[] labels = IntStream.range(0, count).map(i -> i % CLASSES.size()).toArray();
    Dataset images = new InMemoryDataset("noise", CLASSES, shape, pixels, labels);
    Splits data = new Splits("noise", images, images, images, shape, ChannelStatistics.of(images));
    try (TensorScope scope = TensorScope.open()) {
      Network student =
          Networks.create(
              "resnet8", shape, CLASSES.size(), ScalarType.Float, RandomSource.of(1, "initial"));
      TrainingSettings settings =
          new TrainingSettings(
              epochs,
              0.1,
              new Schedule.Constant(0),
              Sgd.Settings.STANDARD,
              new WeightAverage.None(),
              Precision.FP32);
      new Trainer(
              new TrainingTask(
                  student,
                  null,
                  List.of(new CrossEntropy(1, 0)),
                  data,
                  new BatchPlan(BATCH, Augmentation.STANDARD, 1),
                  settings,
                  Device.CPU),
              List.of())
          .train(Checkpoints.none());
      Sha256 digest = new Sha256();
      new TreeMap<>(student.state().all())
          .forEach((name, tensor) -> digest.text(name).bytes(Tensors.bytes(tensor.contiguous())));
      return digest.hex();
    }
  }

  @Test
  void twoThreadsGiveTheSameBitsAgain() {
    Engine.start();
    int before = Engine.threads();
    Engine.threads(2);
    try {
      assertThat(Engine.threads()).isEqualTo(2);
      assertThat(trained(2, 2 * BATCH)).isEqualTo(trained(2, 2 * BATCH));
    } finally {
      Engine.threads(before);
    }
  }

  /**
   * A thread of the engine's is called what the thread is called that first shared an operation
   * with it, and waits for that one's next operation.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @EnabledOnOs(OS.LINUX)
  void anOperationIsSharedAmongAsManyThreadsAsWereAskedFor(int threads) throws Exception {
    String name = "trains-with-" + threads;
    FutureTask<Long> training =
        new FutureTask<>(
            () -> {
              Engine.threads(threads);
              try {
                trained(1, BATCH);
                return threadsCalled(name);
              } finally {
                Engine.threads(1); // what threads that begin later start with
              }
            });
    new Thread(training, name).start();
    assertThat(training.get()).isEqualTo(threads);
  }

  private static long threadsCalled(String name) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      return threads.filter(thread -> name.equals(nameOf(thread))).count();
    }
  }

  /** None, of a thread that has just ended. */
  private static String nameOf(Path thread) {
    try {
      return Files.readString(thread.resolve("comm")).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
