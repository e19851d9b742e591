package dev.retort.data;

/**
 * A window on one image's pixels, row by row with interleaved channels: the value of channel c at
 * row y, column x is {@code pixels[offset + (y · width + x) · channels + c]}, an unsigned byte. One
 * view serves many images in turn; who reads through it must not write.
 */
public final class PixelView {
  private static final int KEPT = 1 << 22;

  private byte[] pixels = new byte[0];
  private byte[] room = new byte[0];
  private int offset;
  private int channels;
  private int height;
  private int width;

  /** Points this view at an image. */
  public void set(byte[] pixels, int offset, ImageShape shape) {
    this.pixels = pixels;
    this.offset = offset;
    this.channels = shape.channels();
    this.height = shape.height();
    this.width = shape.width();
  }

  /**
   * An array for an image that is no array in memory. One that is no larger than {@link #KEPT} is
   * used again; whole photographs of all threads together would fill Java's heap.
   */
  byte[] room(int bytes) {
    if (bytes > KEPT) {
      pixels = room; // the former one goes before this one comes
      return new byte[bytes];
    }
    if (room.length < bytes) {
      room = new byte[bytes];
    }
    return room;
  }

  public byte[] pixels() {
    return pixels;
  }

  public int offset() {
    return offset;
  }

  public int channels() {
    return channels;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }
}
