package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spelling of MODEL. */
class ModelSourceTest {
  @TempDir Path folder;

  /** As torchvision calls it: the network has another name here. */
  @Test
  void anUnknownNetworkOfAStateThatIsThereIsNamed() throws IOException {
    Files.createFile(folder.resolve("weights.pth"));
    assertThatThrownBy(() -> ModelSource.parse("resnet50:weights.pth", folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "there is no network 'resnet50'; did you mean torchvision-resnet50");
  }

  @Test
  void aFileWithAColonInItsNameIsAFile() throws IOException {
    Files.createFile(folder.resolve("weights.pth"));
    Files.createFile(folder.resolve("a:weights.pth"));
    assertThat(ModelSource.parse("a:weights.pth", folder))
        .isEqualTo(new ModelSource.External(folder.resolve("a:weights.pth")));
    assertThat(ModelSource.parse("b:missing.pth", folder))
        .isEqualTo(new ModelSource.External(folder.resolve("b:missing.pth")));
  }

  @Test
  void aFileOfPyTorchsWithAnotherEndingIsAStateDictionary() throws IOException {
    Files.write(folder.resolve("best.pth.tar"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0});
    assertThatThrownBy(() -> ModelSource.parse("best.pth.tar", folder).open(null))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("a state dictionary of PyTorch is written NETWORK:FILE");
  }
}
