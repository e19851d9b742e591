package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void aFileIsReplacedWhole() throws IOException {
    Path file = folder.resolve("result.json");
    AtomicFile.write(file, "a long first content".getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(file, "second".getBytes(StandardCharsets.UTF_8));
    assertThat(file).hasContent("second");
    assertThat(folder).isDirectoryContaining(file::equals);
    assertThat(folder.toFile().list()).containsExactly("result.json");
  }

  @Test
  void aWriteThatFailsLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("result.json");
    AtomicFile.write(file, "first".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("the disk is full");
                    }))
        .hasMessage("the disk is full");
    assertThat(file).hasContent("first");
    assertThat(folder.toFile().list()).containsExactly("result.json");
  }

  @Test
  void aFolderThatIsMissingIsSaid() {
    Path file = folder.resolve("missing").resolve("result.json");
    assertThatThrownBy(() -> AtomicFile.write(file, new byte[1]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("missing");
    assertThat(Files.exists(file)).isFalse();
  }
}
