package dev.retort.system;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a folder that one process works in. The operating system takes it back when the
 * process ends, in whatever way.
 */
public final class FolderLock implements AutoCloseable {
  /** The name of the file that is locked. */
  public static final String FILE = ".lock";

  /**
   * The folders that this process has locked. Closing a file loses every lock that the process has
   * on it (fcntl(2)), so a second locking must not come as far as the file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path real;
  private final FileChannel channel;

  private FolderLock(Path real, FileChannel channel) {
    this.real = real;
    this.channel = channel;
  }

  /**
   * Makes a folder where it is missing, and locks it.
   *
   * @return null if another process, or another part of this one, has locked it
   */
  public static @Nullable FolderLock tryLock(Path folder) throws IOException {
    Path real = Folders.make(folder).toRealPath();
    if (!HELD.add(real)) {
      return null;
    }
    FileChannel locked = null;
    try {
      locked = locked(real.resolve(FILE));
    } finally {
      if (locked == null) {
        HELD.remove(real);
      }
    }
    return locked == null ? null : new FolderLock(real, locked);
  }

  private static @Nullable FileChannel locked(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (IOException e) {
      channel.close();
      throw new IOException(
          "%s cannot be locked (%s); where its file system has no locks, NFS needs its lock service, and Lustre the option flock"
              .formatted(file.getParent(), e.getMessage()),
          e);
    } catch (RuntimeException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return null;
  }

  /** Gives the folder back as it was, without the file. */
  public void remove() throws IOException {
    try {
      Files.deleteIfExists(real.resolve(FILE));
    } finally {
      close();
    }
  }

  /** Gives the folder back; the file stays. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD.remove(real);
    }
  }
}
