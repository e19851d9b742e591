package dev.retort.data;

import com.twelvemonkeys.imageio.metadata.Directory;
import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The Exif orientation of PNG and WebP files, which their readers pass over, and of TIFF files,
 * whose reader mistakes two of them. The former are chunks with a name and a length, one of which
 * holds the Exif data, a TIFF directory.
 */
final class ExifOrientation {
  private static final int TAG = 0x0112;
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final byte[] LITTLE_ENDIAN_TIFF = {'I', 'I', 42, 0};
  private static final byte[] BIG_ENDIAN_TIFF = {'M', 'M', 0, 42};
  private static final byte[] TIFF_AFTER_NAME = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  private ExifOrientation() {}

  /** 1 … 8 as in the Exif standard; 1, upright, where the file says nothing. */
  static int of(byte[] file) {
    byte[] exif = exif(file);
    if (exif == null) {
      return 1;
    }
    try {
      Directory directory = new TIFFReader().read(new ByteArrayImageInputStream(exif));
      Entry entry = directory.getEntryById(TAG);
      return entry != null && entry.getValue() instanceof Number number ? number.intValue() : 1;
    } catch (IOException | RuntimeException e) {
      return 1; // the pixels are good without it
    }
  }

  private static byte @Nullable [] exif(byte[] file) {
    if (startsWith(file, 0, LITTLE_ENDIAN_TIFF) || startsWith(file, 0, BIG_ENDIAN_TIFF)) {
      return file;
    }
    if (startsWith(file, 0, PNG)) {
      // length, name, content, checksum
      return chunk(file, PNG.length, ByteOrder.BIG_ENDIAN, 0, 4, "eXIf", 4);
    }
    if (file.length > 12 && text(file, 0).equals("RIFF") && text(file, 8).equals("WEBP")) {
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
        int start = at + 8 + (startsWith(file, at + 8, TIFF_AFTER_NAME) ? 6 : 0);
        return Arrays.copyOfRange(file, start, at + 8 + length);
      }
      at += 8 + length + (after == 0 ? length % 2 : after);
    }
    return null;
  }

  private static String text(byte[] file, int at) {
    return new String(file, at, 4, StandardCharsets.ISO_8859_1);
  }

  private static boolean startsWith(byte[] file, int at, byte[] prefix) {
    int end = at + prefix.length;
    return end <= file.length && Arrays.equals(file, at, end, prefix, 0, prefix.length);
  }
}
