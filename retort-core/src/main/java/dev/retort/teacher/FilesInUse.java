package dev.retort.teacher;

import dev.retort.system.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * Which files of a folder are in use, by this process and by others: each is a lock on one byte of
 * the folder's file {@code .lock}, shared by its users. The system lets go of a process's locks
 * when it ends, however it ends.
 *
 * <p>A process has one channel to that file, since closing any of several would let go of the locks
 * of all.
 */
final class FilesInUse {
  private static final Map<Path, FilesInUse> FOLDERS = new HashMap<>();
  private static final int HEXADECIMAL = 16;
  private static final int DIGITS_OF_A_PLACE = 15;

  private final FileChannel channel;
  private final Map<String, Use> uses = new HashMap<>();

  private FilesInUse(FileChannel channel) {
    this.channel = channel;
  }

  private record Use(FileLock lock, Set<Object> users) {}

  /** What is done while no other thread and no other process does the like. */
  interface Action {
    boolean run() throws IOException;
  }

  /**
   * Notes that somebody uses a file, which need not exist yet, until {@link #release}.
   *
   * @param folder in which the file is; it must exist
   */
  static synchronized void take(Path folder, Path file, Object user) throws IOException {
    FilesInUse here = of(folder);
    String name = folder.relativize(file).toString();
    Use use = here.uses.get(name);
    if (use == null) {
      use = new Use(here.channel.lock(place(name), 1, true), new HashSet<>());
      here.uses.put(name, use);
    }
    use.users().add(user);
  }

  /** Notes that somebody uses none of the files any more. */
  static synchronized void release(Object user) throws IOException {
    for (FilesInUse here : FOLDERS.values()) {
      for (Iterator<Use> uses = here.uses.values().iterator(); uses.hasNext(); ) {
        Use use = uses.next();
        if (use.users().remove(user) && use.users().isEmpty()) {
          uses.remove();
          if (here.channel.isOpen()) { // an interrupt closes it, with all locks
            use.lock().release();
          }
        }
      }
      if (here.uses.isEmpty()) {
        here.channel.close();
      }
    }
    FOLDERS.values().removeIf(here -> here.uses.isEmpty());
  }

  /** Does something in a folder, of which a file is in use here, alone among all processes. */
  static synchronized boolean alone(Path folder, Action action) throws IOException {
    try (FileLock lock = of(folder).channel.lock(0, 1, false)) {
      return action.run();
    }
  }

  /** Whether no process uses a file. */
  static synchronized boolean isUnused(Path folder, Path file) throws IOException {
    return whileUnused(folder, file, () -> true);
  }

  /**
   * Deletes a file unless it is in use.
   *
   * @return whether it is gone
   */
  static synchronized boolean delete(Path folder, Path file) throws IOException {
    return whileUnused(
        folder,
        file,
        () -> {
          Files.deleteIfExists(file);
          return true;
        });
  }

  private static boolean whileUnused(Path folder, Path file, Action action) throws IOException {
    FilesInUse here = of(folder);
    String name = folder.relativize(file).toString();
    if (here.uses.containsKey(name)) {
      return false;
    }
    try (FileLock lock = here.channel.tryLock(place(name), 1, false)) {
      return lock != null && action.run();
    }
  }

  private static FilesInUse of(Path folder) throws IOException {
    Path real = folder.toRealPath();
    FilesInUse here = FOLDERS.get(real);
    if (here != null && here.channel.isOpen()) {
      return here;
    }
    FilesInUse opened =
        new FilesInUse(
            FileChannel.open(
                real.resolve(TeacherCache.LOCK),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    if (here != null) { // an interrupt has closed its channel, with all locks
      for (Map.Entry<String, Use> use : here.uses.entrySet()) {
        FileLock lock = opened.channel.lock(place(use.getKey()), 1, true);
        opened.uses.put(use.getKey(), new Use(lock, use.getValue().users()));
      }
    }
    FOLDERS.put(real, opened);
    return opened;
  }

  /** After the first byte, which {@link #alone} locks. Two files of one place count as one. */
  private static long place(String name) {
    String digest = Sha256.of(name.getBytes(StandardCharsets.UTF_8));
    return 1 + Long.parseLong(digest.substring(0, DIGITS_OF_A_PLACE), HEXADECIMAL);
  }
}
