package dev.retort.system;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;

/**
 * Writes files so that a reader, after a crash too, finds the old content or the new one, whole:
 * under a temporary name in the same folder, forced to the disk, renamed. The name is random:
 * containers that share a folder often have the same process number.
 */
public final class AtomicFile {
  /**
   * The end of every temporary name. A file that has it is being written, or is what a killed
   * process left; only who has the folder to himself can tell, and may remove it.
   */
  public static final String TEMPORARY = ".tmp";

  private AtomicFile() {}

  /** Writes a file's content. */
  @FunctionalInterface
  public interface Content {
    /** The stream is buffered, and closed by the caller. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Refuses a file that is there, or could not be written, before anything is computed that would
   * then be lost.
   *
   * @throws FileSystemException if it is there, or its folder is not, or is closed
   */
  public static void requireNew(Path file) throws FileSystemException {
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
    if (!Files.isWritable(folder)) {
      throw new AccessDeniedException(folder.toString());
    }
  }

  /**
   * Makes or replaces a file.
   *
   * @throws IOException if it cannot be written, by the file's name; the old file is then untouched
   */
  public static void write(Path file, Content content) throws IOException {
    publish(file, content, temporary -> move(temporary, file));
  }

  /**
   * Makes a file unless there is one: of several processes that do so at the same moment, one does.
   *
   * @return whether this one did
   * @throws IOException if it cannot be written
   */
  public static boolean writeIfAbsent(Path file, byte[] bytes) throws IOException {
    try {
      publish(file, out -> out.write(bytes), temporary -> link(temporary, file));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  private static void move(Path temporary, Path file) throws IOException {
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Unlike a rename, a second name is never given in the place of a file that is there. */
  private static void link(Path temporary, Path file) throws IOException {
    try {
      Files.createLink(file, temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) { // FAT, some network drives
      if (Files.exists(file)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      move(temporary, file);
      return;
    }
    Files.delete(temporary);
  }

  private interface Publication {
    void of(Path temporary) throws IOException;
  }

  private static void publish(Path file, Content content, Publication publication)
      throws IOException {
    Path temporary =
        file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + TEMPORARY);
    FileChannel channel;
    // Outside of what removes the file after a failure: until this succeeds, it is another's.
    try {
      channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw named(file, temporary, e);
    }
    try {
      try (channel;
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel))) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      publication.of(temporary);
    } catch (IOException | RuntimeException | Error e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException deletion) {
        e.addSuppressed(deletion);
      }
      if (e instanceof IOException failure) {
        throw named(file, temporary, failure);
      }
      throw e;
    }
    forceFolder(file);
  }

  /**
   * The failure by the name of the file that was to be written: the system gives none where a disk
   * is full, and the temporary one where a folder is closed.
   */
  private static IOException named(Path file, Path temporary, IOException failure) {
    IOException named;
    if (failure instanceof FileSystemException system) {
      if (!temporary.toString().equals(system.getFile())) {
        return failure;
      }
      String name = file.toString();
      if (failure instanceof AccessDeniedException) {
        named = new AccessDeniedException(name);
      } else if (failure instanceof NoSuchFileException) {
        named = new NoSuchFileException(name);
      } else {
        named = new FileSystemException(name, null, FileFailure.reason(failure));
      }
    } else {
      named = new FileSystemException(file.toString(), null, FileFailure.reason(failure));
    }
    named.initCause(failure);
    return named;
  }

  /** Makes or replaces a file with these bytes, and leaves alone one that has them. */
  public static void write(Path file, byte[] bytes) throws IOException {
    if (!has(file, bytes)) {
      write(file, out -> out.write(bytes));
    }
  }

  private static boolean has(Path file, byte[] bytes) {
    try {
      return Files.isRegularFile(file)
          && Files.size(file) == bytes.length
          && Arrays.equals(Files.readAllBytes(file), bytes);
    } catch (IOException e) {
      return false; // writing it will tell
    }
  }

  /** Makes or replaces a file with this text, in UTF-8. */
  public static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8));
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
