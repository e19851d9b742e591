package dev.retort.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of this process's own, which is gone with all in it when it is closed. */
public final class TemporaryFolder implements AutoCloseable {
  private final Path path;

  /**
   * Makes it, empty.
   *
   * @throws UncheckedIOException if it cannot be made
   */
  public TemporaryFolder() {
    try {
      path = Files.createTempDirectory("retort");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no temporary folder can be made in %s (java.io.tmpdir): %s"
              .formatted(System.getProperty("java.io.tmpdir"), FileFailure.reason(e)),
          e);
    }
  }

  public Path path() {
    return path;
  }

  /**
   * For what native code will write, which may end the process where a disk is full.
   *
   * @throws IOException if there is no room for so many bytes
   */
  public void requireRoom(long bytes) throws IOException {
    long room = Files.getFileStore(path).getUsableSpace();
    if (room < bytes) {
      throw new IOException(
          "the temporary folder %s (java.io.tmpdir) has room for %s, and %s are needed"
              .formatted(
                  System.getProperty("java.io.tmpdir"),
                  StorageSize.text(room),
                  StorageSize.text(bytes)));
    }
  }

  @Override
  public void close() {
    try {
      Folders.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be deleted: " + FileFailure.reason(e), e);
    }
  }
}
