package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.Dataset;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.SingleProcess;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.training.StopRequest;
import dev.retort.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a study does with its runs, beside training them. */
@NullUnmarked
class StudyRunnerTest {
  private static final List<String> CLASSES = List.of("a", "b");
  private static final Splits DATA = NoiseImages.splits(CLASSES, 4);

  @TempDir Path folder;

  /** The runs as they begin. */
  private final List<String> begun = new ArrayList<>();

  private boolean anyProcessor;

  private StudyRunner open(Splits data, String... changes) throws IOException {
    return open("out", data, changes);
  }

  private StudyRunner open(String out, Splits data, String... changes) throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        student: resnet8
        training: {epochs: 1, batchSize: 8, precision: fp32, threads: 1}
        seeds: [1]
        methods: [cross-entropy]
        """);
    ConfigurationFile<StudyConfiguration> study =
        ConfigurationReader.standard().readStudy(file, List.of(changes));
    return new StudyRunner(
        study.configuration(),
        data,
        StudyFolder.begin(folder.resolve(out), study, true),
        new Execution(
            Device.CPU,
            SingleProcess.INSTANCE,
            new StudyListener() {
              @Override
              public TrainingListener runBegins(RunName run, int number, int runs, int epochs) {
                begun.add(run.toString());
                return new TrainingListener() {};
              }
            },
            new StopRequest()),
        anyProcessor,
        Engine.threads());
  }

  private static Splits withTestLabels(int... labels) {
    byte[] pixels = new byte[labels.length * NoiseImages.SHAPE.values()];
    Dataset test = new InMemoryDataset("made/test", CLASSES, NoiseImages.SHAPE, pixels, labels);
    return new Splits(
        DATA.name(), DATA.train(), DATA.validation(), test, DATA.inputShape(), DATA.statistics());
  }

  @Test
  void testImagesWithoutALabelAreRefusedBeforeTheFirstRunUnlessTheyAreLeftUnread()
      throws IOException {
    assertThatThrownBy(() -> open(withTestLabels(-1, -1, -1)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "data: of the 3 images of made/test none has a label, so no accuracy can be measured on"
                + " them; leave them unread and measure on the validation images with test: false");
    open("labelled", withTestLabels(-1, 1, -1)).close();
    try (StudyRunner runner = open("unread", withTestLabels(-1, -1, -1), "test=false")) {
      assertThat(runner.run(RunSelection.ALL).methods().get(0).validationAccuracy()).hasSize(1);
    }
  }

  @Test
  void validationImagesWithoutALabelAreRefused() {
    Dataset unlabelled =
        new InMemoryDataset(
            "made/validation",
            CLASSES,
            NoiseImages.SHAPE,
            new byte[2 * NoiseImages.SHAPE.values()],
            new int[] {-1, -1});
    Splits splits =
        new Splits(
            DATA.name(),
            DATA.train(),
            unlabelled,
            DATA.test(),
            DATA.inputShape(),
            DATA.statistics());

    assertThatThrownBy(() -> open("unlabelled", splits, "test=false"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "data: of the 2 images of made/validation none has a label, so no accuracy can be"
                + " measured on them");
  }

  @Test
  void aStudyThatIsNotGoneOnWithKeepsItsFolderAsItWas() throws IOException {
    open(DATA).close();
    Path environment = folder.resolve("out").resolve("environment.json");
    String elsewhere = Files.readString(environment).replaceAll("\"os\" : \"", "$0another ");
    Files.writeString(environment, elsewhere);
    List<String> before = List.of(folder.resolve("out").toFile().list());

    assertThatThrownBy(() -> open(withTestLabels(0, 1)))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageContaining("the data are not what");
    assertThat(folder.resolve("out").toFile().list()).containsExactlyInAnyOrderElementsOf(before);
    assertThat(environment).hasContent(elsewhere);

    open(DATA).close();
    assertThat(folder.resolve("out").resolve("environment-2.json")).exists();
  }

  /** What is compared shall differ in the method alone, and not in the last bits of a processor. */
  @Test
  void aRunIsNotComparedWithOneOfAnotherKindOfProcessorUnlessThatIsAllowed() throws IOException {
    String[] changes = {
      "methods=[{name: a, objectives: [cross-entropy]}, {name: b, objectives: [cross-entropy]},"
          + " {name: c, objectives: [cross-entropy]}]",
      "comparisons=[[b, a]]"
    };
    try (StudyRunner runner = open(DATA, changes)) {
      runner.run(new RunSelection(Set.of("a"), Set.of(), 1, 1));
    }
    Path environment = folder.resolve("out").resolve("environment.json");
    Files.writeString(
        environment,
        Files.readString(environment)
            .replaceAll("\"processor\" : \"[^\"]*\"", "\"processor\" : \"Abacus\", \"ranks\" : 4"));

    try (StudyRunner runner = open(DATA, changes)) {
      runner.run(new RunSelection(Set.of("c"), Set.of(), 1, 1)); // is compared with nothing
      assertThatThrownBy(() -> runner.run(new RunSelection(Set.of("b"), Set.of(), 1, 1)))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith(
              "resnet8-b-seed1 is compared with resnet8-a-seed1, which ran on Abacus by 4 ranks, and this is ")
          .hasMessageEndingWith("or go on with compare --any-processor");
    }
    anyProcessor = true;
    try (StudyRunner runner = open(DATA, changes)) {
      assertThat(runner.run(new RunSelection(Set.of("b"), Set.of(), 1, 1)).comparisons().get(0).n())
          .isEqualTo(1);
    }
  }

  /** Its loss is finite, and its gradient's norm is not. */
  private static final String WITH_ONE_THAT_DIVERGES =
      "methods=[{name: steep, objectives: [{cross-entropy: {weight: 1e37}}]}, cross-entropy]";

  private static final Path STUDENT =
      Path.of("runs", "resnet8-cross-entropy-seed1", "student.safetensors");

  @Test
  void aRunThatDivergesIsLeftOutAndNamedAndTheOthersAreDoneAsIfItHadNotBeen() throws IOException {
    try (StudyRunner runner = open("alone", DATA)) {
      assertThat(runner.run(RunSelection.ALL).diverged()).isEmpty();
    }
    Summary summary;
    try (StudyRunner runner = open(DATA, WITH_ONE_THAT_DIVERGES)) {
      summary = runner.run(RunSelection.ALL);
    }

    Path out = folder.resolve("out");
    Divergence diverged = summary.diverged().get(0);
    assertThat(summary.diverged()).hasSize(1);
    assertThat(diverged.run()).isEqualTo(new RunName("resnet8", "steep", 1));
    assertThat(diverged.reason()).contains("diverged at step 0, before its update");
    assertThat(summary.methods()).extracting(method -> method.seeds().size()).containsExactly(0, 1);
    assertThat(out.resolve(STUDENT))
        .hasSameBinaryContentAs(folder.resolve("alone").resolve(STUDENT));
    assertThat(out.resolve("summary.md"))
        .content()
        .contains("resnet8-steep-seed1 is left out: training diverged at step 0");
    assertThat(json(out).at("/diverged/0/seed").asInt()).isEqualTo(1);
    assertThat(json(folder.resolve("alone")).has("diverged")).isFalse();
  }

  @Test
  void whatHasDivergedIsTriedAgainAfterTheOthersAndIsNoLongerNamedOnceItIsDone()
      throws IOException {
    try (StudyRunner runner = open(DATA, WITH_ONE_THAT_DIVERGES)) {
      runner.run(RunSelection.ALL);
    }
    begun.clear();
    Path out = folder.resolve("out");
    StudyFolder study = StudyFolder.open(out);
    RunName once = new RunName("resnet8", "cross-entropy", 2);
    try (RunFolder run = study.runs().openUnlessTaken(once)) {
      run.diverge(
          new Divergence("resnet8", "cross-entropy", 2, "training diverged at step 1", List.of()));
    }
    assertThat(study.summarize().diverged()).hasSize(2);
    try (StudyRunner runner = open(DATA, WITH_ONE_THAT_DIVERGES, "seeds=[1, 2]")) {
      assertThat(runner.run(RunSelection.ALL).diverged())
          .extracting(Divergence::seed)
          .containsExactly(1L, 2L);
    }
    assertThat(begun)
        .containsExactly(
            "resnet8-steep-seed2", "resnet8-steep-seed1", "resnet8-cross-entropy-seed2");
    assertThat(study.runs().divergence(once)).isEmpty();
    assertThat(study.runs().path().resolve(once.toString()))
        .isDirectoryContaining("glob:**/result.json")
        .isDirectoryNotContaining("glob:**/diverged.json");
  }

  @Test
  void whatAModelCostsToServeIsForgottenOnceItsRunIsDoneAnewAndNotBefore() throws IOException {
    try (StudyRunner runner = open(DATA)) {
      runner.run(RunSelection.ALL);
    }
    StudyFolder study = StudyFolder.open(folder.resolve("out"));
    RunName run = new RunName("resnet8", "cross-entropy", 1);
    study.recordServing(PlannedStudy.serving(run));
    try (StudyRunner runner = open(DATA)) {
      runner.run(RunSelection.ALL);
    }
    assertThat(study.serving()).isPresent();

    Files.delete(study.runs().path().resolve(run.toString()).resolve("result.json"));
    try (StudyRunner runner = open(DATA)) {
      runner.run(RunSelection.ALL);
    }
    assertThat(study.runs().result(run, true)).isPresent();
    assertThat(study.serving()).isEmpty();
  }

  private static JsonNode json(Path out) throws IOException {
    return new JsonMapper().readTree(out.resolve("summary.json").toFile());
  }
}
