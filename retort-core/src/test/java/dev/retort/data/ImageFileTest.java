package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.data.ImageFile.Picture;
import dev.retort.image.ImageDecoder;
import dev.retort.image.Pixels;
import dev.retort.image.UnreadableImageException;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Pillow's reading and scaling; {@code golden_pictures.py} made the files. */
class ImageFileTest {
  @ParameterizedTest
  @CsvSource({
    "orientation1.jpg, 2",
    "orientation2.jpg, 2",
    "orientation3.jpg, 2",
    "orientation4.jpg, 2",
    "orientation5.jpg, 2",
    "orientation6.jpg, 2",
    "orientation7.jpg, 2",
    "orientation8.jpg, 2",
    "rgb.png, 0",
    "rgb.bmp, 0",
    "palette.gif, 0",
    "transparent.png, 0",
    "grey.png, 0",
    "grey.jpg, 2",
    "grey16.png, 0",
    "rgb16.png, 0",
    "rgb.webp, 0",
    // The decoder repeats colours of pairs of pixels where Pillow's interpolates them.
    "lossy.webp, 15",
    "turned.webp, 0",
    "turned.png, 0",
    "cmyk.jpg, 3",
    "rgb.tif, 0",
    "jpeg.tif, 2",
    // Its colours have 16 bits, which one rounds and the other cuts.
    "palette.tif, 1",
    "grey.tiff, 0",
    "bilevel.tif, 0",
    "transparent.tif, 0",
    "turned5.tif, 0",
    "turned6.tif, 0",
    "turned7.tif, 0"
  })
  void everyFormHasThePixelsThatPillowReadsUpright(String name, int tolerance) throws IOException {
    Picture picture = read(name);

    assertClose(picture, golden(name), tolerance);
  }

  /** Of many blocks: a decoder predicts each from those before it, and carries errors on. */
  @Test
  void aLossyWebpHasTheGreyThatPillowReads() throws IOException {
    Picture picture = read("waves.webp");
    Picture expected = golden("waves.webp");

    double sum = 0;
    for (int i = 0; i < expected.pixels().length; i++) {
      sum +=
          Math.abs(
              Byte.toUnsignedInt(picture.pixels()[i]) - Byte.toUnsignedInt(expected.pixels()[i]));
    }
    assertThat(sum / expected.pixels().length).as("the mean difference").isLessThan(1);
  }

  private static Pixels decoded(byte[] bytes) throws IOException {
    return ImageDecoder.decode(bytes, (height, width) -> height * width, Function.identity());
  }

  /** Where a student serves, there are no other readers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "orientation1.jpg",
        "orientation2.jpg",
        "orientation3.jpg",
        "orientation4.jpg",
        "orientation5.jpg",
        "orientation6.jpg",
        "orientation7.jpg",
        "orientation8.jpg",
        "grey.jpg",
        "rgb.png",
        "grey.png",
        "grey16.png",
        "rgb16.png",
        "transparent.png",
        "turned.png"
      })
  void javasOwnReadersReadTheSamePixels(String name) throws IOException {
    Pixels pixels = decoded(bytes(name));

    Picture picture = read(name);
    assertThat(pixels.bytes()).isEqualTo(picture.pixels());
    assertThat(new ImageShape(pixels.channels(), pixels.height(), pixels.width()))
        .isEqualTo(picture.shape());
  }

  @ParameterizedTest
  @CsvSource({
    "cmyk.jpg, its values are neither grey nor RGB of 8 or 16 bits: convert it,",
    "palette.gif, no picture in JPEG or PNG",
    "rgb.bmp, no picture in JPEG or PNG",
    "rgb.webp, no picture in JPEG or PNG",
    "rgb.tif, no picture in JPEG or PNG"
  })
  void javasOwnReadersRefuseTheRest(String name, String reason) throws IOException {
    byte[] bytes = bytes(name);

    assertThatThrownBy(() -> decoded(bytes))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageStartingWith(reason);
  }

  @ParameterizedTest
  @CsvSource({"32, 32", "20, 33", "100, 70"})
  void aPictureIsScaledToCoverAndCutInTheMiddleAsPillowAndTorchvisionDo(int width, int height)
      throws IOException {
    Picture large = read("large.png");

    Picture fitted = Resizing.fit(large, new ImageShape(3, height, width));

    assertClose(fitted, golden("large to " + width + "x" + height), 0);
  }

  /**
   * Eight pixels of the middle of a line of 20,001, eight times enlarged: their centres lie 0.4375,
   * 0.3125, … away from that of pixel 10,000, the only one that is not black.
   */
  @Test
  void ofAThinPictureOnlyTheMiddleIsScaled() {
    byte[] line = new byte[20_001];
    line[10_000] = 80;

    Picture fitted =
        Resizing.fit(new Picture(line, new ImageShape(1, 1, 20_001)), new ImageShape(1, 8, 8));

    byte[] expected = {45, 55, 65, 75, 75, 65, 55, 45};
    for (int y = 0; y < 8; y++) {
      assertThat(Arrays.copyOfRange(fitted.pixels(), 8 * y, 8 * y + 8)).isEqualTo(expected);
    }
  }

  private static byte[] withProfile(byte[] jpeg, byte[] profile) {
    ByteBuffer file = ByteBuffer.allocate(jpeg.length + 18 + profile.length);
    file.put(jpeg, 0, 2).putShort((short) 0xffe2).putShort((short) (16 + profile.length));
    file.put("ICC_PROFILE\0\1\1".getBytes(StandardCharsets.US_ASCII)).put(profile);
    return file.put(jpeg, 2, jpeg.length - 2).array();
  }

  /** Pillow makes RGB of four inks without the file's profile. */
  @ParameterizedTest
  @ValueSource(strings = {"orientation1.jpg", "cmyk.jpg"})
  void aProfileOfAJpegChangesNoPixel(String name) throws IOException {
    byte[] jpeg = bytes(name);
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    if (name.startsWith("cmyk")) {
      System.arraycopy("CMYK".getBytes(StandardCharsets.US_ASCII), 0, profile, 16, 4);
    }

    assertThat(ImageFile.read("profiled.jpg", withProfile(jpeg, profile)).pixels())
        .isEqualTo(ImageFile.read("plain.jpg", jpeg).pixels());
  }

  /** As old cameras leave them; Pillow reads the file without a word. */
  @Test
  void bytesTooManyBeforeAMarkerHarmNoPixel() throws IOException {
    byte[] jpeg = bytes("orientation1.jpg");
    byte[] longer = Arrays.copyOf(jpeg, jpeg.length + 3);
    System.arraycopy(jpeg, jpeg.length - 2, longer, longer.length - 2, 2);
    Arrays.fill(longer, jpeg.length - 2, longer.length - 2, (byte) 1);

    assertThat(ImageFile.read("longer.jpg", longer).pixels())
        .isEqualTo(ImageFile.read("plain.jpg", jpeg).pixels());
  }

  /** A profile of linear light would brighten every pixel; Pillow takes them as they are. */
  @Test
  void aProfileOfAWebpChangesNoPixel() throws IOException {
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    byte[] webp = bytes("rgb.webp");

    int padded = profile.length + profile.length % 2;
    ByteBuffer inWebp = ByteBuffer.allocate(webp.length + 18 + 8 + padded);
    inWebp.order(ByteOrder.LITTLE_ENDIAN).put(webp, 0, 12).putInt(4, inWebp.capacity() - 8);
    inWebp.put("VP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10).putInt(0x30);
    inWebp.put(new byte[] {23, 0, 0, 15, 0, 0}); // 24 x 16 pixels, less one each
    inWebp.put("ICCP".getBytes(StandardCharsets.US_ASCII)).putInt(profile.length).put(profile);
    inWebp.position(inWebp.position() + padded - profile.length).put(webp, 12, webp.length - 12);

    assertThat(ImageFile.read("profiled.webp", inWebp.array()).pixels())
        .isEqualTo(ImageFile.read("plain.webp", webp).pixels());
  }

  @Test
  void theMiddleOfALargerScaledPictureIsPillowsToo() throws IOException {
    Picture large = read("large.png");

    Picture fitted = Resizing.fit(large, new ImageShape(3, 32, 32), 32.0 / 40);

    assertClose(fitted, golden("large to 32 of 40"), 0);
  }

  @Test
  void aPartIsScaledAsPillowDoes() throws IOException {
    Picture large = read("large.png");

    Picture part =
        Resizing.crop(large, new RandomResizedCrop.Box(3, 7, 22, 31), new ImageShape(3, 16, 16));

    assertClose(part, golden("part of large"), 0);
  }

  @Test
  void coloursBecomeGreyByTheStandardsWeightsAndGreyThreeEqualColours() throws IOException {
    Picture large = read("large.png");

    Picture grey = Resizing.fit(large, new ImageShape(1, 37, 61));
    Picture back = Resizing.fit(grey, new ImageShape(3, 37, 61));

    assertClose(grey, golden("large to grey"), 1);
    assertThat(Arrays.copyOf(back.pixels(), 3)).containsOnly(grey.pixels()[0]);
  }

  @Test
  void aPictureOfTheRightSizeIsLeftAsItIs() throws IOException {
    Picture picture = read("rgb.png");

    assertThat(Resizing.fit(picture, new ImageShape(3, 16, 24)).pixels())
        .isEqualTo(picture.pixels());
  }

  /** The numbers 0 to 143, said to be of linear light; Pillow takes them as they are. */
  @Test
  void aProfileOfATiffChangesNoPixel() throws IOException {
    ColorModel linear =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_LINEAR_RGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_BYTE);
    WritableRaster raster = linear.createCompatibleWritableRaster(8, 6);
    byte[] numbers = new byte[8 * 6 * 3];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (byte) i;
    }
    raster.setDataElements(0, 0, 8, 6, numbers);
    ByteArrayOutputStream tiff = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(linear, raster, false, null), "tiff", tiff);

    assertThat(ImageFile.read("linear.tif", tiff.toByteArray()).pixels()).isEqualTo(numbers);
  }

  /** Its reader would fill the rest with other pixels. */
  @Test
  void aCutWebpIsRefusedWhereverItIsCut() throws IOException {
    byte[] webp = bytes("rgb.webp");
    for (int length = 1; length < webp.length - 1; length++) {
      byte[] cut = Arrays.copyOf(webp, length);

      assertThatThrownBy(() -> ImageFile.read("cut.webp", cut))
          .as("the first %d of %d bytes", length, webp.length)
          .isInstanceOf(DataException.class);
    }
  }

  @Test
  void aDamagedFileIsRefusedByNameAndNotReadInPart() throws IOException {
    byte[] jpeg = bytes("orientation1.jpg");
    byte[] png = bytes("rgb.png");

    assertRefused("cut.jpg", Arrays.copyOf(jpeg, jpeg.length * 2 / 3), "damaged");
    assertRefused("cut.png", Arrays.copyOf(png, png.length * 2 / 3), "damaged");
    assertRefused("cut.bmp", Arrays.copyOf(bytes("rgb.bmp"), 200), "damaged: the file ends too");
    assertRefused("cut.tif", Arrays.copyOf(bytes("rgb.tif"), 200), "damaged: ");
    assertRefused("empty.png", new byte[0], "the file is empty");
    assertRefused(
        "text.jpg", "not a picture".getBytes(StandardCharsets.UTF_8), "no picture in JPEG, PNG");
  }

  /**
   * As grey values, fractions and 32-bit integers would be black, and Java's inks are not Pillow's.
   */
  @ParameterizedTest
  @ValueSource(strings = {"float.tif", "integers.tif", "cmyk.tif"})
  void aTiffOfMeasurementsOrInksIsRefused(String name) throws IOException {
    assertThatThrownBy(() -> read(name))
        .isInstanceOf(DataException.class)
        .hasMessage(
            name + ": its values are neither grey nor RGB of 8 or 16 bits: convert it, say to PNG");
  }

  @Test
  void aHeaderThatDeclaresAHugePictureIsRefusedBeforeItIsDecoded() throws IOException {
    byte[] png = bytes("rgb.png");
    // The header chunk: length, IHDR, width, height, five bytes, checksum.
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 65_535).putInt(20, 65_535);
    CRC32 checksum = new CRC32();
    checksum.update(png, 12, 17);
    header.putInt(29, (int) checksum.getValue());

    assertRefused("huge.png", png, "too large: 65535 x 65535 pixels");
  }

  /**
   * Java's reader takes memory for such a JPEG's own size, and reads each of its scans, however
   * small the picture is said to be.
   */
  @Test
  void aJpegInsideATiffIsNoLargerThanTheTiff() throws IOException {
    byte[] tiff = bytes("jpeg.tif"); // of 24 x 16 pixels, with tables of its own
    byte[] large = tiff.clone();
    for (int i = 0; i + 1 < large.length; i++) {
      if (large[i] == (byte) 0xff && large[i + 1] == (byte) 0xc0) { // the frame's header
        ByteBuffer.wrap(large).putShort(i + 5, (short) 46_000).putShort(i + 7, (short) 46_000);
      }
    }
    byte[] endless = tiff.clone();
    for (int i = 0; i + 1 < endless.length; i++) {
      if (endless[i] == (byte) 0xff && endless[i + 1] == (byte) 0xd9) {
        endless[i + 1] = 0;
      }
    }

    assertRefused("large.tif", large, "damaged: a JPEG in it has no possible size, or no end");
    assertRefused("endless.tif", endless, "damaged: a JPEG in it has no possible size, or no end");
  }

  @Test
  void aJpegOrPngInsideABmpIsRefused() throws IOException {
    byte[] bmp = bytes("rgb.bmp");
    for (int compression : new int[] {4, 5}) { // BI_JPEG, BI_PNG
      ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(30, compression);
      assertRefused("made.bmp", bmp, "a BMP with a JPEG or a PNG inside");
    }
  }

  /** One flipped bit: Java's reader throws what names no file, or takes two gigabytes. */
  @Test
  void aTiffWithOneBitFlippedIsDamaged() throws IOException {
    byte[] tiff = tiff("Deflate");

    assertRefused("wide.tif", flipped(tiff, 256), "damaged: it has no possible size");
    assertRefused("long.tif", flipped(tiff, 279), "damaged: a part of it is longer than the file");
  }

  private static byte[] tiff(String compression) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    parameters.setCompressionType(compression);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(file)) {
      writer.setOutput(out);
      BufferedImage picture = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
      writer.write(null, new IIOImage(picture, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  /** With one high bit set in a tag's first value: of the width (256) bit 31, else bit 30. */
  private static byte[] flipped(byte[] tiff, int tag) {
    ByteBuffer file = ByteBuffer.wrap(tiff.clone());
    file.order(tiff[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = file.getInt(4);
    for (int i = 0; i < file.getShort(directory); i++) {
      int entry = directory + 2 + 12 * i;
      if (Short.toUnsignedInt(file.getShort(entry)) == tag) {
        int values = file.getInt(entry + 4) > 1 ? file.getInt(entry + 8) : entry + 8;
        file.putShort(entry + 2, (short) 4).putInt(entry + 4, 1); // one LONG
        file.putInt(entry + 8, file.getInt(values) | (tag == 256 ? 1 << 31 : 1 << 30));
      }
    }
    return file.array();
  }

  /** As everywhere in a study. */
  @Test
  void anInterruptCancelsTheReadingAndIsNoFaultOfThePicture() throws IOException {
    byte[] png = bytes("rgb.png");

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> ImageFile.read("rgb.png", png))
        .isInstanceOf(CancellationException.class)
        .hasMessage("rgb.png: interrupted while waiting for memory");
    assertThat(Thread.interrupted()).as("the thread is still interrupted").isTrue();
  }

  private static void assertRefused(String name, byte[] content, String reason) {
    assertThatThrownBy(() -> ImageFile.read(name, content))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(name + ": ")
        .hasMessageContaining(reason);
  }

  private static void assertClose(Picture actual, Picture expected, int tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    int worst = 0;
    for (int i = 0; i < expected.pixels().length; i++) {
      int difference =
          Byte.toUnsignedInt(actual.pixels()[i]) - Byte.toUnsignedInt(expected.pixels()[i]);
      worst = Math.max(worst, Math.abs(difference));
    }
    assertThat(worst).as("the largest difference of a value").isLessThanOrEqualTo(tolerance);
  }

  private static Picture golden(String name) throws IOException {
    try (InputStream json = ImageFileTest.class.getResourceAsStream("pictures/golden.json")) {
      JsonNode picture = new ObjectMapper().readTree(json).get(name);
      return new Picture(
          Base64.getDecoder().decode(picture.get("pixels").asText()),
          new ImageShape(
              picture.get("channels").asInt(),
              picture.get("height").asInt(),
              picture.get("width").asInt()));
    }
  }

  private static Picture read(String name) throws IOException {
    return ImageFile.read(name, bytes(name));
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream picture = ImageFileTest.class.getResourceAsStream("pictures/" + name)) {
      return picture.readAllBytes();
    }
  }
}
