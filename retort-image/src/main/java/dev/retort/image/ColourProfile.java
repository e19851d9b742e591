package dev.retort.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The ICC profile of JPEG and WebP files, by which their readers would convert the colours. Pillow
 * and torchvision, whose networks are to see the same here, take the numbers as they are.
 */
final class ColourProfile {
  private static final byte[] ICC = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);

  private static final int APP2 = 0xe2;

  /** WebP's flag of a profile. */
  private static final int HAS_PROFILE = 0x20;

  private ColourProfile() {}

  /** The file without its profile; the same array where there is none. */
  static byte[] removed(byte[] file) {
    return isWebp(file) ? removedFromWebp(file) : removedFromJpeg(file);
  }

  static boolean isWebp(byte[] file) {
    return file.length > 12
        && ExifOrientation.text(file, 0).equals("RIFF")
        && ExifOrientation.text(file, 8).equals("WEBP");
  }

  private static byte[] removedFromJpeg(byte[] file) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int done = 0;
    for (JpegSegment segment : JpegSegment.of(file)) {
      if (segment.marker() == APP2 && segment.beginsWith(file, ICC)) {
        out.write(file, done, segment.at() - done);
        done = segment.end();
      }
    }
    if (done == 0) {
      return file;
    }
    out.write(file, done, file.length - done);
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
      if (ExifOrientation.text(file, at).equals("ICCP")) {
        byte[] without = new byte[file.length - (end - at)];
        System.arraycopy(file, 0, without, 0, at);
        System.arraycopy(file, end, without, at, file.length - end);
        ByteBuffer header = ByteBuffer.wrap(without).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(4, buffer.getInt(4) - (end - at));
        if (ExifOrientation.text(without, 12).equals("VP8X")) {
          without[20] &= ~HAS_PROFILE;
        }
        return without;
      }
      at = end;
    }
    return file;
  }
}
