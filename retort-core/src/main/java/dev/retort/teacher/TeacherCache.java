package dev.retort.teacher;

import dev.retort.data.UserCache;
import dev.retort.data.ViewSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileStore;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that keeps what teachers said, for all runs, studies and processes of a user. It can be
 * deleted at any time. What it cannot keep, because it is full or cannot be written, is computed
 * anew; that is said once, and changes no number.
 */
public final class TeacherCache {
  private static final Logger LOG = LoggerFactory.getLogger(TeacherCache.class);
  private static final Object ONE_LOCK_A_PROCESS = new Object();
  private static final int DIGITS_OF_A_KEY = 32;

  /** What is left of a disk to all others, checkpoints above all: so much, or a twentieth of it. */
  private static final long LARGEST_RESERVE = 1_000_000_000;

  private final @Nullable Path folder;
  private final long bound;
  private final FreeSpace freeSpace;
  private boolean saidFull;
  private boolean saidBroken;

  /**
   * A cache in a folder, which is made when something is kept.
   *
   * @param bound how many bytes of the disk all files in it may take; 0 keeps nothing
   */
  public TeacherCache(Path folder, long bound) {
    this(bound == 0 ? null : folder, bound, FileStore::getUsableSpace);
  }

  TeacherCache(@Nullable Path folder, long bound, FreeSpace freeSpace) {
    this.folder = folder;
    this.bound = bound;
    this.freeSpace = freeSpace;
  }

  /** How many bytes a disk has left. */
  interface FreeSpace {
    long of(FileStore disk) throws IOException;
  }

  /** A cache that keeps nothing. */
  public static TeacherCache none() {
    return new TeacherCache(null, 0, disk -> 0);
  }

  /** Where outputs are kept unless a study says otherwise. */
  public static Path userFolder() {
    return UserCache.folder("teachers");
  }

  /** The folder; null where nothing is kept. */
  public @Nullable Path folder() {
    return folder;
  }

  /** How many bytes all files in it may take. */
  public long bound() {
    return bound;
  }

  /** The bytes of all files in it, counting in full those that still grow. */
  public long size() {
    AtomicLong total = new AtomicLong();
    if (folder != null && Files.isDirectory(folder)) {
      try {
        Files.walkFileTree(
            folder,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                total.addAndGet(attributes.size());
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // another process has just deleted it
              }
            });
      } catch (IOException e) {
        LOG.debug("{} cannot be measured", folder, e);
      }
    }
    return total.get();
  }

  /** Deletes the folder with all that is in it. */
  public void clear() {
    if (folder == null || !Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("the cache of teachers' outputs, {}, cannot be deleted: {}", folder, e.getMessage());
    }
  }

  /**
   * The file of one representation under one view; null where it is not kept.
   *
   * @param teacher the digest of the teacher and of all else that its bits depend on
   * @param name of the representation
   * @param payload the bytes that it takes for one image
   */
  @Nullable OutputFile open(
      String teacher, ViewSource source, long view, String name, int payload) {
    if (folder == null) {
      return null;
    }
    Path file = file(folder, teacher, source, view, name);
    String identity = String.join("/", teacher, source.key(), Long.toString(view), name);
    try {
      if (!Files.exists(file) && !makeRoom(folder, file, payload, source.images())) {
        return null;
      }
      return OutputFile.open(file, identity, payload, source.images());
    } catch (IOException e) {
      cannotBeUsed(e);
      return null;
    }
  }

  private static Path file(Path folder, String teacher, ViewSource source, long view, String name) {
    String safe = name.replaceAll("[^A-Za-z0-9.]", "-");
    return folder
        .resolve(teacher.substring(0, DIGITS_OF_A_KEY))
        .resolve(source.key().substring(0, DIGITS_OF_A_KEY))
        .resolve(String.format(Locale.ROOT, "%05d-%s-%08x", view, safe, name.hashCode()));
  }

  /**
   * Makes the file, alone among all processes, unless it would take more than the bound or the disk
   * allow.
   */
  private boolean makeRoom(Path root, Path file, int payload, int images) throws IOException {
    long length = OutputFile.length(payload, images);
    Files.createDirectories(file.getParent());
    synchronized (ONE_LOCK_A_PROCESS) {
      try (FileChannel channel =
              FileChannel.open(
                  root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (Files.exists(file)) {
          return true;
        }
        long taken = size();
        FileStore disk = Files.getFileStore(root);
        long free = freeSpace.of(disk);
        if (taken + length > bound || length > free - reserve(disk)) {
          isFull(taken, length, free);
          return false;
        }
        OutputFile.open(file, "", payload, images).close();
        return true;
      }
    }
  }

  /**
   * Whether the disk has room for more outputs. A file is made before it takes room, so that what
   * was there for it may since have gone to others.
   */
  boolean mayGrow() throws IOException {
    if (folder == null) {
      return false;
    }
    FileStore disk;
    try {
      disk = Files.getFileStore(folder);
    } catch (NoSuchFileException e) {
      return true; // the folder was deleted; files that are open live on
    }
    long free = freeSpace.of(disk);
    if (free >= reserve(disk)) {
      return true;
    }
    if (!saidFull) {
      LOG.warn(
          "the disk of the cache of teachers' outputs, {}, has {} left, which are kept for all else: what is"
              + " not in the cache is computed in each run; make room",
          folder,
          StorageSize.text(free));
      saidFull = true;
    }
    return false;
  }

  private static long reserve(FileStore disk) throws IOException {
    return Math.min(LARGEST_RESERVE, disk.getTotalSpace() / 20);
  }

  private void isFull(long taken, long length, long free) {
    if (!saidFull) {
      LOG.warn(
          "the cache of teachers' outputs, {}, is full ({} of {} are taken, {} are free on the disk, and {} are"
              + " needed; a twentieth of the disk, or 1 GB, is left free): what is not in it is computed in each run; raise cache.gigabytes, or delete the folder",
          folder,
          StorageSize.text(taken),
          StorageSize.text(bound),
          StorageSize.text(free),
          StorageSize.text(length));
      saidFull = true;
    }
  }

  /** Says, once, that reading or writing failed. */
  void cannotBeUsed(IOException e) {
    if (!saidBroken) {
      LOG.warn(
          "the cache of teachers' outputs, {}, cannot be used ({}): what is not in it is computed in each run",
          folder,
          e.getMessage() == null ? e.toString() : e.getMessage());
      saidBroken = true;
    }
  }
}
