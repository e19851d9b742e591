package dev.retort.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.ImageShape;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFileTest {
  private static final ModelInfo INFO =
      new ModelInfo(
          List.of("cat", "dog, \"large\"", "žába"),
          new ChannelStatistics(new float[] {0.49f, 0.1f, 1 / 3f}, new float[] {0.2f, 0.3f, 1e-7f}),
          Map.of("seed", "7", "data", "cifar10-mini"));

  @TempDir Path folder;
  private TensorScope scope;

  @BeforeEach
  void open() {
    Engine.threads(1);
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void namesThatAreEqualAndASizeThatIsNoneAreRefused() {
    assertThatThrownBy(() -> new ModelInfo(List.of("a", "b", "a"), INFO.statistics(), Map.of()))
        .hasMessage("a model has the class 'a' twice; give each a name of its own");
    assertThatThrownBy(
            () ->
                new ModelInfo(
                    List.of("a", "b"), INFO.statistics(), Map.of(ModelInfo.RESIZE, "large")))
        .hasMessage("resize must be a number of pixels, not large");
  }

  @Test
  void aModelComesBackInEveryBit() {
    Network network = network(new ImageShape(3, 24, 40));
    Path file = folder.resolve("model.safetensors");
    ModelFile.save(network, INFO, file, TensorType.F32);
    LoadedModel loaded = ModelFile.load(file);
    assertThat(loaded.network().name()).isEqualTo("resnet8");
    assertThat(loaded.network().input()).isEqualTo(new ImageShape(3, 24, 40));
    assertThat(loaded.info().classNames()).isEqualTo(INFO.classNames());
    assertThat(loaded.info().statistics().mean()).isEqualTo(INFO.statistics().mean());
    assertThat(loaded.info().statistics().standardDeviation())
        .isEqualTo(INFO.statistics().standardDeviation());
    assertThat(loaded.info().provenance()).isEqualTo(INFO.provenance());
    network
        .state()
        .all()
        .forEach(
            (name, tensor) ->
                assertThat(loaded.network().state().get(name).equal(tensor)).as(name).isTrue());
  }

  @Test
  void halfPrecisionHalvesTheFileAndKeepsRunningStatistics() throws Exception {
    Network network = network(ImageShape.CIFAR);
    try (NoGrad noGrad = NoGrad.open()) {
      network.state().get("bn1.running_var").fill_(new Scalar(123456.75));
    }
    Path half = folder.resolve("half.safetensors");
    Path full = folder.resolve("full.safetensors");
    ModelFile.save(network, INFO, half, TensorType.F16);
    ModelFile.save(network, INFO, full, TensorType.F32);
    long parameters = network.state().parameterCount();
    assertThat(dataBytes(full) - dataBytes(half)).isEqualTo(2 * parameters);
    Network loaded = ModelFile.load(half).network();
    assertThat(Tensors.toDoubles(loaded.state().get("bn1.running_var"))).containsOnly(123456.75);
    Tensor original = network.state().get("conv1.weight");
    assertThat(
            loaded
                .state()
                .get("conv1.weight")
                .equal(original.to(ScalarType.Half).to(ScalarType.Float)))
        .isTrue();
  }

  @Test
  void whatDoesNotFitTheNumberFormatIsNotSaved() {
    Network network = network(ImageShape.CIFAR);
    try (NoGrad noGrad = NoGrad.open()) {
      network.state().get("fc.bias").fill_(new Scalar(1e5));
    }
    Path file = folder.resolve("model.safetensors");
    assertThatThrownBy(() -> ModelFile.save(network, INFO, file, TensorType.F16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'fc.bias'");
    assertThat(file).doesNotExist();
  }

  @Test
  void namesAndStatisticsMustFitTheNetwork() {
    Network network = network(new ImageShape(1, 32, 32));
    assertThatThrownBy(() -> ModelFile.save(network, INFO, folder.resolve("x"), TensorType.F32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("statistics of 3 channels for images of 1x32x32");
  }

  /** Sampled over the file: header, metadata, and weights, where any bit gives a valid number. */
  @Test
  void everyFlippedBitIsNoticed() throws Exception {
    Path file = folder.resolve("model.safetensors");
    ModelFile.save(network(ImageShape.CIFAR), INFO, file, TensorType.F16);
    byte[] whole = Files.readAllBytes(file);
    int headerEnd = 8 + SafeTensors.header(file).tensors().size() * 60;
    SplittableRandom random = new SplittableRandom(3);
    Path damaged = folder.resolve("damaged.safetensors");
    for (int trial = 0; trial < 60; trial++) {
      byte[] bytes = whole.clone();
      int at = trial % 2 == 0 ? random.nextInt(headerEnd) : random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(damaged, bytes);
      assertThatThrownBy(() -> ModelFile.load(damaged))
          .as("byte %d", at)
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("damaged.safetensors");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "retort  |       | holds weights, but not the name of their network; write NETWORK:m.safetensors",
        "retort  | 2     | a model file of version 2, and this program reads version 1",
        "network | resn8 | there is no network 'resn8'; did you mean resnet8",
        "input   | 32x32 | no shape of images such as 3x32x32",
        "input   | 0x1x1 | an image needs at least one channel",
        "input   | 1x9x9 | statistics of 3 channels for images of 1x9x9",
        "classes | [     | no proper class names",
        "classes | null  | no proper class names",
        "classes | ['a'] | a model needs at least 2 classes, not 1",
        "mean    | ['x'] | channel statistics",
        "mean    | [123.7,0,0] | a channel's mean must be on the scale 0 … 1, not 123.69",
        "standard_deviation | [0,0,0] | a channel's standard deviation must be above 0 and on the scale 0 … 1, not 0.0",
      })
  void metadataThatCannotBeUsedIsRefused(String key, String value, String message) {
    Path saved = folder.resolve("saved.safetensors");
    ModelFile.save(network(ImageShape.CIFAR), INFO, saved, TensorType.F32);
    SafeTensors.Contents contents = SafeTensors.read(saved);
    Map<String, String> metadata = new LinkedHashMap<>(contents.metadata());
    if (value == null) {
      metadata.remove(key);
    } else {
      metadata.put(key, value.replace('\'', '"'));
    }
    Path file = folder.resolve("m.safetensors");
    SafeTensors.write(file, contents.tensors(), metadata);
    assertThatThrownBy(() -> ModelFile.load(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(file + ": ")
        .hasMessageContaining(message);
  }

  private static long dataBytes(Path file) {
    return SafeTensors.header(file).tensors().values().stream()
        .mapToLong(SafeTensorsHeader.Entry::bytes)
        .sum();
  }

  private static Network network(ImageShape input) {
    return Networks.create("resnet8", input, 3, ScalarType.Float, RandomSource.of(5, "test"));
  }
}
