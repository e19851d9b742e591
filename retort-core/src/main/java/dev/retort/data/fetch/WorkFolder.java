package dev.retort.data.fetch;

import dev.retort.data.DataException;
import dev.retort.system.Folders;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A hidden folder beside the one that will be made, or in the one that is there, for what is not
 * finished. It is locked by the process that uses it; what a killed process left there is cleared
 * away by the next.
 */
final class WorkFolder implements AutoCloseable {
  private final Path folder;
  private final FileChannel channel;

  /**
   * @param target the folder that will be made, or filled
   * @throws DataException if another process is at work on it
   */
  WorkFolder(Path target) throws IOException {
    // What is there may be another disk's, onto which nothing can be moved in one step.
    folder =
        Files.isDirectory(target)
            ? target.resolve(".fetching")
            : target.resolveSibling("." + target.getFileName() + ".fetching");
    if (Files.isSymbolicLink(folder)) { // what it leads to would be cleared away
      throw new DataException(folder + " is a link: remove it");
    }
    Folders.make(folder);
    Path lockFile = folder.resolve("lock");
    channel =
        FileChannel.open(
            lockFile,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    try {
      if (lock(channel) == null) {
        throw new DataException(
            "another process is fetching into " + target + ": wait until it is done");
      }
      clear(lockFile);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** A new, empty folder in this one. */
  Path make(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  /** The path of a file in this folder. */
  Path file(String name) {
    return folder.resolve(name);
  }

  private void clear(Path except) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path path : (Iterable<Path>) all.filter(path -> !path.equals(except))::iterator) {
        Folders.delete(path);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (FileChannel held = channel) {
      clear(folder);
    }
    Files.delete(folder);
  }
}
