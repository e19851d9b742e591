package dev.retort.serve;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Memory outside Java's heap, which nothing but a collection of garbage frees: so calls use that of
 * earlier ones again. Threads may share one.
 */
final class Buffers {
  /** So many bytes in all wait for later calls; a small heap allows for few outside it. */
  static final int KEPT =
      Integer.highestOneBit((int) Math.min(1L << 26, Runtime.getRuntime().maxMemory() / 8));

  private final IntFunction<ByteBuffer> allocate;

  /** The last used first. */
  private final Deque<ByteBuffer> free = new ArrayDeque<>();

  /**
   * None yet.
   *
   * @param allocate gives a buffer of so many bytes, or throws an OutOfMemoryError
   */
  Buffers(IntFunction<ByteBuffer> allocate) {
    this.allocate = allocate;
  }

  /**
   * An empty buffer for at least so many bytes. Its capacity is a power of two, so that pictures of
   * about one size can share it. If that is more than is kept, or more than there is, it has as
   * many bytes as are wanted, and is not kept.
   *
   * @throws OutOfMemoryError if there is too little even after what was kept is given up
   */
  ByteBuffer take(int bytes) {
    int capacity = bytes > KEPT ? bytes : Integer.highestOneBit(2 * bytes - 1);
    ByteBuffer used = used(capacity);
    if (used != null) {
      return used.clear();
    }
    try {
      return allocate.apply(capacity);
    } catch (OutOfMemoryError e) {
      clear();
      return allocate.apply(bytes);
    }
  }

  private synchronized @Nullable ByteBuffer used(int capacity) {
    for (Iterator<ByteBuffer> all = free.iterator(); all.hasNext(); ) {
      ByteBuffer each = all.next();
      if (each.capacity() == capacity) {
        all.remove();
        return each;
      }
    }
    return null;
  }

  /** Keeps a buffer for later calls, and lets go of those that were not used for longest. */
  synchronized void giveBack(ByteBuffer buffer) {
    if (buffer.capacity() > KEPT || Integer.bitCount(buffer.capacity()) != 1) {
      return;
    }
    free.addFirst(buffer);
    long kept = free.stream().mapToLong(Buffer::capacity).sum();
    while (kept > KEPT) {
      kept -= free.removeLast().capacity();
    }
  }

  synchronized void clear() {
    free.clear();
  }
}
