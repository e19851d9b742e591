package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.ImageShape;
import dev.retort.engine.Engine;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkSummaryTest {
  /** Threads of tiny operations cost more than they give. */
  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  @Test
  void aNetworkThatGivesAMapIsRefused() {
    try (TensorScope scope = TensorScope.open()) {
      State state = new State(ScalarType.Float, RandomSource.of(1, "map"));
      state.constant("weight", 1, 1);
      Network giving =
          new MadeNetwork("map", ImageShape.CIFAR, 3, state) {
            @Override
            public Tensor forward(Tensor images, ForwardPass pass) {
              return images;
            }
          };
      assertThatThrownBy(() -> NetworkSummary.of(giving))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "network map gives [1, 3, 32, 32] for one image, not [1, 3], the logits of its classes");
    }
  }

  /** Parameters and millions of MACs of the distillation literature, ten classes, 32×32 pixels. */
  @ParameterizedTest
  @CsvSource({
    "resnet8, 78042, 12.5",
    "resnet14, 175258, 26.7",
    "resnet20, 272474, 40.8",
    "resnet32, 466906, 69.1",
    "resnet44, 661338, 97.4",
    "resnet56, 855770, 125.75",
    "resnet110, 1730714, 253.15",
    "resnet8x4, 1210410, 177",
    "resnet32x4, 7410730, 1083",
    "wrn_16_1, 175066, 26.7",
    "wrn_16_2, 691674, 101.1",
    "wrn_40_1, 563930, 83.3",
    "wrn_40_2, 2243546, 327.6",
    "vgg8, 3918858, 96",
    "vgg11, 9231114, 209",
    "vgg13, 9416010, 285",
    "mobilenetv2, 697546, 6.4",
    "shufflev1, 862768, 38.6",
    "shufflev2, 1263278, 44.4",
  })
  void countsWhatTheLiteratureCounts(String name, long parameters, BigDecimal millions) {
    NetworkSummary summary = summary(name);
    assertThat(summary.network()).isEqualTo(name);
    assertThat(summary.parameters()).isEqualTo(parameters);
    assertThat(summary.layers().stream().mapToLong(NetworkSummary.Layer::parameters).sum())
        .isEqualTo(parameters);
    assertThat(
            new BigDecimal(summary.macs())
                .movePointLeft(6)
                .setScale(millions.scale(), RoundingMode.HALF_UP))
        .isEqualTo(millions);
  }

  /** What torchvision's documentation gives for 1000 classes and 224×224 pixels. */
  @ParameterizedTest
  @CsvSource({
    "torchvision-resnet18, 11689512, 1.814",
    "torchvision-resnet34, 21797672, 3.664",
    "torchvision-resnet50, 25557032, 4.089",
    "torchvision-mobilenet_v2, 3504872, 0.301",
  })
  void countsWhatTorchvisionCounts(String name, long parameters, BigDecimal billions) {
    try (TensorScope scope = TensorScope.open()) {
      NetworkSummary summary =
          NetworkSummary.of(
              Networks.create(
                  name,
                  new ImageShape(3, 224, 224),
                  1000,
                  ScalarType.Float,
                  RandomSource.of(1, "initialisation")));
      assertThat(summary.parameters()).isEqualTo(parameters);
      assertThat(new BigDecimal(summary.macs()).movePointLeft(9).setScale(3, RoundingMode.HALF_UP))
          .isEqualTo(billions);
    }
  }

  @Test
  void aLayerIsCountedAsInTheTextbook() {
    NetworkSummary.Layer first = summary("resnet20").layers().get(0);
    assertThat(first.name()).isEqualTo("conv1");
    assertThat(first.kind()).isEqualTo(LayerKind.CONVOLUTION);
    assertThat(first.shape()).containsExactly(16, 32, 32);
    assertThat(first.parameters()).isEqualTo(16 * 3 * 3 * 3);
    assertThat(first.macs()).isEqualTo(16L * 3 * 3 * 3 * 32 * 32);
  }

  @Test
  void everyRepresentationHasItsShape() {
    var shapes = summary("resnet20").shapes();
    assertThat(shapes.get("logits")).containsExactly(10);
    assertThat(shapes.get("embedding")).containsExactly(64);
    assertThat(shapes.get("stage:1")).containsExactly(16, 32, 32);
    assertThat(shapes.get("stage:2")).containsExactly(32, 16, 16);
    assertThat(shapes.get("stage:3")).containsExactly(64, 8, 8);
    assertThat(shapes.get("layer2.0.conv1")).containsExactly(32, 16, 16);
    assertThat(shapes.get("layer2.0.downsample.1")).containsExactly(32, 16, 16);
    assertThat(shapes.get("layer3.2")).containsExactly(64, 8, 8);
  }

  /** A ResNet's name is its depth: hidden layers and the classifier. */
  @Test
  void hiddenLayersAndNeuronsAreThoseOfTheName() {
    assertThat(summary("resnet56").neurons()).hasSize(55);
    assertThat(summary("resnet8").neurons()).containsExactly(16L, 16L, 16L, 32L, 32L, 64L, 64L);
  }

  @Test
  void leavesTheRunningStatisticsAlone() {
    try (TensorScope scope = TensorScope.open()) {
      Network network = create("resnet8");
      NetworkSummary.of(network);
      assertThat(Tensors.toLongs(network.state().get("bn1.num_batches_tracked")))
          .containsExactly(0);
    }
  }

  private static NetworkSummary summary(String name) {
    try (TensorScope scope = TensorScope.open()) {
      return NetworkSummary.of(create(name));
    }
  }

  private static Network create(String name) {
    return Networks.create(
        name, ImageShape.CIFAR, 10, ScalarType.Float, RandomSource.of(1, "initialisation"));
  }
}
