package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Augmentation;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchPlan;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.optimization.Schedule;
import dev.retort.optimization.Sgd;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodPresets;
import dev.retort.system.Sha256;
import dev.retort.teacher.CachedTeacher;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherCache;
import dev.retort.training.CheckpointFolder;
import dev.retort.training.CheckpointInterval;
import dev.retort.training.Checkpoints;
import dev.retort.training.DivergedException;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import dev.retort.training.Trainer;
import dev.retort.training.TrainingListener;
import dev.retort.training.TrainingSettings;
import dev.retort.training.TrainingTask;
import dev.retort.training.WeightAverage;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A training that is stopped and goes on ends with the same bits as one that never was. */
@NullUnmarked
class ResumeTest {
  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  private static final List<String> CLASSES = List.of("a", "b", "c", "d");
  private static final int BATCH = 8;
  private static final int IMAGES = 28;

  @TempDir Path folder;
  private TeacherCache cache = TeacherCache.none();
  private WeightAverage.Settings averaging = new WeightAverage.Exponential(1, 0.9);

  private int epochs = 4;
  private Runnable onValidation = () -> {};
  private Map<String, Tensor> studentState = Map.of();

  static Stream<String> methods() {
    return MethodPresets.all(MethodPresets.objectives()).stream().map(MethodPresets.Preset::name);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void everyMethodGoesOnInMidEpochThreeTimesBitForBit(String method) {
    epochs = 3;
    String undisturbed = train(method, 1, Precision.FP32, Checkpoints.none(), Set.of());
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    for (long stop : new long[] {1, 4, 7}) {
      assertThatThrownBy(() -> train(method, 1, Precision.FP32, checkpoints, stop))
          .isInstanceOf(StoppedException.class);
      assertThat(checkpoints.latestStep()).isEqualTo(stop + 1);
    }
    Checkpoints last = Checkpoints.in(checkpoints, CheckpointInterval.EPOCHS, new StopRequest());
    assertThat(train(method, 1, Precision.FP32, last, Set.of())).isEqualTo(undisturbed);
  }

  @Test
  void bf16GoesOnBitForBitToo() {
    String undisturbed =
        train("adversarial-hinton", 1, Precision.BF16, Checkpoints.none(), Set.of());
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    assertThatThrownBy(() -> train("adversarial-hinton", 1, Precision.BF16, checkpoints, 4))
        .isInstanceOf(StoppedException.class);
    assertThat(
            train(
                "adversarial-hinton",
                1,
                Precision.BF16,
                Checkpoints.in(checkpoints, CheckpointInterval.EPOCHS, new StopRequest()),
                Set.of()))
        .isEqualTo(undisturbed);
  }

  /**
   * After 8 of 12 steps: an average in the middle of an epoch, the tail's of the weights after two
   * of its six steps, and Lookahead's, which the weights met two steps before and meet next.
   */
  static Stream<WeightAverage.Settings> averages() {
    return Stream.of(
        new WeightAverage.Exponential(1, 0.9),
        new WeightAverage.Tail(1, 0.5),
        new WeightAverage.Lookahead(3, 0.95, 1));
  }

  @ParameterizedTest
  @MethodSource("averages")
  void everyAverageGoesOnBitForBit(WeightAverage.Settings settings) {
    averaging = settings;
    String undisturbed = train("hinton", 1, Precision.FP32, Checkpoints.none(), Set.of());
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    assertThatThrownBy(() -> train("hinton", 1, Precision.FP32, checkpoints, 7))
        .isInstanceOf(StoppedException.class);
    assertThat(checkpoints.latestStep()).isEqualTo(8);
    Checkpoints rest = Checkpoints.in(checkpoints, CheckpointInterval.EPOCHS, new StopRequest());
    assertThat(train("hinton", 1, Precision.FP32, rest, Set.of())).isEqualTo(undisturbed);
  }

  @ParameterizedTest
  @CsvSource({"adversarial-pair-hinton, BF16", "adversarial-map, BF16", "attention-transfer, FP32"})
  void theTeachersCacheChangesNoBit(String method, Precision precision) {
    String without = train(method, 1, precision, Checkpoints.none(), Set.of());
    cache = new TeacherCache(folder.resolve("cache"), 1_000_000_000);
    assertThat(train(method, 1, precision, Checkpoints.none(), Set.of())).isEqualTo(without);
    assertThat(cache.size()).isPositive();
    assertThat(train(method, 1, precision, Checkpoints.none(), Set.of())).isEqualTo(without);
  }

  @Test
  void theSeedDecidesAndNothingElse() {
    String first = train("adversarial", 1, Precision.FP32, Checkpoints.none(), Set.of());
    assertThat(train("adversarial", 1, Precision.FP32, Checkpoints.none(), Set.of()))
        .isEqualTo(first);
    assertThat(train("adversarial", 2, Precision.FP32, Checkpoints.none(), Set.of()))
        .isNotEqualTo(first);
  }

  @Test
  void aDamagedCheckpointIsPassedOverForTheOneBefore() throws IOException {
    String undisturbed = train("hinton", 1, Precision.FP32, Checkpoints.none(), Set.of());
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    assertThatThrownBy(() -> train("hinton", 1, Precision.FP32, checkpoints, 4))
        .isInstanceOf(StoppedException.class);
    Path latest = folder.resolve("step-5-epoch-1.safetensors");
    byte[] bytes = Files.readAllBytes(latest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(latest, bytes);
    assertThat(checkpoints.latestStep()).isEqualTo(3); // the end of the first epoch
    Checkpoints again = Checkpoints.in(checkpoints, CheckpointInterval.EPOCHS, new StopRequest());
    assertThat(train("hinton", 1, Precision.FP32, again, Set.of())).isEqualTo(undisturbed);
  }

  @Test
  void aStopInTheMiddleOfAnEvaluationIsSavedToo() {
    String undisturbed = train("hinton", 1, Precision.FP32, Checkpoints.none(), Set.of());
    CheckpointFolder checkpoints = new CheckpointFolder(folder.resolve("checkpoints"));
    StopRequest request = new StopRequest();
    AtomicInteger steps = new AtomicInteger();
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void afterStep(long step, int epoch) {
            steps.incrementAndGet();
          }
        };
    onValidation =
        () -> {
          if (steps.get() == 6) { // the end of the second epoch
            request.request();
          }
        };
    assertThatThrownBy(
            () ->
                train(
                    "hinton",
                    1,
                    Precision.FP32,
                    Checkpoints.in(checkpoints, CheckpointInterval.EPOCHS, request),
                    Set.of(counting)))
        .isInstanceOf(StoppedException.class);
    onValidation = () -> {};
    assertThat(checkpoints.latestStep()).isEqualTo(6);
    assertThat(checkpoints.latestEpochs()).isEqualTo(1);
    List<Integer> evaluated = new ArrayList<>();
    TrainingListener listening =
        new TrainingListener() {
          @Override
          public void afterEpoch(EpochResult result) {
            evaluated.add(result.epoch());
          }
        };
    Checkpoints again = Checkpoints.in(checkpoints, CheckpointInterval.EPOCHS, new StopRequest());
    assertThat(train("hinton", 1, Precision.FP32, again, Set.of(listening))).isEqualTo(undisturbed);
    assertThat(evaluated).containsExactly(2, 3, 4);
  }

  @Test
  void checkpointsComeEveryNStepsTheLastTwoAreKeptAndHalfWrittenOnesGo() throws IOException {
    Path place = Files.createDirectories(folder.resolve("checkpoints"));
    Files.writeString(place.resolve("step-7-epoch-2.safetensors"), "cut off");
    Files.writeString(place.resolve(".step-8-epoch-2.safetensors.1-1.tmp"), "cut off");
    CheckpointFolder checkpoints = new CheckpointFolder(place);
    checkpoints.removeUnfinished();
    assertThat(place).isEmptyDirectory();
    StopRequest request = new StopRequest();
    List<List<String>> after = new ArrayList<>();
    TrainingListener looking =
        new TrainingListener() {
          @Override
          public void afterStep(long step, int epoch) {
            try (Stream<Path> files = Files.list(place)) {
              after.add(
                  files
                      .map(file -> file.getFileName().toString())
                      .filter(name -> name.endsWith(".json"))
                      .sorted()
                      .toList());
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    CheckpointInterval interval = new CheckpointInterval(1440, 2);
    train(
        "hinton",
        1,
        Precision.FP32,
        Checkpoints.in(checkpoints, interval, request),
        Set.of(looking));
    // Three steps an epoch: what there is before each of the first six is saved.
    assertThat(after.subList(0, 6))
        .containsExactly(
            List.of(),
            List.of(),
            List.of("step-2-epoch-0.json"),
            List.of("step-2-epoch-0.json", "step-3-epoch-1.json"),
            List.of("step-3-epoch-1.json", "step-4-epoch-1.json"),
            List.of("step-3-epoch-1.json", "step-4-epoch-1.json"));
    assertThat(checkpoints.latestStep()).isEqualTo(12);
  }

  @Test
  void aParameterThatIsNotFiniteEndsTheTrainingBeforeAnUpdateAndIsNeverSaved() {
    CheckpointFolder checkpoints = new CheckpointFolder(folder.resolve("checkpoints"));
    TrainingListener breaking =
        new TrainingListener() {
          @Override
          public void afterStep(long step, int epoch) {
            if (step == 4) {
              Tensor kernel = studentState.get("conv1.weight");
              try (NoGrad noGrad = NoGrad.open()) {
                kernel.mul_(new Scalar(Double.NaN));
              }
            }
          }
        };
    Checkpoints everyStep =
        Checkpoints.in(checkpoints, new CheckpointInterval(1440, 1), new StopRequest());
    assertThatThrownBy(() -> train("hinton", 1, Precision.FP32, everyStep, Set.of(breaking)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("after 5 steps 'student.conv1.weight'");
    assertThat(checkpoints.latestStep()).isEqualTo(4);
    assertThatThrownBy(
            () -> train("hinton", 1, Precision.FP32, Checkpoints.none(), Set.of(breaking)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("diverged at step 5, before its update")
        .hasMessageContaining("hinton = NaN");
  }

  private void train(
      String method, long seed, Precision precision, CheckpointFolder folder, long stop) {
    StopRequest request = new StopRequest();
    TrainingListener stopping =
        new TrainingListener() {
          @Override
          public void afterStep(long step, int epoch) {
            if (step == stop) {
              request.request();
            }
          }
        };
    train(
        method,
        seed,
        precision,
        Checkpoints.in(folder, CheckpointInterval.EPOCHS, request),
        Set.of(stopping));
  }

  /** The digest of the student's state at the end. */
  private String train(
      String method,
      long seed,
      Precision precision,
      Checkpoints checkpoints,
      Set<TrainingListener> listeners) {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data();
      ScalarType type = precision.parameterType();
      Network student =
          Networks.create(
              "resnet8", SHAPE, CLASSES.size(), type, RandomSource.of(seed, "initialisation"));
      studentState = student.state().all();
      // Twice as wide as the student, so that whatever compares their layers has a connector.
      Network network =
          Networks.create("wrn_16_2", SHAPE, CLASSES.size(), type, RandomSource.of(9, "teacher"));
      ModelInfo info = new ModelInfo(CLASSES, data.statistics(), Map.of());
      NetworkTeacher frozen =
          new NetworkTeacher(
              new LoadedModel(network, info), data.statistics(), precision, Device.CPU);
      Pairing pairing =
          new Pairing(
              frozen.shapes(),
              NetworkSummary.of(student).shapes(),
              CLASSES.size(),
              IMAGES,
              type,
              RandomSource.of(seed, "objectives"),
              frozen.state(),
              student.state());
      List<Objective> objectives = new ArrayList<>();
      for (ObjectiveSettings settings : settings(method)) {
        objectives.addAll(settings.build(pairing));
      }
      Set<String> taps = new TreeSet<>();
      objectives.forEach(objective -> taps.addAll(objective.teacherTaps()));
      try (CachedTeacher teacher = new CachedTeacher(frozen, taps, precision, cache)) {
        new Trainer(
                task(student, teacher, objectives, data, seed, precision), List.copyOf(listeners))
            .train(checkpoints);
      }
      Sha256 digest = new Sha256();
      student
          .state()
          .all()
          .forEach(
              (name, tensor) ->
                  digest.text(name).bytes(Tensors.bytes(tensor.detach().contiguous())));
      return digest.hex();
    }
  }

  private TrainingTask task(
      Network student,
      Teacher teacher,
      List<Objective> objectives,
      Splits data,
      long seed,
      Precision precision) {
    TrainingSettings settings =
        new TrainingSettings(
            epochs,
            0.05,
            new Schedule.OneCycle(0.25, 0),
            Sgd.Settings.STANDARD,
            averaging,
            precision);
    BatchPlan plan =
        new BatchPlan(
            BATCH,
            new Augmentation(1, Augmentation.Padding.ZERO, Augmentation.Flip.RANDOM, 0),
            2,
            seed,
            seed,
            0,
            1);
    return new TrainingTask(student, teacher, objectives, data, plan, settings, Device.CPU);
  }

  private static List<ObjectiveSettings> settings(String method) {
    return ConfigurationReader.standard().method(method).objectives();
  }

  private Splits data() {
    Dataset train = NoiseImages.images("train", CLASSES, IMAGES);
    return new Splits(
        "made",
        train,
        new ListenedDataset(NoiseImages.images("validation", CLASSES, 8), () -> onValidation.run()),
        NoiseImages.images("test", CLASSES, 8),
        SHAPE,
        ChannelStatistics.of(train));
  }
}
