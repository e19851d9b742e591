package dev.retort.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file so that its name stands for the old contents or the new ones in full, whatever
 * happens to the process or the machine.
 */
public final class AtomicFile {
  /** The end of a temporary file's name. One that a killed process left behind can be deleted. */
  public static final String TEMPORARY_SUFFIX = ".partial";

  private AtomicFile() {}

  /** Writes the contents of a file. */
  public interface Contents {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes to a temporary file beside the target, forces it to the disk, and renames it. An
   * existing target is replaced.
   *
   * @throws UncheckedIOException if that fails; the target is then as it was, and the temporary
   *     file gone
   */
  public static void write(Path target, Contents contents) {
    Path absolute = target.toAbsolutePath();
    Path temporary =
        absolute.resolveSibling(
            absolute.getFileName() + "." + UUID.randomUUID() + TEMPORARY_SUFFIX);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        contents.writeTo(channel);
        channel.force(true);
      }
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceFolder(absolute.resolveSibling("."));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + target + ": " + reason(e), e);
    } finally {
      deleteLeftover(temporary);
    }
  }

  /** Makes the new name itself survive a power cut, where folders can be opened. */
  private static void forceFolder(Path folder) throws IOException {
    if (System.getProperty("os.name", "").startsWith("Windows")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void deleteLeftover(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // The failure that left it behind is already on its way to the caller.
    }
  }

  /** Why reading or writing failed, as one would say it. */
  static String reason(IOException failure) {
    if (failure instanceof java.nio.file.NoSuchFileException) {
      return "no such file or folder";
    }
    if (failure instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    return String.valueOf(failure.getMessage());
  }
}
