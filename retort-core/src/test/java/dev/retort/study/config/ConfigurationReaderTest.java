package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.adversary.AdversarySettings;
import dev.retort.adversary.GanLoss;
import dev.retort.data.Augmentation;
import dev.retort.distill.CrossEntropy;
import dev.retort.distill.Hinton;
import dev.retort.distill.LayerPair;
import dev.retort.distill.ObjectiveKind;
import dev.retort.optimization.Schedule;
import dev.retort.teacher.Outputs;
import dev.retort.teacher.TeacherView;
import dev.retort.training.WeightAverage;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What a configuration says, and what it leaves out. */
@NullUnmarked
class ConfigurationReaderTest extends ReadBack {
  /** A weight below 0 would teach a student to do the contrary, and no alarm would say so. */
  @Test
  void noObjectiveHasANegativeWeight() {
    int refused = 0;
    for (ObjectiveKind kind : MethodPresets.objectives().kinds()) {
      for (RecordComponent key : kind.defaults().getClass().getRecordComponents()) {
        if (key.getType() == double.class && FACTORS.contains(key.getName())) {
          String objective = kind.name() + ": {" + key.getName() + ": -1}";
          String method = "[{name: any, objectives: [{" + objective + "}]}]";
          assertThatThrownBy(() -> study(SHORT.replace("[cross-entropy, hinton]", method)))
              .isInstanceOf(ConfigurationException.class)
              .hasMessageMatching(
                  "(?s).*"
                      + key.getName()
                      + " must be (0 or more|positive|from \\S+ to \\S+), not -1.0.*");
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(40);
  }

  private static final Set<String> FACTORS =
      Set.of("weight", "crossEntropy", "hinton", "alpha", "beta", "gamma", "distance", "angle");

  @Test
  void whatIsLeftOutHasTheDocumentedDefaults() throws IOException {
    StudyConfiguration study = study(SHORT);
    assertThat(study.training())
        .isEqualTo(
            new TrainingConfiguration(
                12,
                128,
                0.1,
                new Schedule.OneCycle(0.2, 0),
                0.9,
                true,
                5e-4,
                false,
                false,
                1,
                new WeightAverage.None(),
                TrainingConfiguration.PrecisionChoice.AUTO,
                new Augmentation(4, Augmentation.Padding.ZERO, Augmentation.Flip.RANDOM, 0),
                null));
    assertThat(study.seeds()).containsExactly(1L, 2L, 3L);
    assertThat(study.test()).isTrue();
    assertThat(study.dataSeed()).isNull();
    assertThat(study.views()).isNull();
    assertThat(study.observer()).isTrue();
    assertThat(study.students()).containsExactly(StudentConfiguration.of("resnet8"));
    assertThat(study.teacher()).isEqualTo(TeacherConfiguration.of("bundled:cifar10"));
    assertThat(study.methods())
        .containsExactly(
            new MethodConfiguration("cross-entropy", List.of(new CrossEntropy(1.0, 0.0))),
            new MethodConfiguration("hinton", List.of(new Hinton(4.0, 0.9, 0.1))));
  }

  @Test
  void everyKeyIsRead() throws IOException {
    StudyConfiguration study =
        study(
            """
            data: cifar10:data
            teacher: {model: nets/t.onnx, size: 64, mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.25], layout: NHWC, classes: names.txt, channels: BGR, outputs: log-probabilities}
            students: [resnet20, {network: resnet8, init: teacher, name: small}]
            training:
              epochs: 3
              batchSize: 64
              learningRate: 5e-2
              schedule: {multi-step: {milestones: [0.3, 0.6, 0.9]}}
              momentum: 0.8
              nesterov: false
              weightDecay: 1e-3
              decoupledDecay: true
              decayVectors: true
              vectorRateFactor: 8
              averaging: {lookahead: {every: 10}}
              precision: fp32
              augmentation: {shift: 2, padding: reflect, flip: alternating, cutout: 8}
              threads: 2
            seeds: [-5, 7]
            dataSeed: 11
            views: 8
            methods: [cross-entropy]
            comparisons: []
            observer: false
            test: false
            cache: {folder: kept, gigabytes: 2.5}
            """);
    Path base = folder.toAbsolutePath();
    assertThat(study.data().source()).isEqualTo("cifar10:" + base.resolve("data"));
    assertThat(study.teacher())
        .isEqualTo(
            new TeacherConfiguration(
                base.resolve("nets/t.onnx").toString(),
                64,
                List.of(0.5, 0.4, 0.3),
                List.of(0.2, 0.2, 0.25),
                TeacherView.Layout.NHWC,
                base.resolve("names.txt").toString(),
                TeacherView.Channels.BGR,
                Outputs.LOG_PROBABILITIES));
    assertThat(study.students())
        .containsExactly(
            new StudentConfiguration("resnet20", "random", "resnet20"),
            new StudentConfiguration("resnet8", "teacher", "small"));
    assertThat(study.training())
        .isEqualTo(
            new TrainingConfiguration(
                3,
                64,
                0.05,
                new Schedule.MultiStep(0, List.of(0.3, 0.6, 0.9), 0.1),
                0.8,
                false,
                1e-3,
                true,
                true,
                8,
                new WeightAverage.Lookahead(10, 0.95, 3),
                TrainingConfiguration.PrecisionChoice.FP32,
                new Augmentation(2, Augmentation.Padding.REFLECT, Augmentation.Flip.ALTERNATING, 8),
                2));
    assertThat(study.seeds()).containsExactly(-5L, 7L);
    assertThat(study.dataSeed()).isEqualTo(11);
    assertThat(study.views()).isEqualTo(8);
    assertThat(study.comparisons()).isEmpty();
    assertThat(study.observer()).isFalse();
    assertThat(study.test()).isFalse();
    assertThat(study.cache())
        .isEqualTo(new CacheConfiguration(base.resolve("kept").toString(), 2.5));
    assertThat(study.runs().stream().map(RunName::toString))
        .containsExactly(
            "resnet20-cross-entropy-seed-5",
            "resnet20-cross-entropy-seed7",
            "small-cross-entropy-seed-5",
            "small-cross-entropy-seed7");
  }

  @Test
  void theDemosConfigurationIsReadAsTheDesignHasIt() throws IOException {
    StudyConfiguration study =
        study(
            """
            data: cifar10-mini
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 12, batchSize: 128, learningRate: 0.1, schedule: one-cycle, precision: auto}
            seeds: [1, 2, 3]
            methods: [cross-entropy, hinton, adversarial, adversarial-hinton]
            comparisons: default
            primary: [adversarial, cross-entropy]
            """);
    assertThat(study.primary()).isEqualTo(new Comparison("adversarial", "cross-entropy"));
    assertThat(study.data().source()).isEqualTo("cifar10-mini");
    AdversarySettings adversary =
        AdversarySettings.of(
            List.of(LayerPair.of("logits"), LayerPair.of("embedding")),
            GanLoss.TALK,
            1,
            new AdversarySettings.Weight(null, 0.1, null, 0.1, 0.2, 0.75));
    assertThat(study.methods().get(3))
        .isEqualTo(
            new MethodConfiguration(
                "adversarial-hinton", List.of(new Hinton(4.0, 0.9, 0.1), adversary)));
    assertThat(study.comparisons()).hasSize(5);
  }

  /** They are those of every method, but for one that has its own after them. */
  @Test
  void seedsTakeThoseOfMethodsThatCameBefore() throws IOException {
    StudyConfiguration study =
        study(SHORT, "methods[0].seeds=[7]", "seeds =[1, 2]", "methods.hinton.seeds=[1, 2, 3]");
    assertThat(study.seeds()).containsExactly(1L, 2L);
    assertThat(study.methods().get(0).seeds()).isNull();
    assertThat(study.methods().get(1).seeds()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void modelsAreMadeAbsoluteButNotTheBundledOne() throws IOException {
    assertThat(study(SHORT).teacher().model()).isEqualTo("bundled:cifar10");
    assertThat(study(SHORT.replace("bundled:cifar10", "resnet56:../t.pth")).teacher().model())
        .isEqualTo("resnet56:" + folder.toAbsolutePath().getParent().resolve("t.pth"));
    assertThat(study(SHORT.replace("bundled:cifar10", "t.safetensors")).teacher().model())
        .isEqualTo(folder.toAbsolutePath().resolve("t.safetensors").toString());
  }

  @Test
  void aMethodExtendsAPresetOrAnEarlierMethodAndChangesAKey() throws IOException {
    StudyConfiguration study =
        study(
            """
            data: cifar10:data
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 12}
            methods:
              - name: hot
                extends: hinton
                objectives:
                  - hinton: {temperature: 8}
                  - cross-entropy: {weight: 0.5}
              - name: hotter
                extends: hot
                objectives:
                  - hinton: {temperature: 16, crossEntropy: 0}
              - name: same
                extends: hotter
              - name: own
                objectives: [cross-entropy, hinton]
            """);
    assertThat(study.methods())
        .containsExactly(
            new MethodConfiguration(
                "hot", List.of(new Hinton(8.0, 0.9, 0.1), new CrossEntropy(0.5, 0.0))),
            new MethodConfiguration(
                "hotter", List.of(new Hinton(16.0, 0.9, 0.0), new CrossEntropy(0.5, 0.0))),
            new MethodConfiguration(
                "same", List.of(new Hinton(16.0, 0.9, 0.0), new CrossEntropy(0.5, 0.0))),
            new MethodConfiguration(
                "own", List.of(new CrossEntropy(1.0, 0.0), new Hinton(4.0, 0.9, 0.1))));
  }

  @Test
  void ofTwoObjectivesOfOneNameTheSecondChangesTheSecond() throws IOException {
    StudyConfiguration study =
        study(
            """
            data: cifar10:data
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 12}
            methods:
              - name: two
                objectives: [{hinton: {temperature: 1}}, {hinton: {temperature: 2}}]
              - name: changed
                extends: two
                objectives: [{hinton: {weight: 3}}, {hinton: {weight: 4}}, {hinton: {weight: 5}}]
            """);
    assertThat(study.methods().get(1).objectives())
        .containsExactly(
            new Hinton(1.0, 3.0, 0.1), new Hinton(2.0, 4.0, 0.1), new Hinton(4.0, 5.0, 0.1));
  }

  @Test
  void byDefaultEveryMethodIsComparedWithCrossEntropyAndHintonOnce() throws IOException {
    StudyConfiguration study =
        study(
            """
            data: cifar10:data
            teacher: bundled:cifar10
            student: resnet8
            training: {epochs: 12}
            methods:
              - hinton
              - {name: hot, extends: hinton}
              - cross-entropy
            comparisons: default
            """);
    assertThat(study.comparisons())
        .containsExactly(
            new Comparison("hinton", "cross-entropy"),
            new Comparison("hot", "cross-entropy"),
            new Comparison("hot", "hinton"));
  }

  @Test
  void aPlainTrainingIsAStudyOfOneRun() throws IOException {
    Path file = folder.resolve("teacher.yaml");
    Files.writeString(
        file, "{data: 'cifar10:data', network: resnet20, training: {epochs: 2}, seed: 5}");
    var read = READER.readTraining(file, List.of("labelSmoothing=0.1"));
    StudyConfiguration study = read.configuration().asStudy();
    assertThat(study.runs()).containsExactly(new RunName("resnet20", "cross-entropy", 5));
    assertThat(study.methods().get(0).objectives()).containsExactly(new CrossEntropy(1.0, 0.1));
    assertThat(study.teacher()).isNull();
    assertThat(study.comparisons()).isEmpty();
    Files.writeString(file, read.resolved());
    assertThat(READER.readTraining(file, List.of()).configuration())
        .isEqualTo(read.configuration());
  }

  @Test
  void everyExampleIsRead() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("examples"))) {
      root = root.getParent();
    }
    Path clusters = root.resolve("examples/cluster"); // its YAML is Kubernetes'
    try (Stream<Path> files = Files.walk(root.resolve("examples"))) {
      for (Path file :
          files
              .filter(file -> file.toString().endsWith(".yaml") && !file.startsWith(clusters))
              .toList()) {
        boolean plain =
            Files.readString(file).lines().anyMatch(line -> line.startsWith("network:"));
        if (plain) {
          assertThat(READER.readTraining(file, List.of()).configuration()).isNotNull();
        } else {
          assertThat(READER.readStudy(file, List.of()).configuration()).isNotNull();
        }
      }
    }
  }
}
