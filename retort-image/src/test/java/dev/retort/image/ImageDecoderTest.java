package dev.retort.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;
import java.util.zip.CRC32;
import javax.imageio.IIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No picture, however it is made, takes more than its pixels do, and others bear no blame. */
class ImageDecoderTest {
  private static final String LACKING =
      "Java's memory (-Xmx) has no room for it; a larger heap (-Xmx) or a smaller picture helps";

  /** With room for the picture as it is. */
  static <T> T decode(byte[] file, Function<Pixels, T> use) throws IOException {
    return ImageDecoder.decode(file, (height, width) -> height * width, use);
  }

  private static BufferedImage picture() {
    BufferedImage image = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 24 * 16; i++) {
      image.setRGB(i % 24, i / 24, 0x10a0f0 + 3 * i);
    }
    return image;
  }

  private static byte[] png() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(picture(), "png", out);
    return out.toByteArray();
  }

  private static byte[] progressive() throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.write(null, new IIOImage(picture(), null, null), parameters);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** A few kilobytes of scans would otherwise take seconds, and megabytes minutes. */
  @Test
  void aJpegOfManyScansIsRefused() throws IOException {
    byte[] plain = progressive();
    byte[] many = withMoreScans(plain, 100);

    assertThat(JpegSegment.scans(plain).count()).isBetween(5, 15);
    assertThat(JpegSegment.scans(many).count()).isEqualTo(JpegSegment.scans(plain).count() + 100);
    assertThat(decode(plain, Pixels::width)).isEqualTo(24);
    assertThatThrownBy(() -> decode(many, Pixels::width))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage("it has more than 100 scans, as no camera or program makes");
  }

  /** The last of them again and again. */
  private static byte[] withMoreScans(byte[] jpeg, int more) {
    int last = lastScan(jpeg);
    int end = jpeg.length - 2; // the marker of the end
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, end);
    for (int i = 0; i < more; i++) {
      many.write(jpeg, last, end - last);
    }
    many.write(jpeg, end, 2);
    return many.toByteArray();
  }

  /** Its header says 5000 x 5000 pixels. 80 scans of these are two thousand million pixels. */
  @Test
  void aLargeJpegMayHaveFewerScans() throws IOException {
    byte[] large = progressive();
    JpegSegment frame =
        JpegSegment.of(large).stream().filter(s -> s.marker() == 0xc2).findFirst().orElseThrow();
    // Precision, height, width.
    ByteBuffer.wrap(large)
        .putShort(frame.content() + 1, (short) 5000)
        .putShort(frame.content() + 3, (short) 5000);
    byte[] most = withMoreScans(large, 80 - JpegSegment.scans(large).count());
    byte[] many = withMoreScans(most, 1);
    LongBinaryOperator accepted =
        (height, width) -> {
          throw new IllegalStateException("it is about to be decoded");
        };

    assertThatThrownBy(() -> ImageDecoder.decode(most, accepted, Pixels::width))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ImageDecoder.decode(many, accepted, Pixels::width))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage(
            "it has 81 scans of 25,000,000 pixels, and of all together at most 2,000,000,000"
                + " pixels are read");
  }

  /** Java's reader would go on to what follows, whose scans would not have been counted. */
  @Test
  void aJpegThatEndsBeforeItsFirstScanIsRefused() throws IOException {
    byte[] plain = progressive();
    byte[] end = {(byte) 0xff, (byte) 0xd9};
    int afterHeader = plain.length;
    for (JpegSegment segment : JpegSegment.of(plain)) {
      afterHeader = segment.end();
    }

    byte[] prefixed = ByteBuffer.allocate(plain.length + 4).putInt(0xffd8ffd9).put(plain).array();
    byte[] ended = inserted(plain, afterHeader, end);

    for (byte[] file : List.of(prefixed, ended)) {
      assertThatThrownBy(() -> decode(file, Pixels::width))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessage("damaged: it ends before its first scan");
    }
  }

  private static int lastScan(byte[] jpeg) {
    int at = jpeg.length - 2;
    while (jpeg[at] != (byte) 0xff || jpeg[at + 1] != (byte) 0xda) {
      at--;
    }
    return at;
  }

  /** What is behind the end, as a camera's second picture, is not the picture's. */
  @Test
  void scansBehindTheEndDoNotCount() throws IOException {
    byte[] plain = progressive();
    byte[] twice = Arrays.copyOf(plain, 2 * plain.length);
    System.arraycopy(plain, 0, twice, plain.length, plain.length);

    assertThat(JpegSegment.scans(twice).count()).isEqualTo(JpegSegment.scans(plain).count());
    assertThat(JpegSegment.scans(png()).count()).isZero();
  }

  @Test
  void aJpegsSegmentsAreListedUpToANumber() {
    byte[] file = new byte[2 + 4 * 20_000];
    ByteBuffer buffer = ByteBuffer.wrap(file).putShort((short) 0xffd8);
    while (buffer.hasRemaining()) {
      buffer.putInt(0xffe50002);
    }
    assertThat(JpegSegment.of(file)).hasSize(10_000);
  }

  /** Java's reader would unpack them: a megabyte of texts takes a gigabyte. */
  @Test
  void thePixelsOfAPngAreReadWithoutItsTextsAndSuggestedPalettes() throws IOException {
    byte[] plain = png();
    byte[] packed = chunk("zTXt", "Title\0\0which is not packed at all");
    ByteArrayOutputStream texts = new ByteArrayOutputStream();
    texts.writeBytes(packed);
    texts.writeBytes(chunk("tEXt", "Title\0a"));
    texts.writeBytes(chunk("iTXt", "Title\0\1\0\0\0nor is this"));
    texts.writeBytes(chunk("sPLT", "Palette\0\3of a depth that there is not"));
    int afterHeader = 8 + 25;
    byte[] with = inserted(plain, afterHeader, texts.toByteArray());
    byte[] behind = inserted(plain, plain.length - 12, texts.toByteArray());
    byte[] cut = Arrays.copyOf(with, afterHeader + packed.length - 1);

    assertThat(PngExtras.removed(with)).isEqualTo(plain);
    assertThat(PngExtras.removed(behind)).isEqualTo(plain);
    assertThat(PngExtras.removed(plain)).isSameAs(plain);
    assertThat(PngExtras.removed(cut)).as("its reader refuses it").isSameAs(cut);
    assertThat(decode(with, Pixels::bytes)).isEqualTo(Pixels.of(picture()).bytes());
  }

  private static byte[] inserted(byte[] file, int at, byte[] added) {
    return ByteBuffer.allocate(file.length + added.length)
        .put(file, 0, at)
        .put(added)
        .put(file, at, file.length - at)
        .array();
  }

  private static byte[] chunk(String name, String content) {
    byte[] body = (name + content).getBytes(StandardCharsets.ISO_8859_1);
    CRC32 checksum = new CRC32();
    checksum.update(body);
    return ByteBuffer.allocate(body.length + 8)
        .putInt(body.length - 4)
        .put(body)
        .putInt((int) checksum.getValue())
        .array();
  }

  /** A service would refuse a good picture, and a data set would lose it. */
  @Test
  void aLackOfMemoryIsNoFaultOfThePicture() throws IOException {
    byte[] file = png();
    for (ImageDecoder.Readers short_ :
        new ImageDecoder.Readers[] {
          stream -> {
            throw new IIOException("Caught exception during read: ", new OutOfMemoryError());
          },
          stream -> {
            throw new OutOfMemoryError();
          }
        }) {
      assertThatThrownBy(() -> ImageDecoder.decode(file, short_, Pixels::width))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(UnreadableImageException.class)
          .hasMessage(LACKING);
    }
    Function<Pixels, Integer> large =
        pixels -> {
          throw new OutOfMemoryError();
        };
    assertThatThrownBy(() -> decode(file, large))
        .as("of memory for what is made of it")
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(UnreadableImageException.class)
        .hasMessage(LACKING);
  }

  /** While the one picture is in use, which takes all memory, the other waits. */
  @Test
  void picturesWaitForRoomAndGiveItBack() throws Exception {
    CountDownLatch decoded = new CountDownLatch(1);
    Thread other;
    try (PictureRoom all = PictureRoom.take(Long.MAX_VALUE)) {
      other =
          new Thread(
              () -> {
                try {
                  decode(png(), Pixels::width);
                  decoded.countDown();
                } catch (IOException e) {
                  // It is not counted.
                }
              });
      other.start();
      assertThat(decoded.await(200, TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(decoded.await(10, TimeUnit.SECONDS)).isTrue();
    PictureRoom.take(PictureRoom.ROOM).close();
  }

  /** The largest one leaves room for others where the heap has any: else a large heap were idle. */
  @Test
  @Timeout(20)
  void theLargestPictureTakesNoMoreThanItsShare() throws Exception {
    assumeThat(PictureRoom.ROOM).as("a heap of 1.5 GB").isGreaterThan(100_000_000);
    try (PictureRoom largest = PictureRoom.take(PictureRoom.MOST_PIXELS);
        PictureRoom other = PictureRoom.take(PictureRoom.ROOM - PictureRoom.MOST_PIXELS)) {
      // It did not wait.
    }
  }

  /** So the message of Java 17 and newer begins. */
  @Test
  void aLackOfMemoryOutsideTheHeapNamesItsOption() {
    assertThat(
            PictureRoom.lacking(
                new OutOfMemoryError(
                    "Cannot reserve 16777216 bytes of direct buffer memory (allocated: 8192, limit: 10485760)")))
        .hasMessage(
            "Java has no room for it outside its heap; a larger -XX:MaxDirectMemorySize or a smaller picture helps");
  }

  /** 100 · 16 − 25 · 24 are 1,000 pixels, for which there is room, and not for one more. */
  @Test
  void roomIsTakenForWhatIsMadeOfAPictureAndAnInterruptEndsTheWait() throws Exception {
    byte[] file = png();
    LongBinaryOperator room = (height, width) -> 100 * height - 25 * width;
    LongBinaryOperator more = (height, width) -> room.applyAsLong(height, width) + 1;
    try (PictureRoom others = PictureRoom.take(PictureRoom.ROOM - 1000)) {
      assertThat(ImageDecoder.decode(file, room, Pixels::width)).isEqualTo(24);

      FutureTask<Integer> larger =
          new FutureTask<>(() -> ImageDecoder.decode(file, more, Pixels::width));
      Thread thread = new Thread(larger);
      thread.start();
      assertThatThrownBy(() -> larger.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      thread.interrupt();
      assertThatThrownBy(() -> larger.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(InterruptedIOException.class)
          .hasRootCauseMessage("interrupted while waiting for memory");
    }
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> PictureRoom.take(1)).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).as("the thread is still interrupted").isTrue();
    PictureRoom.take(PictureRoom.ROOM).close();
  }
}
