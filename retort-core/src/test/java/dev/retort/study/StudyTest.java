package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Splits;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.RunName;
import dev.retort.system.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library's front door. */
@NullUnmarked
class StudyTest {
  private static final Splits DATA = NoiseImages.splits(List.of("a", "b"), 4);
  private static final RunSelection THIRD_OF_FOUR = new RunSelection(Set.of(), Set.of(), 3, 4);

  @TempDir Path folder;

  private static Map<String, Object> training(int batchSize) {
    return Map.of("epochs", 1, "batchSize", batchSize, "precision", "fp32", "threads", 1);
  }

  /** A study that does not say how many threads an operation has. */
  private static Study open() {
    return study(Map.of("epochs", 1, "batchSize", 8, "precision", "fp32"), "cross-entropy");
  }

  private static Study study(int batchSize, Object... methods) {
    return study(training(batchSize), methods);
  }

  private static Study study(Map<String, Object> training, Object... methods) {
    return Study.of(
            Map.of(
                "data",
                "cifar10-mini",
                "student",
                "resnet8",
                "training",
                training,
                "seeds",
                List.of(1, 2),
                "test",
                false,
                "methods",
                List.of(methods)))
        .data(DATA);
  }

  @Test
  void keysAndValuesSayWhatAFileWithThemSays() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("study.yaml"),
            """
            data: cifar10-mini
            student: resnet8
            training: {epochs: 1, batchSize: 8, precision: fp32, threads: 1}
            seeds: [1, 2]
            test: false
            methods:
              - cross-entropy
              - {name: smoothed, objectives: [cross-entropy: {labelSmoothing: 0.1}]}
            """);
    Map<String, ?> smoothed =
        Map.of(
            "name",
            "smoothed",
            "objectives",
            List.of(Map.of("cross-entropy", Map.of("labelSmoothing", 0.1))));
    assertThat(study(8, "cross-entropy", smoothed).configuration())
        .isEqualTo(Study.read(file).configuration());
  }

  @Test
  void whatMakesNoSenseIsSaidWithItsKey() {
    assertThatThrownBy(() -> study(0, "cross-entropy"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("training")
        .hasMessageContaining("batchSize");
  }

  @Test
  void itRunsInAnEmptyFolderOnceAndResumesOnRequest() {
    Path out = folder.resolve("out");

    Summary half =
        study(8, "cross-entropy").only(new RunSelection(Set.of(), Set.of(), 1, 2)).run(out);
    assertThatThrownBy(() -> study(8, "cross-entropy").run(out))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is not empty");
    Summary whole = study(8, "cross-entropy").resume(true).run(out);

    assertThat(half.methods().get(0).seeds()).containsExactly(1L);
    assertThat(whole.methods().get(0).seeds()).containsExactly(1L, 2L);
    assertThat(out.resolve("runs/resnet8-cross-entropy-seed2/student.safetensors"))
        .isNotEmptyFile();
  }

  /** As where two processes were started with different shares of one study. */
  @Test
  void aRunThatAnotherProcessHasKeepsNoOtherFromBeingDone() throws IOException {
    Path out = folder.resolve("out");
    Study study = study(8, "cross-entropy").resume(true);
    study.begin(out);
    try (FolderLock held = FolderLock.tryLock(out.resolve("runs/resnet8-cross-entropy-seed1"))) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> study.run(out))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("another process works on resnet8-cross-entropy-seed1: ");
    }
    assertThat(StudyFolder.open(out).summarize().methods().get(0).seeds()).containsExactly(2L);
  }

  @Test
  void aRunsImagesPerSecondAreThoseOfAllItsStepsInItsSeconds() {
    Path out = folder.resolve("out");
    Map<String, Object> training =
        Map.of("epochs", 2, "batchSize", 8, "precision", "fp32", "threads", 1);
    study(training, "cross-entropy").only(new RunSelection(Set.of(), Set.of(), 1, 2)).run(out);

    RunResult result =
        StudyFolder.open(out)
            .runs()
            .result(new RunName("resnet8", "cross-entropy", 1), false)
            .orElseThrow();
    // Two epochs of three steps.
    assertThat(result.imagesPerSecond() * result.seconds()).isCloseTo(2 * 3 * 8, within(1e-9));
  }

  /** The last bits of sums depend on them, and the configuration leaves them open here. */
  @Test
  void whatIsLeftOfAStudyIsDoneByAsManyThreadsAsItWasBegunWith() {
    Path out = folder.resolve("out");
    int before = Engine.threads();
    List<Integer> told = new ArrayList<>();
    List<Integer> used = new ArrayList<>();
    StudyListener listener =
        new StudyListener() {
          @Override
          public void threadsAsBegun(int threads) {
            told.add(threads);
          }

          @Override
          public void runEnds(RunResult result) {
            used.add(Engine.threads());
          }
        };
    try {
      Engine.threads(2);
      open().only(new RunSelection(Set.of(), Set.of(), 1, 2)).listener(listener).run(out);
      Engine.threads(1);
      open().resume(true).listener(listener).run(out);
      assertThat(Engine.threads()).as("the thread's own").isEqualTo(1);
    } finally {
      Engine.threads(before);
    }
    assertThat(told).containsExactly(2);
    assertThat(used).containsExactly(2, 2);
    assertThat(StudyFolder.open(out).environments())
        .extracting(Environment::threads)
        .containsExactly(2);
  }

  @Test
  void theThreadsOnRecordAreThoseOfTheRuns() {
    Path out = folder.resolve("out");
    int before = Engine.threads();
    try {
      Engine.threads(2);
      study(Map.of("epochs", 1, "batchSize", 8, "threads", 1), "cross-entropy").run(out);
    } finally {
      Engine.threads(before);
    }
    assertThat(StudyFolder.open(out).environments())
        .extracting(Environment::threads)
        .containsExactly(1);
  }

  /** As on a machine on which {@code auto} is another one. */
  @Test
  void whatIsLeftOfAStudyIsDoneInThePrecisionThatItWasBegunIn() {
    Path out = folder.resolve("out");
    Map<String, Object> training = Map.of("epochs", 1, "batchSize", 8, "threads", 1);
    Map<String, Object> fp64 = new HashMap<>(training);
    fp64.put("precision", "fp64");
    List<Precision> told = new ArrayList<>();
    StudyListener listener =
        new StudyListener() {
          @Override
          public void precisionAsBegun(Precision precision) {
            told.add(precision);
          }
        };

    study(fp64, "cross-entropy").only(new RunSelection(Set.of(), Set.of(), 1, 2)).run(out);
    study(training, "cross-entropy").resume(true).listener(listener).run(out);

    assertThat(told).containsExactly(Precision.FP64);
    assertThat(StudyFolder.open(out).summarize().methods().get(0).counted()).isEqualTo(2);
  }

  /** The study's one thread is not what the next study of the process gets. */
  @Test
  void aStudyThatTurnsOutToBeImpossibleLeavesNoFolderAndTheThreadsAsTheyWere() {
    Path out = folder.resolve("out");
    int before = Engine.threads();
    try {
      Engine.threads(2);
      assertThatThrownBy(() -> study(512, "cross-entropy").run(out))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("training: ");
      assertThat(Engine.threads()).isEqualTo(2);
    } finally {
      Engine.threads(before);
    }
    assertThat(out).doesNotExist();
  }

  /** It may be a link to another disk, which the next try would miss. */
  @Test
  void aFolderThatWasThereBeforeAStudyThatIsImpossibleStaysEmpty() throws IOException {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Path out = Files.createSymbolicLink(folder.resolve("out"), disk);
    assertThatThrownBy(() -> study(512, "cross-entropy").run(out))
        .isInstanceOf(ConfigurationException.class);
    assertThat(out).isSymbolicLink();
    assertThat(disk).isEmptyDirectory();
  }

  @Test
  void aShareWithoutRunsIsRefusedBeforeTheFolderIsTouched() {
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> study(8, "cross-entropy").only(THIRD_OF_FOUR).run(out))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("this share of the study has no runs: ask for fewer shares");
    assertThat(out).doesNotExist();
  }
}
