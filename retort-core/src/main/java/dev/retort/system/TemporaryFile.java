package dev.retort.system;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file without a name, which is gone when the process is. An interrupt of a thread that reads or
 * writes does not close it, as it does a {@link java.nio.channels.FileChannel}. Safe to use from
 * many threads, which read side by side.
 */
public final class TemporaryFile implements AutoCloseable {
  /** The same file, opened once for each core: each has a position of its own. */
  private final List<RandomAccessFile> handles = new ArrayList<>();

  private final Path path;

  private TemporaryFile(Path path) {
    this.path = path;
  }

  /**
   * Makes one.
   *
   * @param folder whose disk it takes room of; it must exist
   * @param prefix of the name that it has for a moment
   * @throws IOException if it cannot be made there
   */
  public static TemporaryFile open(Path folder, String prefix) throws IOException {
    TemporaryFile made = new TemporaryFile(Files.createTempFile(folder, prefix, null));
    try {
      for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
        made.handles.add(new RandomAccessFile(made.path.toFile(), "rw"));
      }
    } catch (IOException e) {
      made.close();
      throw e;
    }
    try {
      Files.delete(made.path); // what is open stays until it is closed
    } catch (IOException e) {
      made.path.toFile().deleteOnExit(); // not every file system deletes what is open
    }
    return made;
  }

  /** Writes bytes at a position. */
  public void write(byte[] bytes, long position) throws IOException {
    RandomAccessFile file = ofThread();
    synchronized (file) {
      file.seek(position);
      file.write(bytes);
    }
  }

  /**
   * Reads bytes from a position on.
   *
   * @param into what they are put into, from its beginning
   * @throws java.io.EOFException if the file has fewer
   */
  public void read(long position, byte[] into, int count) throws IOException {
    RandomAccessFile file = ofThread();
    synchronized (file) {
      file.seek(position);
      file.readFully(into, 0, count);
    }
  }

  private RandomAccessFile ofThread() {
    return handles.get((int) (Thread.currentThread().getId() % handles.size()));
  }

  /** Gives its room back. */
  @Override
  public void close() throws IOException {
    for (RandomAccessFile file : handles) {
      file.close();
    }
    Files.deleteIfExists(path);
  }
}
