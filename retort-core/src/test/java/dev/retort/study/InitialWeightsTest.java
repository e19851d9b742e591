package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitialWeightsTest {
  private static final Splits DATA = DatasetSource.parse("cifar10-mini", Path.of("")).open();

  @TempDir Path folder;

  @Test
  void aStudentStartsFromAModelsWeights() {
    try (TensorScope scope = TensorScope.open()) {
      Network student = network("resnet8", 10, 1);
      Network saved = save(network("resnet8", 10, 2), DATA.classes());

      InitialWeights.load(student, file().toString(), DATA);

      saved
          .state()
          .all()
          .forEach((name, tensor) -> assertThat(tensor.equal(student.state().get(name))).isTrue());
    }
  }

  @Test
  void ofAModelWithOtherClassesAllButTheClassifierIsTaken() {
    try (TensorScope scope = TensorScope.open()) {
      Network student = network("resnet8", 10, 1);
      Network drawn = network("resnet8", 10, 1);
      Network saved = save(network("resnet8", 3, 2), List.of("a", "b", "c"));

      InitialWeights.load(student, file().toString(), DATA);

      assertThat(same(student, saved, "conv1.weight")).isTrue();
      assertThat(same(student, drawn, "fc.weight")).isTrue();
      assertThat(same(student, drawn, "conv1.weight")).isFalse();
    }
  }

  @Test
  void aModelOfWhichNothingFitsIsRefused() {
    try (TensorScope scope = TensorScope.open()) {
      save(network("vgg8", 10, 2), DATA.classes());
      Network student = network("resnet8", 10, 1);

      assertThatThrownBy(() -> InitialWeights.load(student, file().toString(), DATA))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("has nothing for network resnet8");
    }
  }

  @Test
  void aStudyGoesOnFromTheWeightsThatItWasBegunWithAndFromNoOthers() throws IOException {
    List<String> classes = List.of("a", "b", "c");
    Splits noise = NoiseImages.splits(classes, 12);
    saveOfNoise(2, noise, Map.of());
    study(noise, 1);
    saveOfNoise(2, noise, Map.of("copied", "yes")); // another file, the same weights
    study(noise, 1, 2);

    saveOfNoise(3, noise, Map.of());

    assertThatThrownBy(() -> study(noise, 1, 2, 3))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith(
            "the initial weights of resnet8 are not what "
                + folder.resolve("out")
                + " was begun with (SHA-256 then ");
  }

  @Test
  void weightsThatChangeWhileAStudyRunsEndIt() throws IOException {
    List<String> classes = List.of("a", "b", "c");
    Splits noise = NoiseImages.splits(classes, 12);
    saveOfNoise(2, noise, Map.of());
    StudyListener changing =
        new StudyListener() {
          @Override
          public void runEnds(RunResult result) {
            saveOfNoise(3, noise, Map.of());
          }
        };

    assertThatThrownBy(() -> study(noise, changing, 1, 2))
        .isInstanceOf(StudyRecordException.class)
        .hasMessage(
            file()
                + " has other weights than when the study was opened: bring the former ones back, and go"
                + " on with --resume");
    assertThat(folder.resolve("out/runs/resnet8-cross-entropy-seed1/result.json")).exists();
    assertThat(folder.resolve("out/runs/resnet8-cross-entropy-seed2/result.json")).doesNotExist();
  }

  private void saveOfNoise(long seed, Splits noise, Map<String, String> provenance) {
    try (TensorScope scope = TensorScope.open()) {
      RandomSource random = RandomSource.of(seed, "initialisation");
      Network network =
          Networks.create(
              "resnet8", NoiseImages.SHAPE, noise.classes().size(), ScalarType.Float, random);
      ModelInfo info = new ModelInfo(noise.classes(), noise.statistics(), provenance);
      ModelFile.save(network, info, file(), TensorType.F32);
    }
  }

  private void study(Splits noise, long... seeds) throws IOException {
    study(noise, new StudyListener() {}, seeds);
  }

  private void study(Splits noise, StudyListener listener, long... seeds) throws IOException {
    Path yaml = folder.resolve("study.yaml");
    Files.writeString(
        yaml,
        """
        data: cifar10-mini
        student: {network: resnet8, init: model.safetensors}
        training: {epochs: 1, batchSize: 8, precision: fp32, threads: 1}
        seeds: SEEDS
        methods: [cross-entropy]
        """
            .replace("SEEDS", Arrays.toString(seeds)));
    Study.read(yaml).data(noise).listener(listener).resume(true).run(folder.resolve("out"));
  }

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  private Network save(Network network, List<String> classes) {
    ModelInfo info = new ModelInfo(classes, DATA.statistics(), Map.of());
    ModelFile.save(network, info, file(), TensorType.F32);
    return network;
  }

  private static boolean same(Network one, Network other, String name) {
    return one.state().get(name).equal(other.state().get(name));
  }

  private static Network network(String name, int classes, long seed) {
    return Networks.create(
        name, ImageShape.CIFAR, classes, ScalarType.Float, RandomSource.of(seed, "initialisation"));
  }
}
