package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Splits;
import dev.retort.study.config.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static Study study(int batchSize, Object... methods) {
    return Study.of(
            Map.of(
                "data",
                "cifar10-mini",
                "student",
                "resnet8",
                "training",
                training(batchSize),
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

  @Test
  void aStudyThatTurnsOutToBeImpossibleLeavesNoFolder() {
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> study(512, "cross-entropy").run(out))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("training: ");
    assertThat(out).doesNotExist();
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
