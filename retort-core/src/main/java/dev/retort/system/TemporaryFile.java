package dev.retort.system;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file without a name, which is gone when the process is. An interrupt of a thread that reads or
 * writes does not close it, as it does a {@link java.nio.channels.FileChannel}. Safe to use from
 * many threads.
 */
public final class TemporaryFile implements AutoCloseable {
  private final RandomAccessFile file;

  private TemporaryFile(RandomAccessFile file) {
    this.file = file;
  }

  /**
   * Makes one.
   *
   * @param folder whose disk it takes room of; it must exist
   * @param prefix of the name that it has for a moment
   * @throws IOException if it cannot be made there
   */
  public static TemporaryFile open(Path folder, String prefix) throws IOException {
    Path path = Files.createTempFile(folder, prefix, null);
    try {
      return new TemporaryFile(new RandomAccessFile(path.toFile(), "rw"));
    } finally {
      Files.delete(path); // an open file stays until it is closed
    }
  }

  /** Writes bytes at a position. */
  public synchronized void write(byte[] bytes, long position) throws IOException {
    file.seek(position);
    file.write(bytes);
  }

  /**
   * Reads bytes from a position on.
   *
   * @param into what they are put into, from its beginning
   * @throws java.io.EOFException if the file has fewer
   */
  public synchronized void read(long position, byte[] into, int count) throws IOException {
    file.seek(position);
    file.readFully(into, 0, count);
  }

  /** Gives its room back. */
  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
