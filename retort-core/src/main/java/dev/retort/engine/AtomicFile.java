package dev.retort.engine;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes files so that whoever reads one, after a crash too, finds the old content or the new one,
 * whole: under a temporary name in the same folder, forced to the disk, renamed.
 */
public final class AtomicFile {
  /** The end of every temporary name; a file that has it is what a killed process left. */
  public static final String TEMPORARY = ".tmp";

  private static final AtomicLong WRITTEN = new AtomicLong();

  private AtomicFile() {}

  /** Writes a file's content. */
  @FunctionalInterface
  public interface Content {
    /** The stream is buffered, and closed by the caller. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Makes or replaces a file.
   *
   * @throws IOException if it cannot be written; the old file is then untouched
   */
  public static void write(Path file, Content content) throws IOException {
    Path temporary =
        file.resolveSibling(
            "."
                + file.getFileName()
                + "."
                + ProcessHandle.current().pid()
                + "-"
                + WRITTEN.getAndIncrement()
                + TEMPORARY);
    try {
      try (FileChannel channel =
              FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel))) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException | Error e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException deletion) {
        e.addSuppressed(deletion);
      }
      throw e;
    }
    forceFolder(file);
  }

  /** Makes or replaces a file with these bytes. */
  public static void write(Path file, byte[] bytes) throws IOException {
    write(file, out -> out.write(bytes));
  }

  /** Makes the rename itself survive a power cut, where the system lets a folder be opened. */
  private static void forceFolder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no folders; the file's own content is on the disk all the same.
    }
  }
}
