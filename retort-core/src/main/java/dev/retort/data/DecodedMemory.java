package dev.retort.data;

import com.sun.management.OperatingSystemMXBean;
import dev.retort.system.Folders;
import dev.retort.system.StorageSize;
import dev.retort.system.UserCache;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps decoded pictures of a data set, one after the other in a temporary file, which is gone when
 * the process is: Java's heap is small beside the tensors, and holds a few hundred photographs.
 *
 * <p>Reads and writes go by position through the system's page cache. So what is kept lies in
 * memory where there is memory to spare, and the system takes it back, instead of ending the
 * process, where there is none. Safe to use from many threads.
 */
final class DecodedMemory {
  /** What {@link #keep} returns for a picture that is not kept. */
  static final long NOT_KEPT = -1;

  private static final Logger LOG = LoggerFactory.getLogger(DecodedMemory.class);

  /** Java copies what it reads and writes through a buffer of this size for each thread. */
  private static final int CHUNK = 1 << 20;

  private final long bound;
  private final Path folder;
  private long taken;
  private @Nullable FileChannel channel;
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
        write(pixels, position);
      }
      return position;
    } catch (ClosedChannelException e) {
      refuse("the thread was interrupted, which closes the temporary file in " + folder);
      return NOT_KEPT;
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
      FileChannel open = opened();
      for (int at = 0; at < count; ) {
        ByteBuffer some = ByteBuffer.wrap(into, at, Math.min(CHUNK, count - at));
        int read = open.read(some, position + at);
        if (read < 0) {
          throw new EOFException("the file is cut off");
        }
        at += read;
      }
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

  private void write(byte[] pixels, long position) throws IOException {
    FileChannel open = opened();
    for (int at = 0; at < pixels.length; ) {
      ByteBuffer some = ByteBuffer.wrap(pixels, at, Math.min(CHUNK, pixels.length - at));
      at += open.write(some, position + at);
    }
  }

  /** The file, which is made when the first picture is kept. */
  private synchronized FileChannel opened() throws IOException {
    if (channel == null) {
      Folders.make(folder);
      channel =
          FileChannel.open(
              Files.createTempFile(folder, "decoded", null),
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      disk = Files.getFileStore(folder);
      // A quarter of what is free is for others, such as the teacher's outputs.
      left = Math.max(UserCache.reserve(disk), disk.getUsableSpace() / 4);
      LOG.info(
          "decoded pictures are kept in a temporary file in {}, {} at most",
          folder,
          StorageSize.text(bound));
    }
    return channel;
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
