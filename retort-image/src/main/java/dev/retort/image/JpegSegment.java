package dev.retort.image;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A segment of a JPEG file in front of its first scan: behind 0xff a marker, a length that counts
 * itself, and content.
 *
 * @param marker the byte behind 0xff
 * @param at where the 0xff is
 * @param content where the content begins
 * @param end where the segment ends
 */
record JpegSegment(int marker, int at, int content, int end) {
  private static final int BEGIN = 0xd8;
  private static final int SCAN = 0xda;
  private static final int END = 0xd9;

  /** SOF0 to SOF15, without tables (DHT, DAC) and what is reserved (JPG). */
  private static final Set<Integer> FRAMES =
      Set.of(0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf);

  /** A file of empty ones has a million of them, and each takes memory. */
  private static final int MOST = 10_000;

  /**
   * The segments in the file's order, as far as they are whole, ten thousand at most; none of what
   * is no JPEG. Any number of bytes may fill the space before a 0xff.
   */
  static List<JpegSegment> of(byte[] file) {
    List<JpegSegment> segments = new ArrayList<>();
    if (file.length < 4 || !isBegin(file, 0)) {
      return segments;
    }
    ByteBuffer buffer = ByteBuffer.wrap(file);
    int at = 2;
    while (at + 4 <= file.length && segments.size() < MOST) {
      int marker = marker(file, at);
      if (marker <= 0 || marker == 0xff) {
        at++;
        continue;
      }
      int end = at + 2 + Short.toUnsignedInt(buffer.getShort(at + 2));
      if (marker == SCAN || marker == END || end < at + 4 || end > file.length) {
        break;
      }
      segments.add(new JpegSegment(marker, at, at + 4, end));
      at = end;
    }
    return segments;
  }

  /**
   * What is found on the way to a file's end.
   *
   * @param count how many scans it has; 0 of what is no JPEG. A progressive one has ten or so, and
   *     each is read over the whole picture
   * @param ends whether it has an end: else Java's reader would go on to what is behind it
   */
  record Scans(int count, boolean ends) {}

  /**
   * The scans of a file.
   *
   * @throws UnreadableImageException if its end is in front of them: Java's reader would go on to a
   *     picture behind it, whose scans and segments nobody else has seen
   */
  static Scans scans(byte[] file) throws UnreadableImageException {
    if (file.length < 4 || !isBegin(file, 0)) {
      return new Scans(0, false);
    }
    ByteBuffer buffer = ByteBuffer.wrap(file);
    int scans = 0;
    int at = 2;
    while (at + 2 <= file.length) {
      int marker = marker(file, at);
      if (marker == END && scans == 0) {
        throw new UnreadableImageException("damaged: it ends before its first scan");
      }
      if (marker == END) {
        return new Scans(scans, true);
      }
      // Between markers are the values of a scan, in which a zero or a restart is behind each 0xff.
      boolean isSegment = marker > 1 && marker < 0xff && (marker < 0xd0 || marker > 0xd8);
      if (isSegment && at + 4 > file.length) {
        break;
      }
      scans += marker == SCAN ? 1 : 0;
      at += isSegment ? 2 + Short.toUnsignedInt(buffer.getShort(at + 2)) : 1;
    }
    return new Scans(scans, false);
  }

  /** How many pixels a file declares in front of its first scan; 0 where it does not. */
  static long pixels(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file);
    return of(file).stream()
        .filter(segment -> segment.isFrame() && segment.content + 5 <= segment.end)
        .mapToLong(
            frame ->
                (long) Short.toUnsignedInt(buffer.getShort(frame.content + 1))
                    * Short.toUnsignedInt(buffer.getShort(frame.content + 3)))
        .max()
        .orElse(0);
  }

  /** Whether a picture begins at a place. */
  static boolean isBegin(byte[] file, int at) {
    return marker(file, at) == BEGIN;
  }

  /** Whether a picture ends at a place. */
  static boolean isEnd(byte[] file, int at) {
    return marker(file, at) == END;
  }

  private static int marker(byte[] file, int at) {
    return file[at] == (byte) 0xff ? Byte.toUnsignedInt(file[at + 1]) : -1;
  }

  /** Whether it declares a picture's size and components. */
  boolean isFrame() {
    return FRAMES.contains(marker);
  }

  /** Whether its content begins so. */
  boolean beginsWith(byte[] file, byte[] name) {
    return content + name.length <= end
        && Arrays.equals(file, content, content + name.length, name, 0, name.length);
  }
}
