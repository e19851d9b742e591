package dev.retort.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The texts and suggested palettes of PNG files, which say nothing of the pixels. Java's reader
 * unpacks them all, however much memory that takes.
 */
final class PngExtras {
  private static final Set<String> NAMES = Set.of("tEXt", "zTXt", "iTXt", "sPLT");

  /** Length, name and checksum of a chunk. */
  private static final int FRAME_BYTES = 12;

  private PngExtras() {}

  /** The file without them; the same array where there are none. */
  static byte[] removed(byte[] file) {
    if (!ExifOrientation.startsWith(file, 0, ExifOrientation.PNG)) {
      return file;
    }
    ByteBuffer buffer = ByteBuffer.wrap(file);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int done = 0;
    int at = ExifOrientation.PNG.length;
    while (at + FRAME_BYTES <= file.length) {
      int length = buffer.getInt(at);
      if (length < 0 || length > file.length - at - FRAME_BYTES) {
        break; // cut off: its reader finds it
      }
      int end = at + FRAME_BYTES + length;
      if (NAMES.contains(new String(file, at + 4, 4, StandardCharsets.ISO_8859_1))) {
        out.write(file, done, at - done);
        done = end;
      }
      at = end;
    }
    if (done == 0) {
      return file;
    }
    out.write(file, done, file.length - done);
    return out.toByteArray();
  }
}
