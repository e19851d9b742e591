package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@NullUnmarked
class DeviceTest {
  @ParameterizedTest
  @CsvSource({
    "0, 1, 0",
    // A launcher that gave each process one GPU.
    "3, 1, 0",
    // One that gave all of them all.
    "3, 4, 3",
  })
  void aProcessTakesTheGpuOfItsNumberAmongThoseThatItSees(int localRank, int visible, int index) {
    assertThat(Device.index(localRank, visible)).isEqualTo(index);
  }

  @Test
  void moreProcessesThanGpusAreRefused() {
    assertThatThrownBy(() -> Device.index(2, 2))
        .isInstanceOf(EngineException.class)
        .hasMessageStartingWith("process 2 of this machine (LOCAL_RANK) has no GPU");
  }

  @Test
  void aTensorThatIsThereAlreadyStaysItself() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor tensor = Tensors.of(new long[] {1, 2}, 2);
      assertThat(Device.CPU.place(tensor)).isSameAs(tensor);
      assertThat(Tensors.toDeviceOf(tensor, Tensors.of(new double[] {1}, 1))).isSameAs(tensor);
    }
  }

  @Test
  void aGpuTakesTheWholeBatchAndTheCpuAFixedNumberWhateverTheBatch() {
    assertThat(Device.CUDA.chunk(300)).isEqualTo(300);
    assertThat(Device.CPU.chunk(300)).isEqualTo(Device.CPU.chunk(1)).isEqualTo(64);
    assertThat(Device.CUDA.isAlikeForAll()).isFalse();
  }

  @Test
  void theDriverNamesTheGpus(@TempDir Path folder) throws IOException {
    assertThat(Processor.graphics(folder.resolve("none"))).isEmpty();
    for (String card : new String[] {"0000:1b:00.0", "0000:0a:00.0"}) {
      Files.writeString(
          Files.createDirectory(folder.resolve(card)).resolve("information"),
          "Model: \t\t NVIDIA " + card.charAt(5) + "\nIRQ:   \t\t 16\n");
    }
    assertThat(Processor.graphics(folder)).containsExactly("NVIDIA 0", "NVIDIA 1");
    Files.writeString(
        Files.createDirectory(folder.resolve("0000:1c:00.0")).resolve("information"),
        "Model: \t\t NVIDIA 1\n");
    assertThat(Processor.graphics(folder)).as("models").hasSize(2);
    assertThat(Processor.graphicsCards(folder)).as("for one worker each").isEqualTo(3);
  }
}
