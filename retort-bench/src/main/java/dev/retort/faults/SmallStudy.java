package dev.retort.faults;

import dev.retort.bench.Fingerprint;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.study.Divergence;
import dev.retort.study.Study;
import dev.retort.system.Sha256;
import dev.retort.training.StopRequest;
import dev.retort.training.TrainingListener;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A study of one method in the shape of a real one, over in a second: a ResNet-8 learns from a
 * random wide ResNet, whose layers are wider than its own, on images of noise of 8 × 8 pixels.
 *
 * @param method its YAML
 * @param seed of the run
 * @param precision {@code fp32} or {@code bf16}
 * @param cached whether the teacher's outputs are kept
 * @param epochs of {@link #STEPS_PER_EPOCH} steps
 */
record SmallStudy(String method, long seed, String precision, boolean cached, int epochs) {
  static final int STEPS_PER_EPOCH = 25;

  /** The folder of the teacher's outputs. */
  static final String CACHE = "cache";

  static final int BATCH = 16;
  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  private static final List<String> CLASSES = List.of("a", "b", "c", "d");

  /** What differs between two runs that are the same: how long they took. */
  private static final Pattern TIMES =
      Pattern.compile("\"(seconds|imagesPerSecond)\":-?[0-9.eE+-]+");

  /**
   * Does the study, or goes on with it.
   *
   * @param work holds the teacher; the same for all small studies
   * @param out the study's folder
   * @param stop asks it to stop
   * @param listener of the training
   * @throws IllegalStateException if it diverges: nothing could then be said of the fault
   */
  void run(Path work, Path out, StopRequest stop, TrainingListener listener) throws IOException {
    Study study = Study.read(configuration(work)).data(data());
    List<Divergence> diverged = Fingerprint.library(study, out, stop, listener).diverged();
    if (!diverged.isEmpty()) {
      throw new IllegalStateException("a fault study itself fails: " + diverged.get(0).reason());
    }
  }

  /** Does the study from beginning to end. */
  void run(Path work, Path out) throws IOException {
    run(work, out, new StopRequest(), new TrainingListener() {});
  }

  /**
   * Goes on with it to its end.
   *
   * @return after how many steps it went on: 0 where it began anew
   */
  long resume(Path work, Path out) throws IOException {
    AtomicLong begun = new AtomicLong();
    run(
        work,
        out,
        new StopRequest(),
        new TrainingListener() {
          @Override
          public void begins(int epochs, int stepsPerEpoch, int batchSize, long stepsDone) {
            begun.set(stepsDone);
          }
        });
    return begun.get();
  }

  /** All that the study says when it is done, without times; less than that of one that is not. */
  static String outcome(Path out) throws IOException {
    StringBuilder outcome = new StringBuilder();
    try (var runs = Files.list(out.resolve("runs"))) {
      for (Path run : (Iterable<Path>) runs.sorted()::iterator) {
        if (Files.notExists(run.resolve("result.json"))) {
          continue; // it is not done
        }
        outcome
            .append(Sha256.of(run.resolve("student.safetensors")))
            .append('\n')
            .append(withoutTimes(Files.readString(run.resolve("metrics.jsonl"))))
            .append(withoutTimes(Files.readString(run.resolve("result.json"))));
      }
    }
    return outcome.toString();
  }

  private static String withoutTimes(String json) {
    Matcher matcher = TIMES.matcher(json.replace(" ", ""));
    return matcher.replaceAll("\"$1\":_");
  }

  private Path configuration(Path work) throws IOException {
    Path teacher = work.resolve("teacher.safetensors");
    if (!Files.exists(teacher)) {
      saveTeacher("wrn_16_2", data(), teacher);
    }
    Path file = Files.createTempFile(work, "study", ".yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        teacher: %s
        student: resnet8
        training:
          epochs: %d
          batchSize: %d
          learningRate: 0.05
          averaging: {exponential: {every: 1, decay: 0.9}}
          augmentation: {shift: 1}
          precision: %s
          threads: 1
        views: 4
        seeds: [%d]
        methods: [%s]
        checkpoints: {minutes: 60, steps: 7}
        cache: {folder: %s, gigabytes: %d}
        """
            .formatted(
                quoted(teacher),
                epochs,
                BATCH,
                precision,
                seed,
                method,
                quoted(work.resolve(CACHE)),
                cached ? 1 : 0));
    return file;
  }

  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "''") + "'";
  }

  /** Saves a network of random weights that reads these data. */
  static void saveTeacher(String name, Splits data, Path file) {
    try (TensorScope scope = TensorScope.open()) {
      Network network =
          Networks.create(
              name,
              data.inputShape(),
              data.classes().size(),
              ScalarType.Float,
              RandomSource.of(9, "teacher"));
      ModelInfo info = new ModelInfo(data.classes(), data.statistics(), Map.of());
      ModelFile.save(network, info, file, TensorType.F32);
    }
  }

  static Splits data() {
    Dataset train = images("train", STEPS_PER_EPOCH * BATCH);
    return new Splits(
        "noise",
        train,
        images("validation", 8),
        images("test", 8),
        SHAPE,
        ChannelStatistics.of(train));
  }

  private static Dataset images(String name, int count) {
    byte[] pixels = new byte[count * SHAPE.values()];
    new Random(name.hashCode()).nextBytes(pixels);
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      // Half of them as the random teacher decides, so that it is not near chance.
      labels[i] = i % 2 == 0 ? 0 : i / 2 % CLASSES.size();
    }
    return new InMemoryDataset(name, CLASSES, SHAPE, pixels, labels);
  }
}
