package dev.retort.bench;

import dev.retort.data.Augmentation;
import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.system.ProcFile;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.training.Checkpoints;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.training.WeightAverage;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * By how much the process's resident memory grows while a student learns, adversarially by default.
 * Batches are small: what leaks does so at every step, whatever its size.
 *
 * <pre>{@code
 * retort-bench/run MemoryGrowth [STEPS [METHOD]]
 * }</pre>
 */
public final class MemoryGrowth {
  /** What the process may gain, in MiB. */
  static final double BOUND = 20;

  /** How often the memory is read. */
  private static final int READINGS = 10;

  private static final String NETWORK = "resnet8";
  private static final int BATCH = 8;

  private MemoryGrowth() {}

  /** Prints the memory as the training goes on, and fails if it grew too much. */
  public static void main(String[] arguments) {
    int steps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20_000;
    String method = arguments.length > 1 ? arguments[1] : "adversarial-hinton";
    double growth = measure(steps, RankEquality.objectives(method, ""));
    System.out.printf(Locale.ROOT, "growth %.1f MiB of at most %.0f%n", growth, BOUND);
    System.exit(growth <= BOUND ? 0 : 1);
  }

  /**
   * Trains for that many steps, made up to whole epochs, of which there are at least two.
   *
   * @return what the process gained from the first reading behind an epoch, whose evaluation needs
   *     its share too, to the last, in MiB
   */
  static double measure(int steps, List<ObjectiveSettings> settings) {
    Engine.threads(1);
    Splits data = DatasetSource.parse("cifar10-mini", Path.of("")).open();
    try (TensorScope scope = TensorScope.open()) {
      Watch watch = new Watch();
      TrainingTask task = task(steps, settings, data);
      new Trainer(task, List.of(watch)).train(Checkpoints.none());
      return watch.last - watch.first;
    }
  }

  private static TrainingTask task(int steps, List<ObjectiveSettings> settings, Splits data) {
    RandomSource random = RandomSource.of(1, "memory growth");
    Network student = network(data, random.at("student"));
    ModelInfo info = new ModelInfo(data.classes(), data.statistics(), Map.of());
    NetworkTeacher teacher =
        new NetworkTeacher(
            new LoadedModel(network(data, random.at("teacher")), info),
            data.statistics(),
            Precision.automatic(Device.CPU),
            Device.CPU);
    Pairing pairing =
        new Pairing(
            teacher.shapes(),
            NetworkSummary.of(student).shapes(),
            data.classes().size(),
            data.train().size(),
            student.state().type(),
            random.at("objectives"),
            teacher.state(),
            student.state());
    List<Objective> objectives = new ArrayList<>();
    settings.forEach(each -> objectives.addAll(each.build(pairing)));
    int stepsOfEpoch = data.train().size() / BATCH;
    return new TrainingTask(
        student,
        teacher,
        objectives,
        data,
        new BatchPlan(BATCH, Augmentation.STANDARD, 1),
        new TrainingSettings(
            Math.max(2, (steps + stepsOfEpoch - 1) / stepsOfEpoch),
            0.001,
            new Schedule.OneCycle(0.25, 0),
            Sgd.Settings.STANDARD,
            new WeightAverage.None(),
            Precision.automatic(Device.CPU)),
        Device.CPU);
  }

  private static Network network(Splits data, RandomSource random) {
    return Networks.create(
        NETWORK,
        data.inputShape(),
        data.classes().size(),
        Precision.automatic(Device.CPU).parameterType(),
        random);
  }

  /** Reads the memory from time to time. */
  private static final class Watch implements TrainingListener {
    private long interval;
    private double first = Double.NaN;
    private double last;

    @Override
    public void begins(int epochs, int stepsPerEpoch, int batchSize, long stepsDone) {
      interval = (long) epochs * stepsPerEpoch / READINGS;
    }

    @Override
    public void afterStep(long step, int epoch) {
      if ((step + 1) % interval == 0) {
        last = ProcFile.bytes(Path.of("/proc/self/status"), "VmRSS").orElseThrow() / 0x1p20;
        first = epoch > 0 && Double.isNaN(first) ? last : first;
        System.out.printf(Locale.ROOT, "%7d steps: %.1f MiB%n", step + 1, last);
      }
    }
  }
}
