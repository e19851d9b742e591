package dev.retort.data;

import com.sun.management.OperatingSystemMXBean;
import dev.retort.system.Folders;
import dev.retort.system.StorageSize;
import dev.retort.system.TemporaryFile;
import dev.retort.system.UserCache;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps decoded pictures of a data set, one after the other in a temporary file, which is gone when
 * the process is: Java's heap is small beside the tensors, and holds a few hundred photographs.
 *
 * <p>Reads and writes go through the system's page cache. So what is kept lies in memory where
 * there is memory to spare, and the system takes it back, instead of ending the process, where
 * there is none. Safe to use from many threads.
 */
final class DecodedMemory {
  /** What {@link #keep} returns for a picture that is not kept. */
  static final long NOT_KEPT = -1;

  private static final Logger LOG = LoggerFactory.getLogger(DecodedMemory.class);

  private final long bound;
  private final Path folder;
  private long taken;
  private @Nullable TemporaryFile file;
  private @Nullable FileStore disk;
  private long left;
  private @Nullable String refusal;
  private boolean saidUnreadable;

  /**
   * @param bound how many bytes all pictures together may take; 0 keeps none
   */
  DecodedMemory(long bound) {
    this(bound, UserCache.folder("decoded"));
  }

  DecodedMemory(long bound, Path folder) {
    this.bound = bound;
    this.folder = folder;
  }

  /** As much as half of the machine's memory, or of what a container may use. */
  static DecodedMemory standard() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new DecodedMemory(system.getTotalMemorySize() / 2);
  }

  /** Whether anything may be kept. */
  boolean keepsAny() {
    return bound > 0;
  }

  /** Why nothing more is kept; null while there is room. */
  synchronized @Nullable String refusal() {
    return refusal;
  }

  /**
   * Keeps a picture, unless one before it was refused: then the pictures that are kept are known.
   *
   * @return what {@link #read} finds it by, or {@link #NOT_KEPT}
   */
  long keep(byte[] pixels) {
    try {
      long position = take(pixels.length);
      if (position != NOT_KEPT) {
        opened().write(pixels, position);
      }
      return position;
    } catch (IOException e) {
      refuse(
          "the temporary file in %s cannot be written (%s); XDG_CACHE_HOME=DIR names another place"
              .formatted(folder, e));
      return NOT_KEPT;
    }
  }

  /**
   * Reads a picture back.
   *
   * @param position where {@link #keep} put it
   * @param count how many bytes it has
   * @return whether it could be read; if not, it must be decoded again
   */
  boolean read(long position, byte[] into, int count) {
    try {
      opened().read(position, into, count);
      return true;
    } catch (IOException e) {
      sayUnreadable(e);
      return false;
    }
  }

  private synchronized long take(int bytes) throws IOException {
    if (refusal != null) {
      return NOT_KEPT;
    }
    if (taken + bytes > bound) {
      refusal =
          "the %s that data.memoryGigabytes allows are used up".formatted(StorageSize.text(bound));
      return NOT_KEPT;
    }
    opened();
    if (disk != null && disk.getUsableSpace() - bytes < left) {
      refusal = "the disk of %s has little room left beside what is for others".formatted(folder);
      return NOT_KEPT;
    }
    long position = taken;
    taken += bytes;
    return position;
  }

  /** The file, which is made when the first picture is kept. */
  private synchronized TemporaryFile opened() throws IOException {
    if (file == null) {
      Folders.make(folder);
      file = TemporaryFile.open(folder, "decoded");
      disk = Files.getFileStore(folder);
      // A quarter of what is free is for others, such as the teacher's outputs.
      left = Math.max(UserCache.reserve(disk), disk.getUsableSpace() / 4);
      LOG.info(
          "decoded pictures are kept in a temporary file in {}, {} at most",
          folder,
          StorageSize.text(bound));
    }
    return file;
  }

  private synchronized void refuse(String reason) {
    refusal = reason;
  }

  private synchronized void sayUnreadable(IOException e) {
    if (!saidUnreadable) {
      LOG.warn(
          "decoded pictures cannot be read from the temporary file in {} ({}): they are decoded"
              + " again",
          folder,
          e.toString());
      saidUnreadable = true;
    }
  }
}
