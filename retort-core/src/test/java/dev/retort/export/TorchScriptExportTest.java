package dev.retort.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Subset;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.ForwardPass;
import dev.retort.network.MadeNetwork;
import dev.retort.network.Network;
import dev.retort.network.Operation;
import dev.retort.network.State;
import dev.retort.weights.LoadedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchScriptExportTest {
  private static final Dataset PHOTOGRAPHS = ExportImages.bundled(ImageShape.CIFAR);

  @TempDir Path folder;

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
        "torchvision-mobilenet_v2"
      })
  void everyKindOfNetworkComputesTheSameAfterReading(String name) throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = OnnxExportTest.random(name, ImageShape.CIFAR);
      Path file = folder.resolve("a.pt");
      Parity parity = TorchScriptExport.write(model, Subset.first(PHOTOGRAPHS, 2), file);
      assertThat(parity.largestOutput()).isGreaterThan(1e-3);
      assertThat(folder.toFile().list()).containsExactly("a.pt");
    }
  }

  @Test
  void theSameStudentIsTheSameFileForWhoeverMayReadTheFolder() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = OnnxExportTest.random("resnet8", ImageShape.CIFAR);
      Dataset one = Subset.first(PHOTOGRAPHS, 1);
      Path first = folder.resolve("a.pt");
      TorchScriptExport.write(model, one, first);
      byte[] bytes = Files.readAllBytes(first);
      TorchScriptExport.write(model, one, first);

      assertThat(Files.readAllBytes(first)).isEqualTo(bytes);
      Path plain = Files.write(folder.resolve("plain"), new byte[1]);
      assertThat(Files.getPosixFilePermissions(first))
          .isEqualTo(Files.getPosixFilePermissions(plain));
    }
  }

  /** LibTorch saves such a program, and cannot read it. */
  @Test
  void aLayerThatIsNamedByAWordOfTheLanguageIsRefused() {
    try (TensorScope scope = TensorScope.open()) {
      State state = new State(ScalarType.Float, RandomSource.of(0, "none"));
      Tensor weight = state.parameter("class.weight", Tensors.of(new float[30], 10, 3, 1, 1));
      Network network =
          new MadeNetwork("mine", ImageShape.CIFAR, 10, state) {
            @Override
            public Tensor forward(Tensor images, ForwardPass pass) {
              Tensor map = pass.apply(new Operation.Convolution(weight, null, 1, 0, 1), images);
              return pass.apply(new Operation.GlobalPooling(Operation.Reduction.MEAN), map);
            }
          };
      LoadedModel info = OnnxExportTest.random("resnet8", ImageShape.CIFAR);
      LoadedModel model = new LoadedModel(network, info.info());

      assertThatThrownBy(
              () ->
                  TorchScriptExport.write(
                      model, Subset.first(PHOTOGRAPHS, 1), folder.resolve("a.pt")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("mine cannot be written as TorchScript")
          .hasMessageContaining("rename it");
      assertThat(folder).isEmptyDirectory();
    }
  }
}
