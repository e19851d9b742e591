package dev.retort.bench;

import dev.retort.data.Augmentation;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.Meter;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Opponent;
import dev.retort.distill.Pairing;
import dev.retort.engine.C10d;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.Rendezvous;
import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.NetworkSummary;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodPresets;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.training.Checkpoints;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.training.WeightAverage;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.Tensor;

/**
 * Whether several ranks train the same student as one: fifty steps in float64 of every method, for
 * a student without normalisation. The ranks are threads of one process that meet through c10d as
 * processes do. Where there is a GPU, the same on one: its kernels add in another order, so the
 * last bits differ. The last line says what was compared; {@code --gpu} asks for a GPU, and ends
 * with 2 where there is none.
 *
 * <pre>{@code
 * retort-bench/run RankEquality [--gpu] [METHOD…]
 * }</pre>
 */
public final class RankEquality {
  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  private static final List<String> CLASSES = List.of("a", "b", "c", "d");
  private static final int BATCH = 8;
  private static final int IMAGES = 84;
  private static final int EPOCHS = 5;

  /**
   * The greatest difference that a method may have, relative to the tensor's norm. Adam's first
   * steps, of one size whatever the gradient, make a discriminator's rounding grow to 4e-9.
   */
  static final double BOUND = 1e-8;

  private static final String GPU = "--gpu";

  private RankEquality() {}

  /** Prints the difference of the others to one rank on the CPU, and fails if one is too great. */
  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(List.of(arguments), Device.CUDA.isAvailable(), System.out));
  }

  /**
   * Compares methods, all unless some are named.
   *
   * @param gpu whether a GPU is there to be compared, too
   * @return 0 if all are equal, 1 if not, 2 if a GPU is asked for that is not there
   */
  static int run(List<String> arguments, boolean gpu, PrintStream out) throws InterruptedException {
    if (arguments.contains(GPU) && !gpu) {
      out.println("there is no GPU that Retort can use, so nothing was compared");
      return 2;
    }
    List<String> named = arguments.stream().filter(argument -> !argument.equals(GPU)).toList();
    List<String> methods =
        named.isEmpty()
            ? MethodPresets.all(MethodPresets.objectives()).stream()
                .map(MethodPresets.Preset::name)
                .toList()
            : named;
    boolean equal = true;
    out.printf("%-26s %10s %10s %10s%n", "method", "2 ranks", "4 ranks", gpu ? "GPU" : "no GPU");
    for (String method : methods) {
      List<ObjectiveSettings> objectives = objectives(method, "");
      Map<String, double[]> one = train(objectives, 1, Device.CPU);
      double two = difference(one, train(objectives, 2, Device.CPU));
      double four = difference(one, train(objectives, 4, Device.CPU));
      double onGpu = gpu ? difference(one, train(objectives, 1, Device.CUDA)) : 0;
      equal &= two <= BOUND && four <= BOUND && onGpu <= BOUND;
      out.printf(
          Locale.ROOT,
          "%-26s %10.1e %10.1e %10s%n",
          method,
          two,
          four,
          gpu ? String.format(Locale.ROOT, "%.1e", onGpu) : "-");
    }
    out.printf(
        Locale.ROOT,
        "%s: of %d methods, one rank with two and four on the CPU%s%n",
        equal ? "equal" : "NOT EQUAL",
        methods.size(),
        gpu ? ", and with one on the GPU" : "; nothing on a GPU, for there is none");
    return equal ? 0 : 1;
  }

  /**
   * The objectives of a method.
   *
   * @param method a preset's name
   * @param more further lines of YAML under the method's {@code objectives}; may be empty
   */
  static List<ObjectiveSettings> objectives(String method, String more) {
    return ConfigurationReader.standard()
        .method(
            "name: checked\nextends: %s\n%s"
                .formatted(method, more.isEmpty() ? "" : "objectives:\n" + more.indent(2)))
        .objectives();
  }

  private static Map<String, double[]> train(
      List<ObjectiveSettings> objectives, int ranks, Device device) throws InterruptedException {
    return train(objectives, ranks, device, true);
  }

  /**
   * Trains on so many ranks, and returns every learned or remembered tensor of rank 0, and the
   * figures of the last epoch.
   *
   * @param labelled whether all images have a label, or two of three
   */
  static Map<String, double[]> train(
      List<ObjectiveSettings> objectives, int ranks, Device device, boolean labelled)
      throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    try {
      int port = RankSpeed.freePort();
      List<Callable<Map<String, double[]>>> calls = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        Rendezvous meeting = new Rendezvous(rank, rank, ranks, "127.0.0.1", port, false, 0);
        calls.add(() -> train(objectives, meeting, device, labelled));
      }
      List<Map<String, double[]>> results = new ArrayList<>();
      for (Future<Map<String, double[]>> result : threads.invokeAll(calls)) {
        results.add(result.get());
      }
      for (Map<String, double[]> result : results) {
        if (difference(results.get(0), result) != 0) {
          throw new IllegalStateException("the ranks do not hold the same numbers");
        }
      }
      return results.get(0);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static Map<String, double[]> train(
      List<ObjectiveSettings> settings, Rendezvous meeting, Device device, boolean labelled) {
    Engine.threads(1);
    device.start();
    try (TensorScope scope = TensorScope.open();
        Collective ranks =
            meeting.ranks() == 1
                ? SingleProcess.INSTANCE
                : C10d.join(meeting, Device.CPU, Duration.ofSeconds(60))) {
      TrainingTask task = task(settings, ranks, device, labelled);
      Map<String, double[]> result = new TreeMap<>();
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void afterEpoch(EpochResult epoch) {
              put(result, epoch, task.objectives());
            }
          };
      new Trainer(task, List.of(listener)).train(Checkpoints.none());
      put(result, "student", task.student().state().all());
      task.objectives().forEach(each -> put(result, each.name(), each.checkpointed()));
      return result;
    }
  }

  private static void put(Map<String, double[]> result, String of, Map<String, Tensor> tensors) {
    tensors.forEach((name, tensor) -> result.put(of + "." + name, Tensors.toDoubles(tensor)));
  }

  /** In the place of the figures of the epoch before. */
  private static void put(
      Map<String, double[]> result,
      TrainingListener.EpochResult epoch,
      List<Objective> objectives) {
    result.put("loss", new double[] {epoch.trainLoss()});
    epoch.objectives().forEach((name, mean) -> result.put("mean." + name, new double[] {mean}));
    result.put(
        "decisions", Arrays.stream(epoch.validation().decisions()).asDoubleStream().toArray());
    result.put("labels", Arrays.stream(epoch.validation().labels()).asDoubleStream().toArray());
    for (Objective objective : objectives) {
      Opponent opponent = objective.opponent();
      // What shuffles, or draws slices of kernels, does so batch by batch, and a rank has its own.
      if (opponent != null && objective.isMeanOverImages() && !opponent.label().equals("weights")) {
        put(
            result,
            opponent.label(),
            Objects.requireNonNull(epoch.opponents().get(opponent.label())));
      }
    }
  }

  private static void put(Map<String, double[]> result, String label, Meter meter) {
    meter
        .figures()
        .forEach(
            (name, figure) -> {
              if (!figure.isNaN()) {
                result.put(label + "." + name, new double[] {figure});
              }
            });
  }

  private static TrainingTask task(
      List<ObjectiveSettings> settings, Collective ranks, Device device, boolean labelled) {
    Splits data = data(labelled);
    RandomSource random = RandomSource.of(1, "rank equality");
    PlainNetwork student =
        new PlainNetwork(SHAPE, CLASSES.size(), new int[] {6, 8, 10}, random.at("student"));
    student.state().moveTo(device);
    PlainNetwork large =
        new PlainNetwork(SHAPE, CLASSES.size(), new int[] {8, 12, 16}, random.at("teacher"));
    ModelInfo info = new ModelInfo(CLASSES, data.statistics(), Map.of());
    NetworkTeacher teacher =
        new NetworkTeacher(new LoadedModel(large, info), data.statistics(), Precision.FP64, device);
    Pairing pairing =
        new Pairing(
            teacher.shapes(),
            NetworkSummary.of(student).shapes(),
            CLASSES.size(),
            IMAGES,
            student.state().type(),
            device,
            random.at("objectives"),
            teacher.state(),
            student.state(),
            teacher.classifier());
    List<Objective> objectives = new ArrayList<>();
    settings.forEach(each -> objectives.addAll(each.build(pairing)));
    Augmentation augmentation =
        new Augmentation(1, Augmentation.Padding.ZERO, Augmentation.Flip.RANDOM, 0);
    return new TrainingTask(
        student,
        teacher,
        objectives,
        data,
        new BatchPlan(BATCH, augmentation, 2, 1, 1, ranks.rank(), ranks.ranks()),
        new TrainingSettings(
            EPOCHS,
            0.005,
            new Schedule.OneCycle(0.25, 0),
            Sgd.Settings.STANDARD,
            new WeightAverage.Exponential(1, 0.9),
            Precision.FP64),
        device,
        ranks);
  }

  private static Splits data(boolean labelled) {
    Dataset train = images("train", IMAGES, labelled);
    return new Splits(
        "made",
        train,
        images("validation", 8, true),
        images("test", 8, true),
        SHAPE,
        ChannelStatistics.of(train));
  }

  /** Images of one colour each, with noise: the mean over an image must tell images apart. */
  private static Dataset images(String name, int count, boolean labelled) {
    byte[] pixels = new byte[count * SHAPE.values()];
    Random random = new Random(name.hashCode());
    int plane = SHAPE.height() * SHAPE.width();
    for (int first = 0; first < pixels.length; first += plane) {
      int colour = random.nextInt(128);
      for (int i = first; i < first + plane; i++) {
        pixels[i] = (byte) (colour + random.nextInt(128));
      }
    }
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = labelled || i % 3 > 0 ? i % CLASSES.size() : Dataset.UNLABELLED;
    }
    return new InMemoryDataset(name, CLASSES, SHAPE, pixels, labels);
  }

  /**
   * The greatest difference of a tensor, relative to its norm; infinite if it is not finite.
   *
   * @throws IllegalArgumentException if there are none, or they are not the same ones
   */
  static double difference(Map<String, double[]> expected, Map<String, double[]> actual) {
    if (expected.isEmpty() || !expected.keySet().equals(actual.keySet())) {
      throw new IllegalArgumentException(
          "nothing to compare, or not the same: %s and %s"
              .formatted(expected.keySet(), actual.keySet()));
    }
    double greatest = 0;
    for (Map.Entry<String, double[]> tensor : expected.entrySet()) {
      double squares = 0;
      double differences = 0;
      double[] other = Objects.requireNonNull(actual.get(tensor.getKey()));
      if (other.length != tensor.getValue().length) {
        throw new IllegalArgumentException(tensor.getKey() + " has other lengths");
      }
      for (int i = 0; i < other.length; i++) {
        double value = tensor.getValue()[i];
        double apart = value - other[i];
        squares += value * value;
        differences += apart * apart;
      }
      double relative = differences == 0 ? 0 : Math.sqrt(differences / squares);
      if (!(relative <= greatest)) {
        greatest = Double.isNaN(relative) ? Double.POSITIVE_INFINITY : relative;
      }
    }
    return greatest;
  }
}
