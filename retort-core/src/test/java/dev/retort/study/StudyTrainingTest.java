package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.SingleProcess;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.training.StopRequest;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ranks whose studies would compute something else are told apart, and a refusal leaves nothing
 * open.
 */
class StudyTrainingTest {
  private static final Splits DATA = NoiseImages.splits(List.of("a", "b"), 8);

  @TempDir Path folder;

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
    StudyConfiguration study =
        ConfigurationReader.standard().readStudy(file, List.of(changes)).configuration();
    try (StudyTraining training =
        new StudyTraining(
            study,
            DATA,
            Device.CPU,
            new StudyListener() {},
            new StopRequest(),
            SingleProcess.INSTANCE)) {
      return training.fingerprint();
    }
  }
}
