package dev.retort.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/**
 * A share of Java's memory for the pixels of one picture, or of several that are in use at once.
 * Where it has no room for those of all threads, they wait for each other, in their order.
 */
public final class PictureRoom implements AutoCloseable {
  /** Of Java's memory, with all copies of a picture that there are at a time. */
  private static final int BYTES_A_PIXEL = 15;

  /** So many fit at a time. */
  static final int ROOM =
      (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / BYTES_A_PIXEL);

  /** Of one picture: more than nearly all cameras make, and no more than memory allows for. */
  public static final int MOST_PIXELS = Math.min(100_000_000, ROOM);

  private static final Semaphore PIXELS = new Semaphore(ROOM, true);

  private final int taken;

  private PictureRoom(int taken) {
    this.taken = taken;
  }

  /**
   * Waits until there is room. A thread must not wait for a second picture's while it has one.
   *
   * @param pixels of the picture; for more than fit at all, it waits until it is alone
   * @throws InterruptedIOException if the thread is interrupted, which it stays
   */
  public static PictureRoom take(long pixels) throws InterruptedIOException {
    int wanted = (int) Math.min(pixels, ROOM);
    try {
      PIXELS.acquire(wanted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for memory");
    }
    return new PictureRoom(wanted);
  }

  /** What to throw where there is too little memory all the same, through no fault of a picture. */
  public static IOException lacking(Throwable cause) {
    boolean outside = String.valueOf(cause.getMessage()).contains("direct buffer memory");
    return new IOException(
        outside
            ? "Java has no room for it outside its heap; a larger -XX:MaxDirectMemorySize or a smaller picture helps"
            : "Java's memory (-Xmx) has no room for it; a larger heap (-Xmx) or a smaller picture helps",
        cause);
  }

  /** Gives the room back. */
  @Override
  public void close() {
    PIXELS.release(taken);
  }
}
