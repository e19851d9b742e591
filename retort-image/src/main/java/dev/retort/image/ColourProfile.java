package dev.retort.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The ICC profile of JPEG and WebP files, by which their readers would convert the colours. Pillow
 * and torchvision, whose networks are to see the same here, take the numbers as they are.
 */
final class ColourProfile {
  private static final byte[] ICC = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);

  /** JPEG's markers, each behind 0xff. */
  private static final int BEGIN = 0xd8;

  private static final int APP2 = 0xe2;

  /** Fills: any number of it may come before a marker. */
  private static final int FILLING = 0xff;

  private static final int SCAN = 0xda;

  /** WebP's flag of a profile. */
  private static final int HAS_PROFILE = 0x20;

  private ColourProfile() {}

  /** The file without its profile; the same array where there is none. */
  static byte[] removed(byte[] file) {
    if (file.length > 4 && marker(file, 0) == BEGIN) {
      return removedFromJpeg(file);
    }
    return file.length > 12 && text(file, 0).equals("RIFF") && text(file, 8).equals("WEBP")
        ? removedFromWebp(file)
        : file;
  }

  /** Segments: marker, length with itself, content; after the first scan there are only pixels. */
  private static byte[] removedFromJpeg(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file);
    ByteArrayOutputStream out = new ByteArrayOutputStream(file.length);
    out.write(file, 0, 2);
    int at = 2;
    while (at + 4 <= file.length && marker(file, at) != SCAN) {
      if (marker(file, at) == FILLING) {
        out.write(file[at++]);
        continue;
      }
      int end = at + 2 + Short.toUnsignedInt(buffer.getShort(at + 2));
      int marker = marker(file, at);
      if (marker < 0 || end > file.length || end < at + 4) {
        return file;
      }
      boolean profile = marker == APP2 && isProfile(file, at + 4, end);
      if (!profile) {
        out.write(file, at, end - at);
      }
      at = end;
    }
    if (out.size() == at) {
      return file;
    }
    out.write(file, at, file.length - at);
    return out.toByteArray();
  }

  /** Chunks: name, length, content, a zero after an odd length. */
  private static byte[] removedFromWebp(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = 12;
    while (at + 8 <= file.length) {
      int length = buffer.getInt(at + 4);
      if (length < 0 || length > file.length - at - 8) {
        return file;
      }
      int end = Math.min(file.length, at + 8 + length + length % 2);
      if (text(file, at).equals("ICCP")) {
        byte[] without = new byte[file.length - (end - at)];
        System.arraycopy(file, 0, without, 0, at);
        System.arraycopy(file, end, without, at, file.length - end);
        ByteBuffer header = ByteBuffer.wrap(without).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(4, buffer.getInt(4) - (end - at));
        if (text(without, 12).equals("VP8X")) {
          without[20] &= ~HAS_PROFILE;
        }
        return without;
      }
      at = end;
    }
    return file;
  }

  private static int marker(byte[] file, int at) {
    return file[at] == (byte) 0xff ? Byte.toUnsignedInt(file[at + 1]) : -1;
  }

  private static boolean isProfile(byte[] file, int at, int end) {
    return at + ICC.length <= end && Arrays.equals(file, at, at + ICC.length, ICC, 0, ICC.length);
  }

  private static String text(byte[] file, int at) {
    return new String(file, at, 4, StandardCharsets.ISO_8859_1);
  }
}
