package dev.retort.data;

import dev.retort.system.FolderLock;
import dev.retort.system.Folders;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A hidden folder beside the one that will be made, or in the one that is there, for what is not
 * finished. It is locked by the process that uses it; what a killed process left there is cleared
 * away by the next.
 */
public final class WorkFolder implements AutoCloseable {
  private final Path folder;
  private final FolderLock lock;

  /**
   * Makes it, empty.
   *
   * @param target the folder that will be made, or filled
   * @throws DataException if another process is at work on it
   * @throws IOException if it cannot be made
   */
  public WorkFolder(Path target) throws IOException {
    // What is there may be another disk's, onto which nothing can be moved in one step.
    folder =
        Files.isDirectory(target)
            ? target.resolve(".writing")
            : target.resolveSibling("." + target.getFileName() + ".writing");
    if (Files.isSymbolicLink(folder)) { // what it leads to would be cleared away
      throw new DataException(folder + " is a link: remove it");
    }
    FolderLock held = FolderLock.tryLock(folder);
    if (held == null) {
      throw new DataException(
          "another process is writing into " + target + ": wait until it is done");
    }
    lock = held;
    try {
      clear();
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** A new, empty folder in this one. */
  public Path make(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  /** The path of a file in this folder. */
  public Path file(String name) {
    return folder.resolve(name);
  }

  /** Removes all but the lock. */
  private void clear() throws IOException {
    Path locked = folder.resolve(FolderLock.FILE);
    try (Stream<Path> all = Files.list(folder)) {
      for (Path path : (Iterable<Path>) all.filter(path -> !path.equals(locked))::iterator) {
        Folders.delete(path);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      clear();
    } finally {
      lock.remove();
    }
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // Another process has begun.
    }
  }
}
