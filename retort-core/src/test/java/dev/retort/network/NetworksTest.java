package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.ProviderOnClassPath;
import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {
  private static final RandomSource RANDOM = RandomSource.of(1, "initialisation");

  /** Threads of tiny operations cost more than they give. */
  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  /** Else the gradient of a term on the one would be missing in that of a term on the other. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "BF16"})
  void twoNamesOfARepresentationAreOneTensor(Precision precision) {
    try (TensorScope scope = TensorScope.open()) {
      Network resnet = Networks.create("resnet8", ImageShape.CIFAR, 10, ScalarType.Float, RANDOM);
      Tensor images = RANDOM.at("images").normal(ScalarType.Float, 2, 3, 32, 32);

      Activations out =
          ForwardPass.run(
              resnet, images, true, Set.of("layer2.0", "stage:2"), precision, Device.CPU);
      Tensor gradient =
          Tensors.gradients(out.get("layer2.0").sum(), new TensorVector(out.get("stage:2")), false)
              .get(0);

      assertThat(Tensors.toDoubles(gradient)).containsOnly(1.0);
    }
  }

  @Test
  void vggPoolsAWideOrAHighImageAsOftenAsItsShorterSideAllows() {
    try (TensorScope scope = TensorScope.open()) {
      for (ImageShape shape :
          new ImageShape[] {new ImageShape(1, 64, 8), new ImageShape(1, 8, 64)}) {
        Network vgg = Networks.create("vgg8", shape, 10, ScalarType.Float, RANDOM);
        Tensor images =
            RANDOM.at("images").normal(ScalarType.Float, 2, 1, shape.height(), shape.width());
        Activations out = ForwardPass.run(vgg, images, false, Set.of(), Precision.FP32, Device.CPU);
        assertThat(out.logits().shape()).containsExactly(2, 10);
      }
    }
  }

  @Test
  void namesTheStateAsRepDistillerDoes() {
    try (TensorScope scope = TensorScope.open()) {
      Network resnet = Networks.create("resnet8", ImageShape.CIFAR, 10, ScalarType.Float, RANDOM);
      assertThat(resnet.state().parameters().keySet())
          .containsExactly(
              "conv1.weight",
              "bn1.weight",
              "bn1.bias",
              "layer1.0.conv1.weight",
              "layer1.0.bn1.weight",
              "layer1.0.bn1.bias",
              "layer1.0.conv2.weight",
              "layer1.0.bn2.weight",
              "layer1.0.bn2.bias",
              "layer2.0.conv1.weight",
              "layer2.0.bn1.weight",
              "layer2.0.bn1.bias",
              "layer2.0.conv2.weight",
              "layer2.0.bn2.weight",
              "layer2.0.bn2.bias",
              "layer2.0.downsample.0.weight",
              "layer2.0.downsample.1.weight",
              "layer2.0.downsample.1.bias",
              "layer3.0.conv1.weight",
              "layer3.0.bn1.weight",
              "layer3.0.bn1.bias",
              "layer3.0.conv2.weight",
              "layer3.0.bn2.weight",
              "layer3.0.bn2.bias",
              "layer3.0.downsample.0.weight",
              "layer3.0.downsample.1.weight",
              "layer3.0.downsample.1.bias",
              "fc.weight",
              "fc.bias");
      assertThat(resnet.state().buffers().keySet())
          .contains("bn1.running_mean", "bn1.running_var", "bn1.num_batches_tracked");
      Network wide = Networks.create("wrn_16_1", ImageShape.CIFAR, 10, ScalarType.Float, RANDOM);
      assertThat(wide.state().parameters())
          .containsKeys(
              "block1.layer.0.bn1.weight",
              "block1.layer.1.conv2.weight",
              "block2.layer.0.convShortcut.weight",
              "bn1.weight",
              "fc.bias")
          .doesNotContainKeys("block1.layer.0.convShortcut.weight");
    }
  }

  static Iterable<String> names() {
    return Networks.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyNetworkNamesItsEmbeddingAndStages(String name) {
    try (TensorScope scope = TensorScope.open()) {
      Network network = Networks.create(name, ImageShape.CIFAR, 7, ScalarType.Float, RANDOM);
      Tensor images = RandomSource.of(2, "images").normal(ScalarType.Float, 2, 3, 32, 32);
      Activations activations =
          ForwardPass.run(
              network,
              images,
              false,
              Set.of("embedding", "stage:1", "stage:2", "stage:3"),
              Precision.FP32,
              Device.CPU);
      assertThat(activations.logits().sizes().vec().get()).containsExactly(2, 7);
      Tensor classified =
          Graph.classifier(network).orElseThrow().apply(activations.get("embedding"));
      assertThat(Tensors.toDoubles(classified))
          .as("what the last layer makes of the embedding")
          .containsExactly(Tensors.toDoubles(activations.logits()), within(1e-5));
      assertThat(activations.get("embedding").sizes().vec().get()).hasSize(2);
      assertThat(activations.get("stage:3").sizes().vec().get()).hasSize(4);
      assertThat(Tensors.toDoubles(activations.logits())).doesNotContain(Double.NaN);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "resnet8, 1",
    "resnet20, 2",
    "resnet8, 3",
    "wrn_16_1, 3",
    "vgg13, 5",
    "shufflev1, 2",
    "torchvision-resnet18, 1"
  })
  void aStageIsWhatReluMakesOfItsPreactivation(String name, int stage) {
    try (TensorScope scope = TensorScope.open()) {
      Network network = Networks.create(name, ImageShape.CIFAR, 7, ScalarType.Float, RANDOM);
      Tensor images = RandomSource.of(2, "images").normal(ScalarType.Float, 2, 3, 32, 32);
      Set<String> taps = Set.of(Activations.stage(stage), Activations.preactivation(stage));
      Activations activations =
          ForwardPass.run(network, images, false, taps, Precision.FP32, Device.CPU);
      double[] before = Tensors.toDoubles(activations.get(Activations.preactivation(stage)));
      assertThat(Arrays.stream(before).min().orElseThrow()).isNegative();
      assertThat(Tensors.toDoubles(activations.get(Activations.stage(stage))))
          .isEqualTo(Arrays.stream(before).map(value -> Math.max(value, 0)).toArray());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet8", "wrn_16_1", "vgg8", "torchvision-resnet18"})
  void valuesAndGradientsDoNotDependOnWhatIsTapped(String name) {
    try (TensorScope scope = TensorScope.open()) {
      Network network = Networks.create(name, ImageShape.CIFAR, 3, ScalarType.Float, RANDOM);
      Set<String> all = Graph.of(network).representations().keySet();
      Activations together = evaluated(network, all);
      for (String one : all) {
        assertThat(Tensors.toDoubles(evaluated(network, Set.of(one)).get(one)))
            .as(one)
            .isEqualTo(Tensors.toDoubles(together.get(one)));
      }
      Network other = Networks.create(name, ImageShape.CIFAR, 3, ScalarType.Float, RANDOM);
      assertThat(trainedGradient(network, Set.of())).isEqualTo(trainedGradient(other, all));
    }
  }

  private static Activations evaluated(Network network, Set<String> taps) {
    Tensor images = RandomSource.of(2, "images").normal(ScalarType.Float, 2, 3, 32, 32);
    return ForwardPass.run(network, images, false, taps, Precision.FP32, Device.CPU);
  }

  /** What validates a student runs its graph: no bit may differ, whatever is tapped. */
  @ParameterizedTest
  @MethodSource("names")
  void theGraphThatIsEvaluatedComputesWhatThePassDoes(String name) {
    try (TensorScope scope = TensorScope.open()) {
      Network network = Networks.create(name, ImageShape.CIFAR, 3, ScalarType.Float, RANDOM);
      Tensor images = images(network);
      Set<String> all = Graph.of(network).representations().keySet();
      for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
        for (Set<String> taps : List.of(Set.<String>of(), all)) {
          Activations expected =
              ForwardPass.run(network, images, false, taps, precision, Device.CPU);
          Activations found =
              ForwardPass.evaluation(network, taps, precision, Device.CPU).apply(images);
          assertThat(Tensors.toFloats(found.logits()))
              .isEqualTo(Tensors.toFloats(expected.logits()));
          for (String tap : taps) {
            assertThat(Tensors.toFloats(found.get(tap)))
                .as(tap)
                .isEqualTo(Tensors.toFloats(expected.get(tap)));
          }
        }
      }
    }
  }

  /** Two images, by which the network is initialised where it needs some. */
  private static Tensor images(Network network) {
    Tensor images = RandomSource.of(2, "images").normal(ScalarType.Float, 2, 3, 32, 32);
    if (network instanceof DataInitialized byData) {
      byData.initialize(images);
    }
    return images;
  }

  private static double[] trainedGradient(Network network, Set<String> taps) {
    Tensor images = RandomSource.of(2, "images").normal(ScalarType.Float, 4, 3, 32, 32);
    Tensor logits =
        ForwardPass.run(network, images, true, taps, Precision.FP32, Device.CPU).logits();
    Tensor[] parameters = network.state().parameters().values().toArray(Tensor[]::new);
    return Tensors.toDoubles(
        Tensors.flatten(
            Tensors.gradients(logits.square().sum(), new TensorVector(parameters), false)));
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyParameterTakesPartInTheLogits(String name) {
    try (TensorScope scope = TensorScope.open()) {
      Network network = Networks.create(name, ImageShape.CIFAR, 3, ScalarType.Float, RANDOM);
      Tensor images = images(network);
      Tensor logits =
          // A normalisation by the batch's own mean would undo the biases before it.
          ForwardPass.run(network, images, false, Set.of(), Precision.FP32, Device.CPU).logits();
      logits.square().sum().backward();
      network
          .state()
          .parameters()
          .forEach(
              (parameter, value) ->
                  assertThat(Tensors.toDouble(value.grad().norm()))
                      .as(parameter)
                      .isFinite()
                      .isPositive());
    }
  }

  @Test
  void sameAddressGivesTheSameWeightsAndAnotherGivesOthers() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(firstKernel(RANDOM)).isEqualTo(firstKernel(RANDOM));
      assertThat(firstKernel(RANDOM)).isNotEqualTo(firstKernel(RANDOM.at(1)));
    }
  }

  private static double[] firstKernel(RandomSource random) {
    Network network = Networks.create("resnet8", ImageShape.CIFAR, 10, ScalarType.Float, random);
    return Tensors.toDoubles(network.state().get("conv1.weight"));
  }

  @Test
  void unknownNameIsAnsweredWithTheNearest() {
    assertThatThrownBy(
            () -> Networks.create("ResNet-20", ImageShape.CIFAR, 10, ScalarType.Float, RANDOM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no network 'ResNet-20'; did you mean resnet20");
  }

  @Test
  void oneClassIsRefused() {
    assertThatThrownBy(
            () -> Networks.create("resnet8", ImageShape.CIFAR, 1, ScalarType.Float, RANDOM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2 classes");
  }

  @Test
  void imagesThatPoolingWouldUseUpAreRefused() {
    assertThatThrownBy(
            () -> Networks.create("vgg8", new ImageShape(3, 7, 9), 10, ScalarType.Float, RANDOM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("vgg8 reads images of at least 8x8 pixels, not 3x7x9");
  }

  /** A network of someone else's. */
  public static final class Provider implements NetworkProvider {
    @Override
    public Set<String> names() {
      return Set.of("mine", "misnamed");
    }

    @Override
    public Network create(String name, ImageShape input, int classes, State state) {
      return new WideResNet("mine", 10, 1, input, classes, state);
    }
  }

  /** One that takes a name of the zoo's. */
  public static final class Impostor implements NetworkProvider {
    @Override
    public Set<String> names() {
      return Set.of("resnet8");
    }

    @Override
    public Network create(String name, ImageShape input, int classes, State state) {
      throw new AssertionError("never asked");
    }
  }

  @Test
  void networksOfAnotherJarAreFound(@TempDir Path jar) throws IOException {
    ProviderOnClassPath.during(
        jar,
        NetworkProvider.class,
        Provider.class.getName(),
        () -> {
          assertThat(Networks.names()).endsWith("mine", "misnamed");
          try (TensorScope scope = TensorScope.open()) {
            Network mine = Networks.create("mine", ImageShape.CIFAR, 2, ScalarType.Float, RANDOM);
            assertThat(mine.name()).isEqualTo("mine");
            // Its file would name a network that it cannot be loaded as.
            assertThatThrownBy(
                    () ->
                        Networks.create("misnamed", ImageShape.CIFAR, 2, ScalarType.Float, RANDOM))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                    "asked for network misnamed, of 3x32x32 to 2 classes, its provider made mine, of"
                        + " 3x32x32 to 2");
          }
        });
    assertThat(Networks.names()).doesNotContain("mine");
  }

  @Test
  void providersThatCannotBeUsedAreNamed(@TempDir Path jar) throws IOException {
    ProviderOnClassPath.during(
        jar,
        NetworkProvider.class,
        Impostor.class.getName(),
        () ->
            assertThatThrownBy(Networks::names)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("offers the network resnet8, a name that is taken already"));
    ProviderOnClassPath.during(
        jar,
        NetworkProvider.class,
        "no.such.Provider",
        () ->
            assertThatThrownBy(Networks::names)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no.such.Provider"));
  }
}
