package dev.retort.data;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that decoded pictures of a data set may take together, in bytes. */
final class DecodedMemory {
  private final AtomicLong left;

  DecodedMemory(long bytes) {
    this.left = new AtomicLong(bytes);
  }

  /** A third of what Java may take: batches and decoders need the rest. */
  static DecodedMemory standard() {
    return new DecodedMemory(Runtime.getRuntime().maxMemory() / 3);
  }

  /** Takes some, or says that there is not enough left. */
  boolean take(long bytes) {
    if (left.addAndGet(-bytes) >= 0) {
      return true;
    }
    left.addAndGet(bytes);
    return false;
  }

  /** Gives back what was taken. */
  void give(long bytes) {
    left.addAndGet(bytes);
  }
}
