package dev.retort.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.ImageShape;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrozenNetworkTest {
  private static final RandomSource RANDOM = RandomSource.of(5, "frozen");

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resnet8",
        "wrn_16_1",
        "vgg8",
        "shufflev1",
        "shufflev2",
        "mobilenetv2",
        "airnet94",
        "torchvision-resnet18"
      })
  void computesWhatTheNetworkComputes(String name) {
    try (TensorScope scope = TensorScope.open()) {
      Network network = trained(name, ScalarType.Double);
      Tensor images = images(2, ScalarType.Double);
      Set<String> taps = Set.of(Activations.EMBEDDING, Activations.stage(2));
      Activations plain = ForwardPass.run(network, images, false, taps, Precision.FP64, Device.CPU);
      Activations frozen =
          new FrozenNetwork(network, Precision.FP64, Device.CPU).apply(images, taps);
      for (String tap : taps) {
        assertNear(frozen.get(tap), plain.get(tap), 1e-12);
      }
      assertNear(frozen.logits(), plain.logits(), 1e-12);
    }
  }

  @Test
  void aTapOfAConvolutionShowsItBeforeItsNormalisationAndChangesNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Network network = trained("resnet8", ScalarType.Float);
      Tensor images = images(2, ScalarType.Float);
      Set<String> taps = Set.of("layer1.0.conv1", "layer1.0.bn1");
      Activations plain = ForwardPass.run(network, images, false, taps, Precision.FP32, Device.CPU);
      FrozenNetwork frozen = new FrozenNetwork(network, Precision.FP32, Device.CPU);
      Activations tapped = frozen.apply(images, taps);
      assertNear(tapped.get("layer1.0.conv1"), plain.get("layer1.0.conv1"), 1e-5);
      assertNear(tapped.get("layer1.0.bn1"), plain.get("layer1.0.bn1"), 1e-5);
      assertThat(Tensors.toFloats(tapped.logits()))
          .isEqualTo(Tensors.toFloats(frozen.apply(images, Set.of()).logits()));
    }
  }

  /** In bf16 convolutions are fused with what follows, where the processor can. */
  @ParameterizedTest
  @ValueSource(strings = {"resnet8", "vgg8", "wrn_16_1", "torchvision-resnet50"})
  void inBfloat16TapsAreNearAndChangeNothing(String name) {
    try (TensorScope scope = TensorScope.open()) {
      Network network = trained(name, ScalarType.Float);
      Tensor images = images(2, ScalarType.Float);
      Set<String> taps = NetworkSummary.of(network).shapes().keySet();
      Activations plain = ForwardPass.run(network, images, false, taps, Precision.FP32, Device.CPU);
      FrozenNetwork frozen = new FrozenNetwork(network, Precision.BF16, Device.CPU);
      Activations tapped = frozen.apply(images, taps);
      for (String tap : taps) {
        assertNear(tapped.get(tap), plain.get(tap), 3e-2);
      }
      assertThat(Tensors.toFloats(tapped.logits()))
          .isEqualTo(Tensors.toFloats(frozen.apply(images, Set.of()).logits()));
    }
  }

  /** The layout of an image with one channel is both: LibTorch then takes the other one. */
  @Test
  void inBfloat16ImagesMayHaveOneChannel() {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      ImageShape grey = new ImageShape(1, 32, 32);
      Network network = Networks.create("resnet8", grey, 10, ScalarType.Float, RANDOM);
      Tensor images = RANDOM.at("grey").normal(ScalarType.Float, 2, 1, 32, 32);
      Set<String> taps = Set.of(Activations.EMBEDDING);
      Activations plain = ForwardPass.run(network, images, false, taps, Precision.FP32, Device.CPU);
      Activations frozen =
          new FrozenNetwork(network, Precision.BF16, Device.CPU).apply(images, taps);
      assertNear(frozen.get(Activations.EMBEDDING), plain.get(Activations.EMBEDDING), 3e-2);
    }
  }

  /** A network whose normalisations have the statistics and values of some training. */
  private static Network trained(String name, ScalarType type) {
    Network network = Networks.create(name, ImageShape.CIFAR, 10, type, RANDOM);
    try (NoGrad noGrad = NoGrad.open()) {
      for (Map.Entry<String, Tensor> buffer : network.state().buffers().entrySet()) {
        Tensor values = buffer.getValue();
        if (buffer.getKey().endsWith("running_mean")) {
          values.copy_(RANDOM.at(buffer.getKey()).normal(type, values.shape()));
        } else if (buffer.getKey().endsWith("running_var")) {
          Tensor unit = RANDOM.at(buffer.getKey()).uniform(type, values.shape());
          values.copy_(unit.add(new Scalar(0.5)));
        }
      }
      for (Map.Entry<String, Tensor> parameter : network.state().parameters().entrySet()) {
        Tensor values = parameter.getValue();
        if (values.dim() == 1) {
          Tensor noise = RANDOM.at(parameter.getKey()).normal(type, values.shape());
          values.add_(noise.mul(new Scalar(0.5)));
        }
      }
    }
    return network;
  }

  private static Tensor images(long count, ScalarType type) {
    return RANDOM.at("images").normal(type, count, 32, 32, 3).permute(0, 3, 1, 2);
  }

  private static void assertNear(Tensor actual, Tensor expected, double tolerance) {
    double largest = Tensors.toDouble(expected.abs().max());
    assertThat(Tensors.toDouble(actual.sub(expected).abs().max()))
        .isLessThanOrEqualTo(tolerance * largest);
  }
}
