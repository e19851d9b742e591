package dev.retort.bench;

import dev.retort.data.Augmentation;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.CrossEntropy;
import dev.retort.engine.C10d;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.Rendezvous;
import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.StudentInitialization;
import dev.retort.training.Checkpoints;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.training.WeightAverage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What a second rank costs on this machine: resnet20 on the bundled images at batch 128, as one
 * process of two threads, as two ranks of one thread, and as one process of one thread at half the
 * batch, by turns; and the cost model's prediction from the last of these and the time of the
 * message alone.
 *
 * <pre>{@code
 * retort-bench/run RankSpeed [ROUNDS]
 * }</pre>
 */
public final class RankSpeed {
  private static final int BATCH = 128;
  private static final int MESSAGES = 50;
  private static final String PART = "RETORT_BENCH_BATCH";

  private RankSpeed() {}

  /** As a rank where the environment says so, else all measurements. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String part = System.getenv(PART);
    if (part != null) {
      measure(Integer.parseInt(part));
      return;
    }
    int rounds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
    double[] ratios = new double[rounds];
    double[] predicted = new double[rounds];
    System.out.println("                      images/s                    ms");
    System.out.println("round  1 x 2 threads  2 x 1 thread  ratio  message  predicted  error");
    for (int round = 0; round < rounds; round++) {
      double[] one = start(1, 2, BATCH);
      double[] two = start(2, 1, BATCH);
      double[] half = start(1, 1, BATCH / 2);
      double step = BATCH / 2 / half[0] + two[1];
      predicted[round] = BATCH / step / two[0] - 1;
      ratios[round] = two[0] / one[0];
      System.out.printf(
          Locale.ROOT,
          "%5d  %13.1f  %12.1f  %5.3f  %7.2f  %9.1f  %+4.1f %%%n",
          round + 1,
          one[0],
          two[0],
          ratios[round],
          1000 * two[1],
          BATCH / step,
          100 * predicted[round]);
      if (round == 0) {
        System.out.printf(Locale.ROOT, "message: %.0f bytes a step%n", two[2]);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "median ratio %.3f, median error of the prediction %+.1f %%%n",
        median(ratios),
        100 * median(predicted));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** A port of this machine, on which rank 0 is about to serve. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no port is free", e);
    }
  }

  /** Images a second of all ranks, seconds of a message, and its bytes; as rank 0 prints them. */
  private static double[] start(int ranks, int threads, int batch)
      throws IOException, InterruptedException {
    List<Process> processes = new ArrayList<>();
    String port = Integer.toString(freePort());
    for (int rank = 0; rank < ranks; rank++) {
      List<String> line = new ArrayList<>();
      line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      line.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      line.addAll(List.of("-cp", System.getProperty("java.class.path"), RankSpeed.class.getName()));
      ProcessBuilder builder = new ProcessBuilder(line);
      Map<String, String> environment = builder.environment();
      environment.put("RANK", Integer.toString(rank));
      environment.put("WORLD_SIZE", Integer.toString(ranks));
      environment.put("MASTER_ADDR", "127.0.0.1");
      environment.put("MASTER_PORT", port);
      environment.put("OMP_NUM_THREADS", Integer.toString(threads));
      environment.put(PART, Integer.toString(batch));
      builder.redirectError(ProcessBuilder.Redirect.DISCARD);
      processes.add(builder.start());
    }
    double[] result = null;
    for (Process process : processes) {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("a measurement ended with " + process.exitValue());
      }
      for (String text : out.lines().toList()) {
        if (text.startsWith("measured ")) {
          result =
              Arrays.stream(text.substring(9).split(" "))
                  .mapToDouble(Double::parseDouble)
                  .toArray();
        }
      }
    }
    if (result == null) {
      throw new IllegalStateException("a measurement printed nothing");
    }
    return result;
  }

  private static void measure(int batch) throws IOException {
    Rendezvous meeting = Rendezvous.of(System.getenv());
    Engine.start();
    try (TensorScope scope = TensorScope.open();
        Collective ranks =
            meeting == null
                ? SingleProcess.INSTANCE
                : C10d.join(meeting, Device.CPU, Duration.ofSeconds(60))) {
      TrainingTask task = task(batch, ranks);
      double[] rate = new double[1];
      TrainingListener last =
          new TrainingListener() {
            @Override
            public void afterEpoch(EpochResult result) {
              // The last epoch counts: the first one warms up.
              rate[0] = result.images() / result.epochSeconds();
            }
          };
      new Trainer(task, List.of(last)).train(Checkpoints.none());
      long values =
          task.student().state().parameterCount()
              + task.student().state().buffers().values().stream()
                  .filter(Tensor::is_floating_point)
                  .mapToLong(Tensor::numel)
                  .sum()
              + 3;
      Tensor message = torch.zeros(values);
      double[] seconds =
          DoubleStream.generate(() -> time(ranks, message)).limit(MESSAGES).toArray();
      if (ranks.isFirst()) {
        System.out.println("measured " + rate[0] + " " + median(seconds) + " " + message.nbytes());
      }
    }
  }

  private static double time(Collective ranks, Tensor message) {
    long began = System.nanoTime();
    ranks.mean(message);
    return (System.nanoTime() - began) / 1e9;
  }

  private static TrainingTask task(int batch, Collective ranks) {
    Splits data = DatasetSource.parse("cifar10-mini", Path.of("")).open();
    Precision precision = Precision.automatic(Device.CPU);
    Augmentation augmentation =
        new Augmentation(4, Augmentation.Padding.ZERO, Augmentation.Flip.RANDOM, 0);
    return new TrainingTask(
        StudentInitialization.random("resnet20", data, precision, 1),
        null,
        List.of(new CrossEntropy(1, 0)),
        data,
        new BatchPlan(batch, augmentation, 0, 1, 1, ranks.rank(), ranks.ranks()),
        new TrainingSettings(
            2,
            0.05,
            new Schedule.OneCycle(0.25, 0),
            Sgd.Settings.STANDARD,
            new WeightAverage.None(),
            precision),
        Device.CPU,
        ranks);
  }
}
