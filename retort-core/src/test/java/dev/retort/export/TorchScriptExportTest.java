package dev.retort.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Subset;
import dev.retort.engine.TensorScope;
import dev.retort.weights.LoadedModel;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
