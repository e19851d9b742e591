package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.atIndex;
import static org.assertj.core.api.Assertions.tuple;

import dev.retort.LogLines;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.training.StopRequest;
import dev.retort.training.TrainingTask;
import dev.retort.weights.SafeTensors;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ranks whose studies would compute something else are told apart, a refusal leaves nothing open,
 * and what is odd about a study or will take room is said before it begins.
 */
@NullUnmarked
class StudyTrainingTest {
  private static final Splits DATA = NoiseImages.splits(List.of("a", "b"), 8);

  @TempDir Path folder;

  /** Of the study that was opened last. */
  private StudyConfiguration configuration;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "methods=[{name: one, objectives: [{cross-entropy: {labelSmoothing: 0.1}}]}]",
        "training.augmentation={shift: 1}",
        "training.learningRate=0.02",
        "training.batchSize=16",
        "views=3",
        "dataSeed=7",
        "seeds=[2]",
        "student=resnet14",
        "observer=false",
        "test=false"
      })
  void anotherConfigurationHasAnotherFingerprint(String change) throws IOException {
    assertThat(fingerprint(change)).isNotEqualTo(fingerprint());
  }

  @Test
  void whatDoesNotDecideWhatIsComputedMayDiffer() throws IOException {
    assertThat(fingerprint("training.threads=2", "tensorBoard=true", "checkpoints.steps=5"))
        .isEqualTo(fingerprint());
  }

  @Test
  void aStudyThatIsRefusedLeavesNoScopeOpen() {
    PointerScope before = PointerScope.getInnerScope();
    assertThatThrownBy(() -> fingerprint("teacher=bundled:cifar10"))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("which must be equal, in one order");
    assertThat(PointerScope.getInnerScope()).isSameAs(before);
  }

  private long fingerprint(String... changes) throws IOException {
    try (StudyTraining training = open(DATA, new StudyListener() {}, changes)) {
      return training.fingerprint();
    }
  }

  private StudyTraining open(Splits data, StudyListener listener, String... changes)
      throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        student: resnet8
        training: {epochs: 1, batchSize: 8, precision: fp32, threads: 1}
        seeds: [1]
        methods: [{name: one, objectives: [cross-entropy]}]
        """);
    configuration =
        ConfigurationReader.standard().readStudy(file, List.of(changes)).configuration();
    return new StudyTraining(
        configuration,
        Precision.FP32,
        data,
        new Execution(Device.CPU, SingleProcess.INSTANCE, listener, new StopRequest()));
  }

  /**
   * Of 2 epochs of 24 images from 2 seeds by 2 methods, and 16 validation images. Two fp32 logits
   * and a checksum take 12 bytes, and so a view of all training images 288.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Two views from each seed, and the validation images as they are.
        "                                        | 112 | 1/0 1/1 2/0 2/1",
        "views=1                                 |  64 | 1/0 2/0",
        "views=5                                 | 112 | 1/0 1/1 2/0 2/1",
        "dataSeed=7                              |  64 | 7/0 7/1",
        "training.augmentation={shift: 0, flip: none} | 40 | 0/0",
        // One method sees another view of each image, and of each validation image.
        "methods=[hinton, {name: pairs, objectives: [hinton, {adversary: {on: [logits], discriminator: {condition: pair}}}]}]"
            + "                                      | 176 | 1/0 1/1 1/2 2/0 2/1 2/2",
        // Runs of one seed are one reader each.
        "methods=[hinton]                        | 112 | none",
        // Labels alone read nothing of the teacher.
        "methods=[hinton, cross-entropy]         | 112 | none",
        "methods=[cross-entropy]                 |  16 | none",
        "methods=[{name: one, objectives: [hinton], seeds: [1]}, {name: two, objectives: [hinton], seeds: [1, 2]}]"
            + "                                      | 112 | 1/0 1/1",
        // 999 bytes.
        "cache.gigabytes=0.000000999             | 112 | 1/0 1/1 2/0",
        "cache.gigabytes=0                       | 112 | none",
        "cache.folder=/dev/null/cache            | 112 | none" // which cannot be made
      })
  void theCacheIsToldWhatTheTeacherWillSayAndSeveralRunsShareTheViewsThatFit(
      @Nullable String change, long images, String shared) throws IOException {
    List<CachePlan> plans = new ArrayList<>();
    StudyListener listener =
        new StudyListener() {
          @Override
          public void teacherCache(CachePlan plan) {
            plans.add(plan);
          }
        };
    List<String> changes =
        new ArrayList<>(
            List.of(
                "teacher=" + network(),
                "training.epochs=2",
                "seeds=[1, 2]",
                "observer=false",
                "methods=[hinton, {name: again, objectives: [hinton]}]",
                "cache.folder=" + folder.resolve("cache")));
    if (change != null) {
      changes.add(change);
    }
    try (StudyTraining training = open(DATA, listener, changes.toArray(String[]::new))) {
      assertThat(plans)
          .extracting(CachePlan::bytes, CachePlan::taken)
          .containsExactly(tuple(12 * images, 0L));
      String views =
          training.sharedViews(configuration.runs(), run -> 0).stream()
              .map(view -> view.dataSeed() + "/" + view.view())
              .collect(Collectors.joining(" "));
      assertThat(views.isEmpty() ? "none" : views).isEqualTo(shared);
    }
  }

  @Test
  void theCachesPlanSaysWhereItIsWhatItHoldsAndWhatItMayHold() throws IOException {
    List<CachePlan> plans = new ArrayList<>();
    StudyListener listener =
        new StudyListener() {
          @Override
          public void teacherCache(CachePlan plan) {
            plans.add(plan);
          }
        };
    String[] changes = {
      "teacher=" + network(),
      "methods=[hinton]",
      "cache={folder: " + folder.resolve("cache") + ", gigabytes: 0.5}"
    };
    open(DATA, listener, changes).close();
    open(DATA, listener, changes).close();

    // One epoch from one seed; by the second time the validation images were classified.
    Path cache = folder.resolve("cache");
    assertThat(plans)
        .containsExactly(
            new CachePlan(cache, 12 * (24 + 16), 0, 500_000_000),
            new CachePlan(cache, 12 * (24 + 16), 12 * 16, 500_000_000));
  }

  /** Of a study that goes on where its cache is lost, the teacher need not see all views again. */
  @ParameterizedTest
  @CsvSource({"3, '', 1/1 1/2", "3, views=2, 1/0 1/1", "1, '', none"})
  void viewsThatNoRunHasYetToReadAreNotShared(int epochs, String change, String shared)
      throws IOException {
    List<String> changes =
        new ArrayList<>(
            List.of(
                "teacher=" + network(),
                "training.epochs=" + epochs,
                "seeds=[1]",
                "observer=false",
                "methods=[hinton, {name: again, objectives: [hinton]}]",
                "cache.folder=" + folder.resolve("cache")));
    if (!change.isEmpty()) {
      changes.add(change);
    }
    try (StudyTraining training =
        open(DATA, new StudyListener() {}, changes.toArray(String[]::new))) {
      String views =
          training
              .sharedViews(configuration.runs(), run -> run.method().equals("again") ? 1 : 2)
              .stream()
              .map(view -> view.dataSeed() + "/" + view.view())
              .collect(Collectors.joining(" "));
      assertThat(views.isEmpty() ? "none" : views).isEqualTo(shared);
    }
  }

  @Test
  void withoutATeacherNoViewsAreShared() throws IOException {
    try (StudyTraining training =
        open(DATA, new StudyListener() {}, "seeds=[1, 2]", "dataSeed=7")) {
      assertThat(training.sharedViews(configuration.runs(), run -> 0)).isEmpty();
    }
  }

  /**
   * Of two classes ¼ above ½, if that is no more than four standard errors of √(¼ / images); of ten
   * 0.05 above 0.1.
   */
  @ParameterizedTest
  @CsvSource({
    " 2,  16,  11, true",
    " 2,  16,  12, false",
    " 2, 400, 239, true", // 0.5 + 4 · 0.025
    " 2, 400, 241, false",
    "10,  20,   2, true",
    "10,  20,   4, false"
  })
  void aTeacherThatIsNearChanceIsWarnedOf(int classes, int images, int right, boolean warned) {
    List<String> lines =
        LogLines.of(StudyTeacher.class, () -> openWithTeacher(classes, images, right));
    assertThat(lines).hasSize(warned ? 1 : 0).allMatch(line -> line.contains("near chance"));
  }

  @Test
  void aTeacherWhoseClassesAreInAnotherOrderIsRefused() {
    assertThatThrownBy(() -> openWithTeacher(3, 90, 0))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(
            "most images that it calls 'c0' are of 'c2', and so on in a circle of");
    assertThat(LogLines.of(StudyTeacher.class, () -> openWithTeacher(2, 90, 0)))
        .hasSize(2)
        .satisfies(line -> assertThat(line).contains("it calls 'c0' are of 'c1'"), atIndex(0))
        .satisfies(line -> assertThat(line).contains("near chance"), atIndex(1));
  }

  /** With recorded outputs that are right on so many of the validation images. */
  private void openWithTeacher(int classes, int images, int right) {
    List<String> names = IntStream.range(0, classes).mapToObj(i -> "c" + i).toList();
    Splits data = NoiseImages.splits(names, images, 8);
    Path outputs = folder.resolve("outputs.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      SafeTensors.write(
          outputs,
          Map.of(
              "logits",
              logits(data.train(), 24),
              "validation.logits",
              logits(data.validation(), right)),
          Map.of());
    }
    openAndClose(
        data,
        "teacher=recorded:" + outputs,
        "methods=[hinton]",
        "training.augmentation={shift: 0, flip: none}",
        "cache.gigabytes=0",
        "test=false");
  }

  /** Of a teacher that is right on the first so many images. */
  private static Tensor logits(Dataset images, int right) {
    int classes = images.classes().size();
    double[] logits = new double[images.size() * classes];
    Arrays.fill(logits, -3);
    for (int i = 0; i < images.size(); i++) {
      int decided = i < right ? images.label(i) : (images.label(i) + 1) % classes;
      logits[i * classes + decided] = 3;
    }
    return Tensors.of(logits, images.size(), classes).to(ScalarType.Float);
  }

  private void openAndClose(Splits data, String... changes) {
    try {
      open(data, new StudyListener() {}, changes).close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void thatStandardizedLogitsOfTwoClassesTeachNothingIsSaidOfEachMethodWithThem() {
    String methods =
        "methods=[hinton, {name: plain, objectives: [hinton-standardized]},"
            + " {name: again, objectives: [hinton-standardized]}]";
    Runnable ofTwo = () -> openAndClose(DATA, "teacher=" + network(), methods);
    assertThat(LogLines.of(FittingData.class, ofTwo))
        .extracting(line -> line.substring(0, line.indexOf(", since")))
        .containsExactly(
            "method plain: hinton-standardized teaches nothing here",
            "method again: hinton-standardized teaches nothing here");
    Splits three = NoiseImages.splits(List.of("a", "b", "c"), 8);
    Runnable ofThree = () -> openAndClose(three, "teacher=" + network(three), methods);
    assertThat(LogLines.of(FittingData.class, ofThree)).isEmpty();
  }

  @Test
  void soDoStandardizedLogitsOfTwoClassesThatADiscriminatorReads() {
    String methods =
        "methods=[{name: plain, objectives: [cross-entropy, adversary: {on: [logits],"
            + " encoding: standardized}]}, {name: centred, objectives: [cross-entropy, adversary:"
            + " {on: [logits], encoding: centred}]}, {name: critic, objectives:"
            + " [cooperative-critic: {on: logits}]}]";
    assertThat(
            LogLines.of(
                FittingData.class, () -> openAndClose(DATA, "teacher=" + network(), methods)))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("method plain: encoding: standardized leaves"),
            line -> assertThat(line).startsWith("method critic: encoding: standardized leaves"));
  }

  @Test
  void averagesOfOneStepAndComparisonsWithoutAPairAreSaid() throws IOException {
    String methods =
        "methods=[{name: one, objectives: [cross-entropy]},"
            + " {name: two, objectives: [cross-entropy], seeds: [2]}]";
    String every = "training.averaging={tail: {every: 1000}}";
    open(DATA, new StudyListener() {}, methods, "comparisons=[[two, one]]", every).close();
    assertThat(
            LogLines.of(
                FittingData.class,
                () -> FittingData.require(configuration, DATA, SingleProcess.INSTANCE)))
        .satisfiesExactly(
            line -> assertThat(line).contains("it takes in 1, which is no average"),
            line -> assertThat(line).contains("[two, one] have no seed in common"));
  }

  @ParameterizedTest
  @CsvSource({"BF16, FP32, 1", "BF16, BF16, 0", "FP32, FP32, 0", "FP32, BF16, 0"})
  void bf16IsWarnedOfWhereTheProcessorWouldNotTakeItByItself(
      Precision chosen, Precision automatic, int warnings) {
    assertThat(
            LogLines.of(
                StudyTraining.class, () -> StudyTraining.warnOfSlowPrecision(chosen, automatic)))
        .hasSize(warnings)
        .allMatch(line -> line.contains("fp32 is quicker"));
  }

  /**
   * The first convolution of a student of seed s is that of a network which is made of s itself.
   */
  @Test
  void whatIsRandomOfARunIsOfItsOwnSeedButTheVariationOfImagesIsOfTheDataSeed() throws IOException {
    String adversary = "methods=[{name: one, objectives: [hinton, {adversary: {on: [logits]}}]}]";
    List<double[]> discriminators = new ArrayList<>();
    try (StudyTraining training =
        open(DATA, new StudyListener() {}, "teacher=" + network(), adversary, "dataSeed=7")) {
      for (long seed : new long[] {1, 2}) {
        TrainingTask task = training.task(new RunName("resnet8", "one", seed));
        Network expected =
            Networks.create(
                "resnet8",
                NoiseImages.SHAPE,
                2,
                ScalarType.Float,
                RandomSource.of(seed, "initialisation"));
        assertThat(firstConvolution(task.student())).isEqualTo(firstConvolution(expected));
        assertThat(task.plan().seed()).isEqualTo(seed);
        assertThat(task.plan().dataSeed()).isEqualTo(7);
        task.objectives().stream()
            .filter(objective -> objective.name().equals("adversary:logits"))
            .map(objective -> objective.checkpointed().get("discriminator.0.weight"))
            .forEach(weight -> discriminators.add(Tensors.toDoubles(weight)));
      }
    }
    assertThat(discriminators).hasSize(2);
    assertThat(discriminators.get(0)).isNotEqualTo(discriminators.get(1));
  }

  private static double[] firstConvolution(Network network) {
    return Tensors.toDoubles(network.state().get("conv1.weight"));
  }

  private Path network() {
    return network(DATA);
  }

  private Path network(Splits data) {
    return NoiseImages.untrained(folder.resolve("teacher.safetensors"), data);
  }
}
