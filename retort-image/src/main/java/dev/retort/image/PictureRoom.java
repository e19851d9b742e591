package dev.retort.image;

import java.util.concurrent.Semaphore;

/**
 * A share of Java's memory for the pixels of one picture. Where it has no room for those of all
 * threads, they wait for each other, in their order.
 */
public final class PictureRoom implements AutoCloseable {
  /** Of Java's memory, with all copies of a picture that there are at a time. */
  private static final int BYTES_A_PIXEL = 15;

  /** More than nearly all cameras make, and no more than memory allows for. */
  static final int MOST_PIXELS =
      (int) Math.min(100_000_000, Runtime.getRuntime().maxMemory() / BYTES_A_PIXEL);

  private static final Semaphore PIXELS = new Semaphore(MOST_PIXELS, true);

  private final int taken;

  private PictureRoom(int taken) {
    this.taken = taken;
  }

  /**
   * Waits until there is room. A thread must not wait for a second picture's while it has one.
   *
   * @param pixels of the picture; for more than fit at all, it waits until it is alone
   */
  public static PictureRoom take(long pixels) {
    int wanted = (int) Math.min(pixels, MOST_PIXELS);
    PIXELS.acquireUninterruptibly(wanted);
    return new PictureRoom(wanted);
  }

  /** Gives the room back. */
  @Override
  public void close() {
    PIXELS.release(taken);
  }
}
