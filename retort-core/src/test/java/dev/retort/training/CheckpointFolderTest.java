package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.adversary.AdversarySettings;
import dev.retort.distill.Objective;
import dev.retort.distill.Pairing;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class CheckpointFolderTest {
  private static final TrainingPosition POSITION = new TrainingPosition(5, 1);

  @TempDir Path folder;

  /** As where the disk of a link is away: the run would begin anew, and its metrics be cut. */
  @Test
  void aFolderThatIsALinkToNothingIsNotTakenForNone() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("away"));

    assertThat(new CheckpointFolder(folder.resolve("none")).latestEpochs()).isZero();
    assertThatThrownBy(() -> new CheckpointFolder(link).latestEpochs())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(link + " cannot be read");
  }

  /** As builds wrote it that did not save the connector of an adversary. */
  @Test
  void aCheckpointThatLacksATensorIsRefusedInOneSentenceAndNothingChanges() {
    try (TensorScope scope = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(folder);
      checkpoints.save(Map.of("student.fc.weight", values(1, 2)), POSITION, 0, 0);
      Tensor live = values(3, 4);
      Map<String, Tensor> needed =
          Map.of(
              "student.fc.weight",
              live,
              "objective.adversary:embedding.connector.weight",
              values(5));
      assertThatThrownBy(() -> checkpoints.restore(needed))
          .isInstanceOf(WeightsException.class)
          .hasMessage(
              folder
                  + "/step-5-epoch-1.safetensors lacks"
                  + " [objective.adversary:embedding.connector.weight]: another build of Retort or"
                  + " another training wrote it; remove "
                  + folder
                  + ", and the run begins anew");
      assertThat(Tensors.toDoubles(live)).containsExactly(3, 4);
    }
  }

  @Test
  void aCheckpointWithATensorThatNobodyNeedsIsRefusedByItsName() {
    try (TensorScope scope = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(folder);
      checkpoints.save(Map.of("a", values(1), "b", values(2)), POSITION, 0, 0);
      assertThatThrownBy(() -> checkpoints.restore(Map.of("a", values(0))))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("step-5-epoch-1.safetensors has [b] too many: another build");
    }
  }

  /** One number would be spread over any shape, and an integer converted. */
  @Test
  void aTensorOfAnotherShapeOrTypeIsRefusedAndNothingChanges() {
    try (TensorScope scope = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(folder);
      Map<String, Tensor> live = new LinkedHashMap<>();
      for (String part : PARTS) {
        live.put(part, values(3, 4));
      }
      for (String part : PARTS) {
        assertRefused(checkpoints, live, part, values(1), "F32 [1], not F32 [2]");
        assertRefused(
            checkpoints, live, part, values(1, 2).unsqueeze(0), "F32 [1, 2], not F32 [2]");
        assertRefused(
            checkpoints, live, part, Tensors.of(new long[] {1, 2}, 2), "I64 [2], not F32 [2]");
        assertRefused(
            checkpoints, live, part, Tensors.of(new double[] {1, 2}, 2), "F64 [2], not F32 [2]");
      }
    }
  }

  private static final List<String> PARTS =
      List.of(
          "student.fc.weight",
          "optimizer.velocity",
          "objective.adversary:logits.theta",
          "objective.crd.memory",
          "average.fc.weight");

  private void assertRefused(
      CheckpointFolder checkpoints,
      Map<String, Tensor> live,
      String name,
      Tensor instead,
      String forms) {
    Map<String, Tensor> saved = new LinkedHashMap<>();
    live.keySet().forEach(each -> saved.put(each, values(1, 2)));
    saved.put(name, instead);
    checkpoints.save(saved, POSITION, 0, 0);
    assertThatThrownBy(() -> checkpoints.restore(live))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            "%s/step-5-epoch-1.safetensors has '%s' as %s: another build of Retort or another training wrote it; remove %s, and the run begins anew",
            folder, name, forms, folder);
    live.values().forEach(tensor -> assertThat(Tensors.toDoubles(tensor)).containsExactly(3, 4));
  }

  /** An observer has no influence, and so must not end a training. */
  @Test
  void valuesThatAreNotFiniteAreSavedOfAnObserverAlone() {
    try (TensorScope scope = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(folder);
      Tensor broken = values(Float.NaN);
      Map<String, long[]> shapes = Map.of("logits", new long[] {10});
      Pairing pairing =
          new Pairing(shapes, shapes, 10, 100, ScalarType.Float, RandomSource.of(1, "objectives"));
      Objective observer = AdversarySettings.observer(List.of(), pairing).get(0);
      checkpoints.save(
          Map.of("a", values(1), "objective." + observer.name() + ".0.weight", broken),
          POSITION,
          0,
          0);
      assertThat(checkpoints.latestStep()).isEqualTo(5);
      assertThatThrownBy(
              () ->
                  checkpoints.save(
                      Map.of("objective.adversary:logits.0.weight", broken),
                      new TrainingPosition(6, 1),
                      0,
                      0))
          .isInstanceOf(DivergedException.class)
          .hasMessageContaining("'objective.adversary:logits.0.weight'");
      assertThat(checkpoints.latestStep()).isEqualTo(5);
    }
  }

  /** As Java 17 and 19 do with one number in a few. */
  @Test
  void aNumberMayBeSpelledAsAnotherJavaDoes() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(folder);
      checkpoints.save(Map.of("a", values(1)), POSITION, 0.1 + 0.2, 0);
      Path manifest = folder.resolve("step-5-epoch-1.json");
      String written = Files.readString(manifest);
      assertThat(written).contains("0.30000000000000004");

      // The nearest number to either is the same.
      Files.writeString(manifest, written.replace("0.30000000000000004", "3.0000000000000005e-1"));
      assertThat(checkpoints.latestStep()).isEqualTo(5);
      Files.writeString(manifest, written.replace("0.30000000000000004", "0.3"));
      assertThat(checkpoints.latestStep()).isZero();
    }
  }

  /** Found by the fuzzing of manifests: JSON's null is no error to its reader. */
  @Test
  void aManifestOfNothingIsADamagedOne() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(folder);
      checkpoints.save(Map.of("a", values(1)), POSITION, 0, 0);
      assertThat(checkpoints.latestStep()).isEqualTo(5);
      try (Stream<Path> files = Files.list(folder)) {
        Path manifest =
            files.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow();
        Files.writeString(manifest, "null");
      }
      assertThat(checkpoints.latestStep()).isZero();
    }
  }

  /** As of a disk that is away for a moment: the training would begin anew, and remove it. */
  @Test
  void aCheckpointThatCannotBeReadIsNotTakenForADamagedOne() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(folder);
      checkpoints.save(Map.of("a", values(1)), POSITION, 0, 0);
      Path tensors = folder.resolve("step-5-epoch-1.safetensors");
      byte[] bytes = Files.readAllBytes(tensors);
      Files.delete(tensors);
      Files.createDirectory(tensors); // which no read can be had of
      assertThatThrownBy(checkpoints::latestStep)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("step-5-epoch-1.safetensors cannot be read: ");

      Files.delete(tensors);
      Files.write(tensors, bytes);
      assertThat(checkpoints.latestStep()).isEqualTo(5);
    }
  }

  @Test
  void damagedCheckpointsOfLaterStepsDoNotPushOutANewOne() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      CheckpointFolder checkpoints = new CheckpointFolder(folder);
      for (long step : new long[] {100, 200}) {
        checkpoints.save(Map.of("a", values(1)), new TrainingPosition(step, 1), 0, 0);
        Files.write(folder.resolve("step-" + step + "-epoch-1.safetensors"), new byte[] {1});
      }
      assertThat(checkpoints.latestStep()).isZero();
      for (long step : new long[] {50, 60, 70}) {
        checkpoints.save(Map.of("a", values(1)), new TrainingPosition(step, 0), 0, 0);
        assertThat(checkpoints.latestStep()).isEqualTo(step);
      }
      assertThat(folder.toFile().list())
          .containsExactlyInAnyOrder(
              "step-60-epoch-0.safetensors",
              "step-60-epoch-0.json",
              "step-70-epoch-0.safetensors",
              "step-70-epoch-0.json");
    }
  }

  private static Tensor values(float... values) {
    return Tensors.of(values, values.length);
  }
}
