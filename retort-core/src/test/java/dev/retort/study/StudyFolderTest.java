package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.LogLines;
import dev.retort.data.CodeDigest;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.engine.Precision;
import dev.retort.study.config.Comparison;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodPresets;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class StudyFolderTest {
  private static final ConfigurationReader READER = ConfigurationReader.standard();
  private static final String STUDY =
      """
      data: cifar10:data   # as it was written
      teacher: bundled:cifar10
      students: [resnet8, resnet20]
      training: {epochs: 12}
      seeds: [1, 2]
      methods: [cross-entropy, hinton, {name: own, extends: hinton}]
      """;
  private static final Summary.DatasetSizes SIZES =
      new Summary.DatasetSizes("cifar10:data", 45_000, 5_000, 10_000);

  @TempDir Path folder;

  private Path out() {
    return folder.resolve("out");
  }

  private ConfigurationFile<StudyConfiguration> configuration(String... overrides)
      throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, STUDY);
    return READER.readStudy(file, List.of(overrides));
  }

  private static RunResult result(
      String student, String method, long seed, Double test, Double validation) {
    Double agreement = test == null ? null : 0.875;
    return new RunResult(
        student, method, seed, test, agreement, validation, 10, 4500, 78042, 12, List.of(), null);
  }

  private static void finish(StudyFolder study, RunResult result) {
    try (RunFolder run = study.runs().open(result.run())) {
      run.finish(result);
    }
  }

  @Test
  void aNewStudyHasItsConfigurationVerbatimAndResolved() throws IOException {
    var configuration = configuration("training.epochs=3");
    StudyFolder study = StudyFolder.create(out(), configuration);
    assertThat(out().resolve("config.yaml")).hasContent(STUDY);
    assertThat(study.configuration()).isEqualTo(configuration.configuration());
    assertThat(study.configuration().training().epochs()).isEqualTo(3);
    try (Stream<Path> files = Files.list(out())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.yaml", "resolved.yaml", "runs");
    }
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    StudyFolder.create(out(), configuration());
    assertThatThrownBy(() -> StudyFolder.create(out(), configuration()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            out()
                + " is not empty, and a run never overwrites another: choose another folder, or go"
                + " on in it with --resume");
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.tex"), "precious");
    assertThatThrownBy(() -> StudyFolder.create(other, configuration()))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> StudyFolder.createOrResume(other, configuration()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(other + " is no study's folder: it has no resolved.yaml; ");
    assertThat(other.toFile().list()).containsExactly("thesis.tex");
  }

  @Test
  void anEmptyFolderWillDoAndSoWillOneThatAKilledProcessLeftATemporaryFileIn() throws IOException {
    Files.createDirectories(out());
    Files.writeString(out().resolve(".resolved.yaml.7-0.tmp"), "da");
    StudyFolder.create(out(), configuration());
    assertThat(out().resolve("resolved.yaml")).exists();
  }

  @Test
  void aFolderThatCannotBeMadeIsSaidAtOnce() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> StudyFolder.create(file, configuration()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(file + " is a file; results need a folder");
    Path below = file.resolve("out");
    assertThatThrownBy(() -> StudyFolder.create(below, configuration()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("the folder for results cannot be written: " + below + " (");
  }

  @Test
  void aKeyThatIsNewSinceAStudyWasBegunIsNoDifferenceWhereItIsLeftUnset() throws IOException {
    StudyFolder.create(out(), configuration());
    Path resolved = out().resolve("resolved.yaml");
    String text = Files.readString(resolved);
    assertThat(text).contains("\n  outputs: null\n");
    Files.writeString(resolved, text.replace("\n  outputs: null\n", "\n"));

    assertThat(StudyFolder.createOrResume(out(), configuration()).configuration().teacher())
        .isEqualTo(configuration().configuration().teacher());
  }

  @Test
  void aResumedStudyMayHaveMoreSeedsAndFilesElsewhereButNothingElse() throws IOException {
    StudyFolder.create(out(), configuration());
    StudyFolder.createOrResume(
        out(), configuration("seeds=[3]", "data=cifar10:elsewhere", "cache.gigabytes=1"));
    assertThatThrownBy(() -> StudyFolder.createOrResume(out(), configuration("training.epochs=3")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            out()
                + " was begun with another configuration: training.epochs was 12 and is 3; choose"
                + " another folder");
    assertThatThrownBy(
            () ->
                StudyFolder.createOrResume(
                    out(), configuration("methods.own.objectives.hinton.weight=0.5")))
        .hasMessageContaining("methods[2].objectives[0].hinton.weight was 0.9 and is 0.5");
    assertThatThrownBy(
            () -> StudyFolder.createOrResume(out(), configuration("comparisons=[[own, hinton]]")))
        .hasMessageContaining("comparisons was [[");
    assertThat(StudyFolder.open(out()).configuration().seeds()).containsExactly(1L, 2L);
  }

  @Test
  void theWeightsThatAStudentStartsFromMayLieElsewhereButMustBeAModels() throws IOException {
    StudyFolder.create(out(), configuration(startingFrom("one.safetensors")));
    StudyFolder.createOrResume(out(), configuration(startingFrom("two.safetensors")));
    assertThatThrownBy(
            () -> StudyFolder.createOrResume(out(), configuration(startingFrom("random"))))
        .hasMessageContaining("students[0].init was")
        .hasMessageContaining("and is \"random\"");
  }

  private static String startingFrom(String init) {
    return "students=[{network: resnet8, init: " + init + "}]";
  }

  @Test
  void ofManyWhoBeginAtTheSameMomentAllHaveTheFirstOnesConfiguration() throws IOException {
    List<ConfigurationFile<StudyConfiguration>> configurations = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      configurations.add(configuration("training.epochs=" + (2 + i % 4)));
    }
    List<Integer> begun =
        configurations.parallelStream()
            .filter(this::begins)
            .map(file -> file.configuration().training().epochs())
            .toList();
    int epochs = StudyFolder.open(out()).configuration().training().epochs();
    assertThat(begun).hasSize(4).containsOnly(epochs);
  }

  private boolean begins(ConfigurationFile<StudyConfiguration> file) {
    try {
      StudyFolder.createOrResume(out(), file);
      return true;
    } catch (ConfigurationException another) {
      assertThat(another).hasMessageContaining("training.epochs was");
      return false;
    }
  }

  @Test
  void onlyABeginningOfOnesOwnIsTakenBack() throws IOException {
    StudyFolder.create(out(), configuration()).discard();
    assertThat(out()).doesNotExist();

    StudyFolder begun = StudyFolder.createOrResume(out(), configuration());
    StudyFolder joined = StudyFolder.createOrResume(out(), configuration());
    joined.discard();
    assertThat(out().resolve("resolved.yaml")).exists();
    joined.recordInputs(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    begun.discard();
    assertThat(out().toFile().list())
        .containsExactlyInAnyOrder("resolved.yaml", "config.yaml", "inputs.json", "runs");
  }

  @Test
  void anEmptiedConfigurationOfAStudyIsAnError() throws IOException {
    StudyFolder.create(out(), configuration());
    Files.writeString(out().resolve("resolved.yaml"), "");
    assertThatThrownBy(() -> StudyFolder.createOrResume(out(), configuration()))
        .isInstanceOf(StudyRecordException.class)
        .hasMessage(
            out().resolve("resolved.yaml")
                + ": the file is empty: the configuration was lost; bring the file back, or begin in another"
                + " folder");
  }

  @Test
  void aPlainTrainingIsKeptLikeAStudy() throws IOException {
    Path file = folder.resolve("teacher.yaml");
    Files.writeString(file, "{data: 'cifar10:data', network: resnet20, training: {epochs: 2}}");
    var training = READER.readTraining(file, List.of());
    StudyFolder study = StudyFolder.create(out(), training);
    assertThat(study.configuration()).isEqualTo(training.configuration().asStudy());
  }

  @Test
  void otherDataOrAnotherTeacherThanAtTheBeginningAreRefused() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    StudyInputs inputs = study.recordInputs(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    assertThat(study.recordInputs(SIZES, "d1", "t1", Map.of(), Precision.FP32)).isEqualTo(inputs);
    assertThat(inputs.configuration()).hasSize(64);
    assertThat(inputs.source()).matches("[0-9a-f]{64}").isEqualTo(CodeDigest.ofRetort());
    assertThatThrownBy(() -> study.recordInputs(SIZES, "d2", "t1", Map.of(), Precision.FP32))
        .isInstanceOf(StudyRecordException.class)
        .hasMessage(
            "the data are not what "
                + out()
                + " was begun with (SHA-256 then d1, now d2): bring that file back, or begin in"
                + " another folder");
    assertThatThrownBy(() -> study.recordInputs(SIZES, "d1", "t2", Map.of(), Precision.FP32))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith("the teacher is not what");
  }

  /** Results of two versions of a loss of one's own would stand in one table. */
  @Test
  void otherCodeOfOnesOwnThanAtTheBeginningIsWarnedOf() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.write(own.resolve("Loss.class"), new byte[] {1});
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    List<String> unchanged;
    List<String> said;
    try (URLClassLoader extended = new URLClassLoader(new URL[] {own.toUri().toURL()}, before)) {
      thread.setContextClassLoader(extended);
      Runnable open = () -> study.recordInputs(SIZES, "d1", "t1", Map.of(), Precision.FP32);
      open.run();
      unchanged = LogLines.of(StudyInputs.class, open);
      Files.write(own.resolve("Loss.class"), new byte[] {2});
      said = LogLines.of(StudyInputs.class, open);
    } finally {
      thread.setContextClassLoader(before);
    }

    assertThat(unchanged).isEmpty();
    assertThat(said)
        .singleElement(STRING)
        .startsWith(out() + " was begun with other code of your own (--classpath)");
  }

  /** Measured in mid-study, serving lacks the runs that were done later. */
  @Test
  void servingIsMeasuredOnlyWhereEveryFirstRunThatIsDoneWas() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    assertThat(study.servingIsMeasured()).isFalse();
    List<RunName> first = study.plan().firstRuns();
    student(study, first.get(0));
    study.recordServing(serving(first.get(0)));
    assertThat(study.servingIsMeasured()).isTrue();
    student(study, first.get(1));
    assertThat(study.servingIsMeasured()).isFalse();
    study.recordServing(serving(first.get(0), first.get(1)));
    assertThat(study.servingIsMeasured()).isTrue();
  }

  private static void student(StudyFolder study, RunName run) throws IOException {
    Path file = study.runs().student(run);
    Files.createDirectories(file.getParent());
    Files.createFile(file);
  }

  private static ServingRecord serving(RunName... runs) {
    List<ServingRecord.Model> models =
        Stream.of(runs)
            .map(
                run ->
                    new ServingRecord.Model(
                        run.toString(),
                        run.student(),
                        run.method(),
                        "fp32",
                        0.5,
                        0,
                        0,
                        1,
                        1,
                        1.0,
                        1.0,
                        List.of(1.0),
                        1.0,
                        1L))
            .toList();
    return new ServingRecord("p", "Linux", "17", "1.22", 1, "test", 10, 0.0, models);
  }

  @Test
  void otherInitialWeightsThanAtTheBeginningAreRefused() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    Map<String, String> begun = Map.of("resnet8", "w1");
    StudyInputs inputs = study.recordInputs(SIZES, "d1", "t1", begun, Precision.FP32);
    assertThat(study.recordInputs(SIZES, "d1", "t1", begun, Precision.FP32)).isEqualTo(inputs);
    Map<String, String> other = Map.of("resnet8", "w2");
    assertThatThrownBy(() -> study.recordInputs(SIZES, "d1", "t1", other, Precision.FP32))
        .isInstanceOf(StudyRecordException.class)
        .hasMessage(
            "the initial weights of resnet8 are not what "
                + out()
                + " was begun with (SHA-256 then w1, now w2): bring that file back, or begin in"
                + " another folder");
  }

  @Test
  void inputsWithoutInitialWeightsAreThoseOfEarlierBuilds() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    StudyInputs inputs = study.recordInputs(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    assertThat(new ObjectMapper().readTree(out().resolve("inputs.json").toFile()).fieldNames())
        .toIterable()
        .containsExactly(
            "dataset", "data", "teacher", "precision", "configuration", "source", "registered");
    // An earlier build began a study of a student that starts from a model.
    Map<String, String> unknown = Map.of("resnet8", "w1");
    List<String> said =
        LogLines.of(
            StudyInputs.class,
            () ->
                assertThat(study.recordInputs(SIZES, "d1", "t1", unknown, Precision.FP32))
                    .isEqualTo(inputs));
    assertThat(said)
        .containsExactly(
            out()
                + " does not record the initial weights of resnet8: whether they have changed is"
                + " unknown");
  }

  @Test
  void theTeachersRecordHasTheKeysOfTheContract() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    assertThat(study.teacher()).isEmpty();
    study.recordTeacher(
        new TeacherRecord("airnet95", "ab12", 0.9375, null, 6_000_000L, 500L, null, null));
    study.recordTeacher(study.teacher().orElseThrow().withTestAccuracy(0.9));
    assertThat(new ObjectMapper().readTree(out().resolve("teacher.json").toFile()))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"network": "airnet95", "sha256": "ab12", "validationAccuracy": 0.9375,
                     "testAccuracy": 0.9, "parameters": 6000000, "macs": 500}
                    """));
  }

  @Test
  void theTestAccuracyOfTheSameTeacherStandsWhileAStudyGoesOn() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    TeacherRecord untested =
        new TeacherRecord("airnet95", "ab12", 0.9375, null, 6_000_000L, 500L, null, null);
    study.recordTeacher(untested.withTestAccuracy(0.9));
    study.recordTeacher(untested);
    assertThat(study.teacher()).contains(untested.withTestAccuracy(0.9));
    TeacherRecord other =
        new TeacherRecord("airnet95", "cd34", 0.9375, null, 6_000_000L, 500L, null, null);
    study.recordTeacher(other);
    assertThat(study.teacher()).contains(other);
    Files.writeString(out().resolve("teacher.json"), "{");
    study.recordTeacher(untested);
    assertThat(study.teacher()).contains(untested);
  }

  @Test
  void theEnvironmentIsKeptAndASecondMachinesBesideIt() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    Environment here = Environment.read();
    assertThat(study.recordEnvironment(here)).isEqualTo("environment.json");
    assertThat(study.recordEnvironment(here)).isEqualTo("environment.json");
    assertThat(out().resolve("environment-2.json")).doesNotExist();
    assertThat(here.libtorch()).startsWith("2.");
    assertThat(here.java()).startsWith(Runtime.version().toString());
    Environment other =
        new Environment(
            "1", "c0ffee", "17", "Linux", "another", List.of(), 2, 2, 1, "2", "1", "p", "v",
            List.of());
    assertThat(study.recordEnvironment(other)).isEqualTo("environment-2.json");
    assertThat(study.recordEnvironment(here)).isEqualTo("environment.json");
    JsonNode second = new ObjectMapper().readTree(out().resolve("environment-2.json").toFile());
    assertThat(second.get("processor").textValue()).isEqualTo("another");
    assertThat(out().resolve("environment-3.json")).doesNotExist();
  }

  @Test
  void aRunThatWasNotTestedIsNotDoneForAStudyThatTests() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    finish(study, result("resnet8", "hinton", 1, null, 0.5));
    RunName name = new RunName("resnet8", "hinton", 1);
    assertThat(study.runs().result(name, false)).isPresent();
    assertThat(study.runs().result(name, true)).isEmpty();
    assertThat(study.runs().metrics(name)).isEmpty();
  }

  @Test
  void theSummaryPairsEqualSeedsOnlyAndSaysHowMany() throws IOException {
    JsonNode golden = StatisticsTest.cases("study").findFirst().orElseThrow();
    var configuration =
        configuration(
            "seeds=[1, 2, 3, 4, 5]",
            "comparisons=[[hinton, cross-entropy], [own, cross-entropy], [own, hinton]]");
    StudyFolder study = StudyFolder.create(out(), configuration);
    study.recordInputs(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    study.recordTeacher(
        new TeacherRecord("airnet95", "ab12", 0.9375, 0.9, 6_000_000L, 500L, null, null));
    for (JsonNode run : golden.get("runs")) {
      finish(
          study,
          result(
              run.get("student").textValue(),
              run.get("method").textValue(),
              run.get("seed").longValue(),
              run.get("accuracy").doubleValue(),
              0.5));
    }
    study.summarize();
    Path runs = study.runs().path();
    Path pruned = Files.move(runs, folder.resolve("pruned")); // by someone who needed the room
    Files.createDirectory(runs);
    byte[] before = Files.readAllBytes(out().resolve("summary.json"));
    assertThatThrownBy(study::summarize)
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith(runs + " has none of the runs");
    assertThat(out().resolve("summary.json")).hasBinaryContent(before);
    Files.delete(runs);
    Files.move(pruned, runs);
    study.summarize();
    assertThat(out().resolve("summary.json")).hasBinaryContent(before);
    JsonNode summary = new ObjectMapper().readTree(out().resolve("summary.json").toFile());

    assertThat(summary.get("dataset"))
        .hasToString(
            "{\"name\":\"cifar10:data\",\"train\":45000,\"validation\":5000,\"test\":10000}");
    assertThat(summary.get("teacher").get("testAccuracy").doubleValue()).isEqualTo(0.9);
    assertThat(summary.get("students").get(0))
        .hasToString("{\"name\":\"resnet8\",\"parameters\":78042,\"macs\":12}");
    assertThat(summary.get("measuredOn").textValue()).isEqualTo("test");
    assertThat(summary.get("methods")).hasSize(6);
    JsonNode own = summary.get("methods").get(2);
    assertThat(own.get("student").textValue()).isEqualTo("resnet8");
    assertThat(own.get("name").textValue()).isEqualTo("own");
    assertThat(own.get("seeds")).hasToString("[2,3,5]");
    assertThat(own.get("testAccuracy")).hasToString("[0.7602,0.7561,0.759]");
    assertNumbersEqual(own.get("mean"), (0.7602 + 0.7561 + 0.7590) / 3);
    assertNumbersEqual(own.get("sd"), 0.00210792157);
    JsonNode single = summary.get("methods").get(3);
    assertThat(single.get("mean").doubleValue()).isEqualTo(0.8512);
    assertThat(single.get("sd").isNull()).isTrue();
    JsonNode none = summary.get("methods").get(5);
    assertThat(none.get("mean").isNull()).isTrue();
    assertThat(none.get("seeds")).isEmpty();

    assertThat(summary.get("comparisons")).hasSize(6);
    for (int i = 0; i < 6; i++) {
      JsonNode expected = golden.get("comparisons").get(i);
      JsonNode actual = summary.get("comparisons").get(i);
      List<String> keys = new ArrayList<>();
      actual.fieldNames().forEachRemaining(keys::add);
      keys.remove("missing"); // where runs are not done
      assertThat(keys)
          .containsExactly(
              "student",
              "method",
              "baseline",
              "n",
              "meanDifference",
              "ci95",
              "pValue",
              "adjustedPValue",
              "detectableDifference");
      expected
          .properties()
          .forEach(property -> assertSame(actual.get(property.getKey()), property.getValue()));
    }
  }

  /** The settings of an objective that {@link #READER} does not know of. */
  record OwnSettings(double weight) implements ObjectiveSettings {
    @Override
    public List<Objective> build(Pairing pairing) {
      return List.of();
    }
  }

  @Test
  void aStudyOfAUsersOwnObjectivesIsOpenedAgainAndSummedUpEvenWithoutThem() throws IOException {
    ObjectiveKind own = new ObjectiveKind("my-own", new OwnSettings(1), "nothing", "none");
    ConfigurationReader reader = new ConfigurationReader(MethodPresets.objectives().with(own));
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, STUDY.replace("extends: hinton", "objectives: [my-own: {weight: 2}]"));
    var configuration = reader.readStudy(file, List.of());
    StudyFolder begun = StudyFolder.create(out(), configuration);
    begun.recordInputs(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    finish(begun, result("resnet20", "own", 1, 0.75, 0.5));
    finish(begun, result("resnet20", "hinton", 1, 0.5, 0.5));

    StudyFolder opened = StudyFolder.open(out());
    assertThat(opened.configuration(reader)).isEqualTo(configuration.configuration());
    Summary summary = opened.summarize();
    assertThat(summary.methods()).hasSize(6);
    assertThat(summary.methods().get(5).name()).isEqualTo("own");
    assertThat(summary.methods().get(5).testAccuracy()).containsExactly(0.75);
    assertThat(summary.comparisons())
        .anySatisfy(
            row -> {
              assertThat(row.student()).isEqualTo("resnet20");
              assertThat(row.method()).isEqualTo("own");
              assertThat(row.baseline()).isEqualTo("hinton");
              assertThat(row.meanDifference()).isEqualTo(0.25);
            });
  }

  @Test
  void aPlanNamesWhatTheConfigurationNames() throws IOException {
    StudyPlan plan = StudyFolder.create(out(), configuration("test=false")).plan();
    assertThat(plan)
        .isEqualTo(
            new StudyPlan(
                List.of("resnet8", "resnet20"),
                List.of("cross-entropy", "hinton", "own"),
                Map.of(
                    "cross-entropy",
                    List.of(1L, 2L),
                    "hinton",
                    List.of(1L, 2L),
                    "own",
                    List.of(1L, 2L)),
                Map.of(),
                List.of(
                    new Comparison("hinton", "cross-entropy"),
                    new Comparison("own", "cross-entropy"),
                    new Comparison("own", "hinton")),
                null,
                true,
                false,
                false));
    Path file = folder.resolve("teacher.yaml");
    Files.writeString(
        file, "{data: 'cifar10:data', network: resnet20, seed: 7, training: {epochs: 2}}");
    StudyFolder training =
        StudyFolder.create(folder.resolve("training"), READER.readTraining(file, List.of()));
    assertThat(training.plan())
        .isEqualTo(
            new StudyPlan(
                List.of("resnet20"),
                List.of("cross-entropy"),
                Map.of("cross-entropy", List.of(7L)),
                Map.of(),
                List.of(),
                null,
                false,
                true,
                true));
    assertThat(training.configuration().runs())
        .extracting(run -> training.plan().run(run.toString()).orElseThrow())
        .containsExactlyElementsOf(training.configuration().runs());
  }

  @Test
  void aFolderBelongsToTheOneRunOfThePlanThatItIsNamedAfter() {
    StudyPlan plan =
        new StudyPlan(
            List.of("resnet8", "resnet8-x"),
            List.of("x-hinton", "seed1", "off"),
            Map.of(),
            Map.of(),
            List.of(),
            null,
            true,
            false,
            true);
    assertThat(plan.run("resnet8-x-hinton-seed1")).contains(new RunName("resnet8", "x-hinton", 1));
    assertThat(plan.run("resnet8-x-x-hinton-seed-5"))
        .contains(new RunName("resnet8-x", "x-hinton", -5));
    assertThat(plan.run("resnet8-seed1-seed2")).contains(new RunName("resnet8", "seed1", 2));
    assertThat(plan.run("resnet8-x-off-seed9223372036854775807"))
        .contains(new RunName("resnet8-x", "off", Long.MAX_VALUE));
    for (String none :
        List.of(
            "resnet8-x-off-seed9223372036854775808",
            "resnet8-x-hinton-seed01",
            "resnet8-hinton-seed1",
            "resnet8-seed1")) {
      assertThat(plan.run(none)).as(none).isEmpty();
    }
  }

  @Test
  void aDamagedPlanNamesItsFileAndKey() throws IOException {
    StudyFolder study = StudyFolder.create(out(), configuration());
    Path resolved = out().resolve("resolved.yaml");
    Files.writeString(resolved, "students: [resnet8]\nmethods: [{objectives: [hinton]}]\n");
    assertThatThrownBy(study::plan)
        .isInstanceOf(StudyRecordException.class)
        .hasMessage(
            resolved
                + ": methods has an entry without a name; bring the file back, or begin in another"
                + " folder");
    Files.writeString(resolved, "students: [resnet8\n");
    assertThatThrownBy(study::plan)
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith(resolved + ":2:1: this is not YAML: ")
        .hasMessageEndingWith("; bring the file back, or begin in another folder");
  }

  private static void assertSame(JsonNode actual, JsonNode expected) {
    if (expected.isArray()) {
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < expected.size(); i++) {
        assertSame(actual.get(i), expected.get(i));
      }
    } else if (expected.isDouble()) {
      assertNumbersEqual(actual, expected.doubleValue());
    } else {
      assertThat(actual).isEqualTo(expected);
    }
  }

  private static void assertNumbersEqual(JsonNode actual, double expected) {
    assertThat(actual.doubleValue())
        .isCloseTo(expected, org.assertj.core.data.Percentage.withPercentage(1e-6));
  }

  @Test
  void validationStandsInWhereTheTestImagesAreLeftUnread() throws IOException {
    var configuration = configuration("test=false", "students=[resnet8]");
    StudyFolder study = StudyFolder.create(out(), configuration);
    study.recordInputs(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    for (int seed = 1; seed <= 2; seed++) {
      finish(study, result("resnet8", "cross-entropy", seed, null, 0.5 + 0.01 * seed));
      finish(study, result("resnet8", "hinton", seed, null, 0.5 + 0.03 * seed));
    }
    Summary summary = study.summarize();
    assertThat(summary.measuredOn()).isEqualTo("validation");
    Summary.MethodResult hinton = summary.methods().get(1);
    assertThat(hinton.testAccuracy()).isNull();
    assertThat(hinton.agreementWithTeacher()).isNull();
    assertThat(hinton.validationAccuracy()).containsExactly(0.53, 0.56);
    assertThat(hinton.mean()).isCloseTo(0.545, org.assertj.core.data.Offset.offset(1e-12));
    Summary.ComparisonResult row = summary.comparisons().get(0);
    assertThat(row.n()).isEqualTo(2);
    assertThat(row.meanDifference()).isCloseTo(0.03, org.assertj.core.data.Offset.offset(1e-12));
    assertThat(out().resolve("summary.md"))
        .content()
        .contains("left unread")
        .contains("| resnet8 | hinton | 2 | 54.50 | 2.12 | – | 10 |")
        .contains("| resnet8 | hinton | cross-entropy | 2 | +3.00 |");
  }
}
