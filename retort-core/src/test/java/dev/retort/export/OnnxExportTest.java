package dev.retort.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.Subset;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorOwner;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.ForwardPass;
import dev.retort.network.Graph;
import dev.retort.network.MadeNetwork;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.onnx.OnnxModel;
import dev.retort.onnx.OnnxSession;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX Runtime, which shares no code with LibTorch, is the other opinion. */
class OnnxExportTest {
  private static final ImageShape LARGER = new ImageShape(3, 64, 64);

  private static final Dataset PHOTOGRAPHS = ExportImages.bundled(ImageShape.CIFAR);

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("dev.retort.network.Networks#zoo")
  void everyNetworkOfTheZooComputesTheSameInOnnxRuntime(String name) throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      boolean larger = name.startsWith("torchvision");
      LoadedModel model = random(name, larger ? LARGER : ImageShape.CIFAR);
      Dataset images = images(model, 4);
      Parity parity = new OnnxExport(false).write(model, images, folder.resolve("a.onnx"));
      assertThat(parity.largestOutput()).isGreaterThan(1e-3);
      assertThat(parity.images()).isEqualTo(4);
    }
  }

  @Test
  void aFileThatCannotBeTriedIsNotWritten() {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = random("resnet8", ImageShape.CIFAR);
      Dataset none = new Subset("none", images(model, 1), new int[0]);
      Path file = folder.resolve("a.onnx");
      assertThatThrownBy(() -> new OnnxExport(false).write(model, none, file))
          .isInstanceOf(ExportException.class)
          .hasMessage("nothing was written: there are no images to try the file on");
      assertThat(file).doesNotExist();
    }
  }

  @Test
  void theBundledModelTakesBytesAndGivesProbabilities() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelSource.parse("bundled:cifar10", Path.of("")).open(null);
      Path file = folder.resolve("served.onnx");
      Parity parity = new OnnxExport(true).write(model, images(model, 100), file);
      assertThat(parity.otherDecisions()).isZero();
      assertThat(parity.largestOutput()).isBetween(0.9, 1.0);
      assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
          .contains("airplane", "standard_deviation", "NHWC uint8", "provenance.retort");
    }
  }

  /** softmax(z / T) is softmax(z) to the power of 1 / T, brought to the sum 1. */
  @Test
  void aTemperatureFlattensProbabilitiesAndChangesNoDecision() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelSource.parse("bundled:cifar10", Path.of("")).open(null);
      Tensor pixels =
          RandomSource.of(1, "pixels")
              .uniform(ScalarType.Float, 20, 32, 32, 3)
              .mul(new Scalar(255))
              .to(ScalarType.Byte);
      Path file = folder.resolve("calibrated.onnx");
      Parity parity = new OnnxExport(true, null, 2.5).write(model, images(model, 50), file);
      try (OnnxSession plain = new OnnxSession("plain", new OnnxExport(true).bytes(model));
          OnnxSession flat = new OnnxSession("flat", Files.readAllBytes(file))) {
        Tensor powers = plain.run(pixels, "probabilities").pow(new Scalar(1 / 2.5));
        Tensor expected = powers.div(powers.sum(new long[] {1}, true, new ScalarTypeOptional()));
        Tensor found = flat.run(pixels, "probabilities");
        assertThat(Tensors.toDouble(found.sub(expected).abs().max())).isLessThan(1e-5);
      }
      assertThat(parity.otherDecisions()).isZero();
      assertThat(OnnxModel.read(file).metadata()).containsEntry("temperature", "2.5");
    }
    assertThatThrownBy(() -> new OnnxExport(false, null, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFileThatComputesSomethingElseIsNotWritten() throws Exception {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      LoadedModel model = random("resnet8", ImageShape.CIFAR);
      byte[] bytes = new OnnxExport(false).bytes(model);
      model.network().state().get("fc.bias").add_(new Scalar(0.01));
      try (OnnxSession session = new OnnxSession("stale", bytes)) {
        Parity parity =
            Parity.measure(
                model,
                images(model, 2),
                batch -> session.run(batch, Activations.LOGITS),
                new OnnxExport(false));
        assertThat(parity.largestDifference())
            .isCloseTo(0.01, org.assertj.core.data.Offset.offset(1e-4));
        assertThatThrownBy(() -> parity.require("ONNX Runtime"))
            .isInstanceOf(ExportException.class)
            .hasMessageContaining("nothing was written");
      }
    }
  }

  /**
   * Of two classes whose logits are 10 and 10 less a gap, a program decides on the second. The
   * tolerance is 1e-4 of the largest logit: 1e-3.
   */
  @Test
  void aTieThatAnotherRuntimeBreaksIsNoContradiction() {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      LoadedModel model = random("resnet8", ImageShape.CIFAR);
      Parity tie = decidingOnTheSecond(model, 1e-5, 1e-5);
      assertThat(List.of(tie.images(), tie.otherDecisions(), tie.contradictions()))
          .containsExactly(2, 2, 0);
      tie.require("ONNX Runtime");
      Parity contradiction = decidingOnTheSecond(model, 1.2e-3, 8e-4);
      assertThat(contradiction.largestDifference()).isLessThan(1e-3);
      assertThat(contradiction.contradictions()).isEqualTo(2);
      assertThatThrownBy(() -> contradiction.require("ONNX Runtime"))
          .isInstanceOf(ExportException.class)
          .hasMessageContaining("in 2 of 2 decisions");
    }
  }

  /** By a program that lowers the first class by a difference, and raises the second as much. */
  private static Parity decidingOnTheSecond(LoadedModel model, double gap, double difference) {
    Network network = model.network();
    Tensor bias = network.state().get("fc.bias");
    network.state().get("fc.weight").zero_();
    bias.zero_();
    bias.get(0).fill_(new Scalar(10.0));
    bias.get(1).fill_(new Scalar(10 - gap));
    Tensor change = bias.clone().zero_();
    change.get(0).fill_(new Scalar(-difference));
    change.get(1).fill_(new Scalar(difference));
    return Parity.measure(
        model,
        images(model, 2),
        batch ->
            ForwardPass.run(network, batch, false, Set.of(), Precision.FP32, Device.CPU)
                .logits()
                .add(change),
        new OnnxExport(false));
  }

  /** Its Java side ends a text early that has a character beyond U+FFFF in it. */
  @Test
  void namesOfClassesComeBackFromOnnxRuntimeWhateverTheirScript() throws Exception {
    List<String> classes = List.of("cat", "🦊 fox", "𠮷", "žába", "\"", "f", "g", "h", "i", "last");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = random("resnet8", ImageShape.CIFAR);
      ModelInfo info = new ModelInfo(classes, model.info().statistics(), Map.of());
      byte[] file = new OnnxExport(true).bytes(new LoadedModel(model.network(), info));
      try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file)) {
        String found = session.getMetadata().getCustomMetadata().get(ModelFile.CLASSES);
        assertThat(new JsonMapper().readValue(found, String[].class))
            .containsExactlyElementsOf(classes);
      }
    }
  }

  @Test
  void theBatchIsFree() {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = random("shufflev1", ImageShape.CIFAR);
      try (OnnxSession session = new OnnxSession("m", new OnnxExport(false).bytes(model))) {
        for (long batch : new long[] {1, 3}) {
          Tensor images = RandomSource.of(1, "images").normal(ScalarType.Float, batch, 3, 32, 32);
          Tensor logits = session.run(images, Activations.LOGITS);
          assertThat(logits.shape()).containsExactly(batch, 10);
        }
      }
    }
  }

  /** The images' copy in memory order is the session's: what it reads cannot be freed meanwhile. */
  @Test
  void outputsBelongToTheCallersScopeAndNothingRunsOutsideOne() {
    try (TensorOwner owner = new TensorOwner()) {
      Tensor images =
          owner.own(
              () ->
                  RandomSource.of(1, "images")
                      .normal(ScalarType.Float, 2, 32, 32, 3)
                      .permute(0, 3, 1, 2));
      byte[] bytes;
      try (TensorScope scope = TensorScope.open()) {
        bytes = new OnnxExport(false).bytes(random("resnet8", ImageShape.CIFAR));
      }
      try (OnnxSession session = new OnnxSession("m", bytes)) {
        Tensor logits;
        try (TensorScope scope = TensorScope.open()) {
          logits = session.run(images, Activations.LOGITS);
          double[] inOrder =
              Tensors.toDoubles(session.run(images.contiguous(), Activations.LOGITS));
          assertThat(Tensors.toDoubles(logits)).containsExactly(inOrder);
        }
        assertThat(logits.isNull()).isTrue();
        assertThatThrownBy(() -> session.run(images, Activations.LOGITS))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("TensorScope.open()");
      }
    }
  }

  @Test
  void aNetworkThatComputesOnItsOwnIsRefused() {
    try (TensorScope scope = TensorScope.open()) {
      Network inner = random("resnet8", ImageShape.CIFAR).network();
      // A network of someone's who calls the engine beside the pass.
      Network onItsOwn =
          new MadeNetwork("on-its-own", inner.input(), inner.classes(), inner.state()) {
            @Override
            public Tensor forward(Tensor images, ForwardPass pass) {
              return inner.forward(images, pass).mul(new Scalar(2));
            }
          };
      assertThatThrownBy(() -> Graph.of(onItsOwn))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("ForwardPass.apply");
    }
  }

  /** Random weights, and running statistics that are not the initial 0 and 1. */
  static LoadedModel random(String name, ImageShape shape) {
    RandomSource random = RandomSource.of(7, "weights");
    Network network = Networks.create(name, shape, 10, ScalarType.Float, random);
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      network
          .state()
          .all()
          .forEach(
              (path, tensor) -> {
                if (path.endsWith("running_mean") || path.endsWith(".bias")) {
                  tensor.copy_(
                      random
                          .at(path)
                          .normal(ScalarType.Float, tensor.shape())
                          .mul(new Scalar(0.1)));
                } else if (path.endsWith("running_var")) {
                  tensor.copy_(
                      random
                          .at(path)
                          .uniform(ScalarType.Float, tensor.shape())
                          .add(new Scalar(0.5)));
                } else if (path.startsWith("whitening")) {
                  tensor.copy_(random.at(path).normal(ScalarType.Float, tensor.shape()));
                }
              });
    }
    List<String> classes = DatasetSource.parse("cifar10-mini", Path.of("")).open().classes();
    ChannelStatistics statistics =
        new ChannelStatistics(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.25f, 0.3f});
    return new LoadedModel(network, new ModelInfo(classes, statistics, Map.of("seed", "7")));
  }

  private static Dataset images(LoadedModel model, int count) {
    boolean larger = model.network().input().equals(LARGER);
    Dataset all = larger ? ExportImages.bundled(LARGER) : PHOTOGRAPHS;
    return Subset.first(all, count);
  }
}
