package dev.retort.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TemporaryFolderTest {
  @Test
  void isGoneWithAllInItWhenItIsClosed() throws IOException {
    Path path;
    try (TemporaryFolder folder = new TemporaryFolder()) {
      path = folder.path();
      Files.writeString(Files.createDirectory(path.resolve("inner")).resolve("file"), "text");
    }
    assertThat(path).doesNotExist();
  }

  /** 9.2 exabytes. */
  @Test
  void roomThatNoDiskHasIsRefused() throws IOException {
    try (TemporaryFolder folder = new TemporaryFolder()) {
      folder.requireRoom(1);
      assertThatThrownBy(() -> folder.requireRoom(Long.MAX_VALUE))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "the temporary folder " + System.getProperty("java.io.tmpdir") + " (java.io.tmpdir)")
          .hasMessageEndingWith(", and %s are needed", StorageSize.text(Long.MAX_VALUE));
    }
  }
}
