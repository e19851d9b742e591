package dev.retort.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The Exif orientation of JPEG, PNG and WebP files, which Java's readers pass over, and of TIFF
 * files, whose reader mistakes two of them. The former hold the Exif data, a TIFF directory, in a
 * segment or chunk with a name and a length.
 */
public final class ExifOrientation {
  private static final int TAG = 0x0112;
  private static final int BYTE = 1;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  /** An entry of a directory: tag, type, count, value. */
  private static final int ENTRY_BYTES = 12;

  private static final int APP1 = 0xe1;
  static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final byte[] LITTLE_ENDIAN_TIFF = {'I', 'I', 42, 0};
  private static final byte[] BIG_ENDIAN_TIFF = {'M', 'M', 0, 42};
  private static final byte[] TIFF_AFTER_NAME = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  private ExifOrientation() {}

  /** 1 … 8 as in the Exif standard; 1, upright, where the file says nothing. */
  public static int of(byte[] file) {
    byte[] exif = exif(file);
    try {
      return exif == null ? 1 : inFirstDirectory(ByteBuffer.wrap(exif));
    } catch (IndexOutOfBoundsException e) {
      return 1; // cut short or no directory; the pixels are good without it
    }
  }

  /** In the first directory: the second is that of a thumbnail, or of another page. */
  private static int inFirstDirectory(ByteBuffer exif) {
    exif.order(exif.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int at = exif.getInt(4);
    int end = at + 2 + Short.toUnsignedInt(exif.getShort(at)) * ENTRY_BYTES;
    for (int entry = at + 2; entry < end; entry += ENTRY_BYTES) {
      if (Short.toUnsignedInt(exif.getShort(entry)) == TAG) {
        int value = exif.getInt(entry + 4) == 1 ? number(exif, entry) : 1;
        return value >= 1 && value <= 8 ? value : 1;
      }
    }
    return 1;
  }

  private static int number(ByteBuffer exif, int entry) {
    return switch (exif.getShort(entry + 2)) {
      case BYTE -> Byte.toUnsignedInt(exif.get(entry + 8));
      case SHORT -> Short.toUnsignedInt(exif.getShort(entry + 8));
      case LONG -> exif.getInt(entry + 8);
      default -> 1;
    };
  }

  private static byte @Nullable [] exif(byte[] file) {
    if (startsWith(file, 0, LITTLE_ENDIAN_TIFF) || startsWith(file, 0, BIG_ENDIAN_TIFF)) {
      return file;
    }
    for (JpegSegment segment : JpegSegment.of(file)) {
      if (segment.marker() == APP1 && segment.beginsWith(file, TIFF_AFTER_NAME)) {
        return Arrays.copyOfRange(file, segment.content() + TIFF_AFTER_NAME.length, segment.end());
      }
    }
    if (startsWith(file, 0, PNG)) {
      // length, name, content, checksum
      return chunk(file, PNG.length, ByteOrder.BIG_ENDIAN, 0, 4, "eXIf", 4);
    }
    if (ColourProfile.isWebp(file)) {
      // name, length, content, a zero after an odd length
      return chunk(file, 12, ByteOrder.LITTLE_ENDIAN, 4, 0, "EXIF", 0);
    }
    return null;
  }

  private static byte @Nullable [] chunk(
      byte[] file, int first, ByteOrder order, int lengthAt, int nameAt, String name, int after) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(order);
    int at = first;
    while (at + 8 <= file.length) {
      int length = buffer.getInt(at + lengthAt);
      if (length < 0 || length > file.length - at - 8) {
        return null;
      }
      if (text(file, at + nameAt).equals(name)) {
        int start =
            at + 8 + (startsWith(file, at + 8, TIFF_AFTER_NAME) ? TIFF_AFTER_NAME.length : 0);
        return Arrays.copyOfRange(file, start, at + 8 + length);
      }
      at += 8 + length + (after == 0 ? length % 2 : after);
    }
    return null;
  }

  /** A chunk's name of four letters. */
  static String text(byte[] file, int at) {
    return new String(file, at, 4, StandardCharsets.ISO_8859_1);
  }

  static boolean startsWith(byte[] file, int at, byte[] prefix) {
    int end = at + prefix.length;
    return end <= file.length && Arrays.equals(file, at, end, prefix, 0, prefix.length);
  }
}
