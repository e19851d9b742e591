package dev.retort.teacher;

import dev.retort.data.ViewSource;
import dev.retort.system.Folders;
import dev.retort.system.StorageSize;
import dev.retort.system.UserCache;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileStore;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that keeps what teachers said, for all runs, studies and processes of a user. It can be
 * deleted at any time. Where it is full, what was not used for longest is deleted first. What it
 * cannot keep, because all that is in it is in use or because it cannot be written, is computed
 * anew; that is said once, and changes no number.
 */
public final class TeacherCache {
  private static final Logger LOG = LoggerFactory.getLogger(TeacherCache.class);

  /** The file in the folder whose bytes are locked. */
  static final String LOCK = ".lock";

  private static final int DIGITS_OF_A_KEY = 32;

  /**
   * The path of one of its files in the folder. Whatever else is there, in a folder that somebody
   * has chosen, is nobody's to delete.
   */
  private static final Pattern OWN =
      Pattern.compile("[0-9a-f]{32}/[0-9a-f]{32}/\\d{5,}-[A-Za-z0-9.-]*-[0-9a-f]{8}");

  /** What part of the bound is made free at once, beyond what is needed. */
  private static final long SLACK = 20;

  private final @Nullable Path folder;
  private final long bound;
  private final FreeSpace freeSpace;
  private boolean saidFull;
  private boolean saidBroken;

  /**
   * A cache in a folder, which is made when something is kept.
   *
   * @param bound how many bytes of the disk all of its files may take; 0 keeps nothing
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

  /** How many bytes all of its files may take. */
  public long bound() {
    return bound;
  }

  /** The bytes of all of its files, counting in full those that still grow. */
  public long size() {
    try {
      return folder == null ? 0 : kept(folder).stream().mapToLong(Kept::bytes).sum();
    } catch (IOException e) {
      LOG.debug("{} cannot be measured", folder, e);
      return 0;
    }
  }

  private static List<Kept> kept(Path root) throws IOException {
    List<Kept> all = new ArrayList<>();
    if (Files.isDirectory(root)) {
      Path real = root.toRealPath(); // a link to a folder is no folder to walk
      Files.walkFileTree(
          real,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String name = real.relativize(file).toString();
              if (OWN.matcher(name).matches()) {
                all.add(
                    new Kept(root.resolve(name), attributes.size(), attributes.lastModifiedTime()));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE; // another process has just deleted it
            }
          });
    }
    return all;
  }

  /**
   * The file of one representation under one view; null where it is not kept. It stays until {@link
   * #release}, also where room is needed for others.
   *
   * @param user who reads and writes it
   * @param teacher the digest of the teacher and of all else that its bits depend on
   * @param name of the representation
   * @param payload the bytes that it takes for one image
   */
  @Nullable OutputFile open(
      Object user, String teacher, ViewSource source, long view, String name, int payload) {
    if (folder == null) {
      return null;
    }
    Path file = file(folder, teacher, source, view, name);
    String identity = String.join("/", teacher, source.key(), Long.toString(view), name);
    try {
      Folders.make(folder);
      FilesInUse.take(folder, file, user);
      if (!Files.exists(file) && !make(folder, file, payload, source.images())) {
        return null;
      }
      OutputFile opened = OutputFile.open(file, identity, payload, source.images());
      markUsed(file);
      return opened;
    } catch (IOException e) {
      cannotBeUsed(e);
      return null;
    }
  }

  /** Where the time cannot be set, as of another user's file, the file goes sooner. */
  private static void markUsed(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("the time of {} cannot be set: {}", file, e.getMessage());
    }
  }

  /** Lets the files that somebody has opened be deleted, where room is needed. */
  void release(Object user) {
    try {
      FilesInUse.release(user);
    } catch (IOException e) {
      cannotBeUsed(e);
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
  private boolean make(Path root, Path file, int payload, int images) throws IOException {
    return FilesInUse.alone(
        root,
        () -> {
          if (Files.exists(file)) {
            return true;
          }
          if (!makeRoom(root, OutputFile.length(payload, images))) {
            return false;
          }
          Folders.make(Objects.requireNonNull(file.getParent()));
          OutputFile.open(file, "", payload, images).close();
          return true;
        });
  }

  /** A file and when it was last used. */
  private record Kept(Path file, long bytes, FileTime used) {}

  /**
   * Whether there is room for so many bytes more, if need be by deletion of what was not used for
   * longest. What a running program uses stays: a study reads its views in turn, epoch after epoch
   * and run after run, and would else delete each shortly before it is read again.
   */
  private boolean makeRoom(Path root, long length) throws IOException {
    FileStore disk = Files.getFileStore(root);
    long free = freeSpace.of(disk);
    long ofDisk = free - UserCache.reserve(disk);
    List<Kept> all = kept(root);
    long taken = all.stream().mapToLong(Kept::bytes).sum();
    if (taken + length <= bound && length <= ofDisk) {
      return true;
    }
    List<Kept> unused = new ArrayList<>();
    for (Kept kept : all) {
      if (FilesInUse.isUnused(root, kept.file())) {
        unused.add(kept);
      }
    }
    long deletable = unused.stream().mapToLong(Kept::bytes).sum();
    if (taken - deletable + length > bound || length > ofDisk + deletable) {
      isFull(taken, length, free);
      return false;
    }
    unused.sort(Comparator.comparing(Kept::used));
    long target = bound - length - bound / SLACK; // so that the next views find room at once
    long deleted = 0;
    FileTime last = FileTime.fromMillis(0);
    for (Kept oldest : unused) {
      if (taken - deleted <= target && length <= freeSpace.of(disk) - UserCache.reserve(disk)) {
        break;
      }
      if (FilesInUse.delete(root, oldest.file())) {
        deleteEmptyFolders(root, oldest.file());
        deleted += oldest.bytes();
        last = oldest.used();
      }
    }
    LOG.warn(
        "the cache of teachers' outputs, {}, was full: {} that no running program uses were deleted, last used until {}; cache.gigabytes sets how much it keeps",
        root,
        StorageSize.text(deleted),
        last.toInstant().truncatedTo(ChronoUnit.SECONDS));
    if (taken - deleted + length > bound || length > freeSpace.of(disk) - UserCache.reserve(disk)) {
      isFull(taken - deleted, length, freeSpace.of(disk));
      return false;
    }
    return true;
  }

  /** Deletes the folders below the cache's own that a file was in, where nothing is left there. */
  private static void deleteEmptyFolders(Path root, Path file) throws IOException {
    Path folder = file.getParent();
    while (folder != null && !folder.equals(root)) {
      try {
        Files.delete(folder);
      } catch (DirectoryNotEmptyException e) {
        return;
      }
      folder = folder.getParent();
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
    if (freeSpace.of(disk) >= UserCache.reserve(disk)) {
      return true;
    }
    return !saidFull && FilesInUse.alone(folder, () -> makeRoom(folder, 0));
  }

  private void isFull(long taken, long length, long free) {
    if (!saidFull) {
      LOG.warn(
          "the cache of teachers' outputs, {}, has no room for {} more: {} of {} are taken, {} are free on the disk (a twentieth of it, or 1 GB, is left to others), and what running programs use stays. What is not in it is computed in each run; raise cache.gigabytes, or make room on the disk",
          folder,
          StorageSize.text(length),
          StorageSize.text(taken),
          StorageSize.text(bound),
          StorageSize.text(free));
      saidFull = true;
    }
  }

  /** Whether outputs can be kept, as far as it was tried: the folder may be on a full disk. */
  public boolean keeps() {
    return folder != null && !saidFull && !saidBroken;
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
