package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Cifar10Mini;
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
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitialWeightsTest {
  private static final Splits DATA = Cifar10Mini.read();

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
