package dev.retort.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PixelsTest {
  private static final int WIDTH = 3;
  private static final int HEIGHT = 2;

  /** Of pixel i the colours 10 i + 1, 10 i + 2, 10 i + 3, opaque. */
  private static BufferedImage colours(int type, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int i = 0; i < width * height; i++) {
      int value = 10 * i;
      int rgb = (255 << 24) | (value + 1) << 16 | (value + 2) << 8 | (value + 3);
      image.setRGB(i % width, i / width, rgb);
    }
    return image;
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_INT_ARGB_PRE,
        BufferedImage.TYPE_INT_BGR,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_4BYTE_ABGR_PRE
      })
  void everyKindOfPictureInMemoryHasItsColoursInOrder(int type) {
    Pixels pixels = Pixels.of(colours(type, WIDTH, HEIGHT));

    assertThat(pixels.bytes())
        .containsExactly(1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33, 41, 42, 43, 51, 52, 53);
    assertThat(pixels.height()).isEqualTo(HEIGHT);
    assertThat(pixels.width()).isEqualTo(WIDTH);
    assertThat(pixels.channels()).isEqualTo(3);
  }

  /** A part shares the whole's memory, and begins in its middle. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR
      })
  void aPartOfAPictureHasItsOwnPixels(int type) {
    Pixels pixels = Pixels.of(colours(type, 4, 4).getSubimage(1, 2, 2, 1));

    assertThat(pixels.bytes()).containsExactly(91, 92, 93, 101, 102, 103);
  }

  @Test
  void greyIsNotBrightened() {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, 2, 2, new int[] {0, 70, 128, 255});

    assertThat(Pixels.of(image).bytes()).containsExactly(0, 70, (byte) 128, (byte) 255);
    assertThat(Pixels.of(image.getSubimage(1, 0, 1, 2)).bytes()).containsExactly(70, (byte) 255);
    assertThat(Pixels.of(image).channels()).isEqualTo(1);
  }

  /** ITU-R 601: 0.299 · 200 + 0.587 · 100 + 0.114 · 50 = 124.2; and 255 stays. */
  @Test
  void coloursBecomeGreyAndGreyBecomesColours() {
    byte[] colours = {(byte) 200, 100, 50, (byte) 255, (byte) 255, (byte) 255};

    Pixels grey = new Pixels(colours, 1, 2, 3).withChannels(1);

    assertThat(grey.bytes()).containsExactly(124, (byte) 255);
    assertThat(grey.withChannels(3).bytes())
        .containsExactly(124, 124, 124, (byte) 255, (byte) 255, (byte) 255);
  }

  /** Half transparent: 60000 is kept as 30000. 60000 of 65535 is 233.5 of 255. */
  @Test
  void coloursOf16BitsThatWereMultipliedByTheirAlphaAreDividedByIt() {
    ColorSpace rgb = ColorSpace.getInstance(ColorSpace.CS_sRGB);
    ComponentColorModel multiplied =
        new ComponentColorModel(rgb, true, true, Transparency.TRANSLUCENT, DataBuffer.TYPE_USHORT);
    WritableRaster raster = multiplied.createCompatibleWritableRaster(1, 1);
    raster.setPixel(0, 0, new int[] {30000, 0, 15000, 32768});
    BufferedImage image = new BufferedImage(multiplied, raster, true, null);

    assertThat(Byte.toUnsignedInt(Pixels.of(image).bytes()[0])).isBetween(233, 234);
    assertThat(Byte.toUnsignedInt(Pixels.of(image).bytes()[2])).isBetween(116, 117);
  }

  /** 4095 is white, in the memory of 16 bits. */
  @Test
  void greyOf12BitsKeepsTheUpper8OfThem() {
    ComponentColorModel grey =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY),
            new int[] {12},
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster = grey.createCompatibleWritableRaster(3, 1);
    raster.setPixels(0, 0, 3, 1, new int[] {4095, 2048, 15});

    assertThat(Pixels.of(new BufferedImage(grey, raster, false, null)).bytes())
        .containsExactly((byte) 255, (byte) 128, (byte) 0);
  }

  /** Half transparent: 200 is kept as 100. Nothing is left of the last. */
  @Test
  void greyThatWasMultipliedByItsAlphaIsDividedByIt() {
    ComponentColorModel grey =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY),
            true,
            true,
            Transparency.TRANSLUCENT,
            DataBuffer.TYPE_BYTE);
    WritableRaster raster = grey.createCompatibleWritableRaster(3, 1);
    raster.setPixels(0, 0, 3, 1, new int[] {100, 128, 70, 255, 0, 0});

    assertThat(Pixels.of(new BufferedImage(grey, raster, true, null)).bytes())
        .containsExactly((byte) 199, (byte) 70, (byte) 0);
  }

  @Test
  void measurementsAreRefused() {
    ColorSpace grey = ColorSpace.getInstance(ColorSpace.CS_GRAY);
    ComponentColorModel floats =
        new ComponentColorModel(grey, false, false, 1, DataBuffer.TYPE_FLOAT);
    WritableRaster raster = floats.createCompatibleWritableRaster(1, 1);
    BufferedImage image = new BufferedImage(floats, raster, false, null);

    assertThatThrownBy(() -> Pixels.of(image))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("its values are neither grey nor RGB of 8 or 16 bits");
  }

  /** As of one picture in a buffer of several. */
  @Test
  void thePixelsMayBeginAfterOthersInMemory() {
    byte[] memory = {9, 9, 10, 20, 30, 40};
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new java.awt.image.DataBufferByte(memory, 4, 2), 2, 2, 2, 1, new int[] {0}, null);
    BufferedImage grey =
        new BufferedImage(
            new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY).getColorModel(),
            raster,
            false,
            null);

    assertThat(Pixels.of(grey).bytes()).containsExactly(10, 20, 30, 40);
  }

  /** Two rows of stride 4 in a picture of width 3. */
  @Test
  void rowsMayBeFurtherApartThanTheyAreLong() {
    int[] memory = {0x010203, 0x111213, 0x212223, 0, 0x313233, 0x414243, 0x515253, 0};
    WritableRaster raster =
        Raster.createPackedRaster(
            new java.awt.image.DataBufferInt(memory, memory.length),
            WIDTH,
            HEIGHT,
            4,
            new int[] {0xff0000, 0xff00, 0xff},
            null);
    BufferedImage image =
        new BufferedImage(
            new java.awt.image.DirectColorModel(24, 0xff0000, 0xff00, 0xff), raster, false, null);

    assertThat(Pixels.of(image).bytes())
        .containsExactly(1, 2, 3, 17, 18, 19, 33, 34, 35, 49, 50, 51, 65, 66, 67, 81, 82, 83);
  }
}
