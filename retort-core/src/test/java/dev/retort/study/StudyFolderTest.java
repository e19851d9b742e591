package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.engine.Precision;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.StudyConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** How a study is begun, gone on with and taken back. */
@NullUnmarked
class StudyFolderTest extends PlannedStudy {
  @Test
  void aNewStudyHasItsConfigurationVerbatimAndResolved() throws IOException {
    var configuration = configuration("training.epochs=3");
    StudyFolder study = StudyFolder.begin(out(), configuration, false);
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
    StudyFolder.begin(out(), configuration(), false);
    assertThatThrownBy(() -> StudyFolder.begin(out(), configuration(), false))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            out()
                + " is not empty, and a run never overwrites another: choose another folder, or go"
                + " on in it with --resume");
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.tex"), "precious");
    assertThatThrownBy(() -> StudyFolder.begin(other, configuration(), false))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> StudyFolder.begin(other, configuration(), true))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(other + " is no study's folder: it has no resolved.yaml; ");
    assertThat(other.toFile().list()).containsExactly("thesis.tex");
  }

  @Test
  void anEmptyFolderWillDoAndSoWillOneThatAKilledProcessLeftATemporaryFileIn() throws IOException {
    Files.createDirectories(out());
    Files.writeString(out().resolve(".resolved.yaml.7-0.tmp"), "da");
    StudyFolder.begin(out(), configuration(), false);
    assertThat(out().resolve("resolved.yaml")).exists();
  }

  @Test
  void aFolderThatCannotBeMadeIsSaidAtOnce() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> StudyFolder.begin(file, configuration(), false))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(file + " is a file; results need a folder");
    Path below = file.resolve("out");
    assertThatThrownBy(() -> StudyFolder.begin(below, configuration(), false))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("the folder for results cannot be written: " + below + " (");
  }

  @Test
  void aKeyThatIsNewSinceAStudyWasBegunIsNoDifferenceWhereItIsLeftUnset() throws IOException {
    StudyFolder.begin(out(), configuration(), false);
    Path resolved = out().resolve("resolved.yaml");
    String text = Files.readString(resolved);
    assertThat(text).contains("\n  outputs: null\n");
    Files.writeString(resolved, text.replace("\n  outputs: null\n", "\n"));

    assertThat(StudyFolder.begin(out(), configuration(), true).configuration().teacher())
        .isEqualTo(configuration().configuration().teacher());
  }

  @Test
  void aResumedStudyMayHaveMoreSeedsAndFilesElsewhereButNothingElse() throws IOException {
    StudyFolder.begin(out(), configuration(), false);
    StudyFolder.begin(
        out(), configuration("seeds=[3]", "data=cifar10:elsewhere", "cache.gigabytes=1"), true);
    assertThatThrownBy(() -> StudyFolder.begin(out(), configuration("training.epochs=3"), true))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            out()
                + " was begun with another configuration: training.epochs was 12 and is 3; choose"
                + " another folder");
    assertThatThrownBy(
            () ->
                StudyFolder.begin(
                    out(), configuration("methods.own.objectives.hinton.weight=0.5"), true))
        .hasMessageContaining("methods[2].objectives[0].hinton.weight was 0.9 and is 0.5");
    assertThatThrownBy(
            () -> StudyFolder.begin(out(), configuration("comparisons=[[own, hinton]]"), true))
        .hasMessageContaining("comparisons was [[");
    assertThat(StudyFolder.open(out()).configuration().seeds()).containsExactly(1L, 2L);
  }

  @Test
  void theWeightsThatAStudentStartsFromMayLieElsewhereButMustBeAModels() throws IOException {
    StudyFolder.begin(out(), configuration(startingFrom("one.safetensors")), false);
    StudyFolder.begin(out(), configuration(startingFrom("two.safetensors")), true);
    assertThatThrownBy(() -> StudyFolder.begin(out(), configuration(startingFrom("random")), true))
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
      StudyFolder.begin(out(), file, true);
      return true;
    } catch (ConfigurationException another) {
      assertThat(another).hasMessageContaining("training.epochs was");
      return false;
    }
  }

  @Test
  void onlyABeginningOfOnesOwnIsTakenBack() throws IOException {
    StudyFolder.begin(out(), configuration(), false).discard();
    assertThat(out()).doesNotExist();

    StudyFolder begun = StudyFolder.begin(out(), configuration(), true);
    StudyFolder joined = StudyFolder.begin(out(), configuration(), true);
    joined.discard();
    assertThat(out().resolve("resolved.yaml")).exists();
    joined.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    begun.discard();
    assertThat(out().toFile().list())
        .containsExactlyInAnyOrder("resolved.yaml", "config.yaml", "inputs.json", "runs");
  }

  @Test
  void anEmptiedConfigurationOfAStudyIsAnError() throws IOException {
    StudyFolder.begin(out(), configuration(), false);
    Files.writeString(out().resolve("resolved.yaml"), "");
    assertThatThrownBy(() -> StudyFolder.begin(out(), configuration(), true))
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
    StudyFolder study = StudyFolder.begin(out(), training, false);
    assertThat(study.configuration()).isEqualTo(training.configuration().asStudy());
  }
}
