package dev.retort.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of files that are put together here by the standards' tables, byte by byte. */
class ExifOrientationTest {
  private static final int SHORT = 3;

  /** A directory of one entry at 8; {@code next} is the place of another one. */
  private static byte[] tiff(ByteOrder order, int tag, int type, int count, int value, int next) {
    ByteBuffer tiff = ByteBuffer.allocate(64).order(order);
    tiff.put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(StandardCharsets.US_ASCII));
    tiff.putShort((short) 42).putInt(8).putShort((short) 1);
    tiff.putShort((short) tag).putShort((short) type).putInt(count);
    if (type == SHORT) {
      tiff.putShort((short) value).putShort((short) 0);
    } else {
      tiff.putInt(value);
    }
    return tiff.putInt(next).array();
  }

  /** Behind a comment, with a filling byte before the second marker. */
  private static byte[] jpeg(byte[] tiff) {
    ByteBuffer jpeg = ByteBuffer.allocate(2 + 7 + 1 + 4 + 6 + tiff.length + 4);
    jpeg.putShort((short) 0xffd8).putShort((short) 0xfffe).putShort((short) 5);
    jpeg.put("abc".getBytes(StandardCharsets.US_ASCII)).put((byte) 0xff);
    jpeg.putShort((short) 0xffe1).putShort((short) (2 + 6 + tiff.length));
    jpeg.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put(tiff);
    return jpeg.putShort((short) 0xffda).putShort((short) 2).array();
  }

  @ParameterizedTest
  @CsvSource({
    "3, 1, 6, 6",
    "4, 1, 8, 8",
    "3, 1, 1, 1",
    "3, 1, 0, 1",
    "3, 1, 9, 1",
    "3, 2, 6, 1",
    "5, 1, 6, 1"
  })
  void theNumberIsReadInEitherOrderOfBytes(int type, int count, int value, int expected) {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      byte[] tiff = tiff(order, 0x0112, type, count, value, 0);

      assertThat(ExifOrientation.of(tiff)).isEqualTo(expected);
      assertThat(ExifOrientation.of(jpeg(tiff))).isEqualTo(expected);
    }
  }

  @Test
  void thatOfTheSecondDirectoryIsAThumbnailsOrAnotherPages() {
    byte[] first = tiff(ByteOrder.BIG_ENDIAN, 0x0100, SHORT, 1, 640, 26);
    byte[] second = tiff(ByteOrder.BIG_ENDIAN, 0x0112, SHORT, 1, 5, 0);
    byte[] both = Arrays.copyOf(first, 80);
    System.arraycopy(second, 8, both, 26, 18);

    assertThat(ExifOrientation.of(both)).isEqualTo(1);
  }

  /** In a circle, cut short, or of places outside: the pixels are good without it. */
  @Test
  void whatIsDamagedSaysNothing() {
    byte[] circle = tiff(ByteOrder.BIG_ENDIAN, 0x0100, SHORT, 1, 640, 8);
    byte[] outside = tiff(ByteOrder.BIG_ENDIAN, 0x0100, SHORT, 1, 640, 1 << 30);
    byte[] before = tiff(ByteOrder.BIG_ENDIAN, 0x0100, SHORT, 1, 640, -5);
    byte[] whole = jpeg(tiff(ByteOrder.BIG_ENDIAN, 0x0112, SHORT, 1, 6, 0));

    assertThat(ExifOrientation.of(circle)).isEqualTo(1);
    assertThat(ExifOrientation.of(outside)).isEqualTo(1);
    assertThat(ExifOrientation.of(before)).isEqualTo(1);
    for (int length = 0; length < whole.length - 4; length++) {
      assertThat(ExifOrientation.of(Arrays.copyOf(whole, length))).isEqualTo(1);
    }
  }
}
