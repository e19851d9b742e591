package dev.retort.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Function;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Of a picture of one colour, written as YCbCr without subsampling, whose JFIF segment goes. */
class ColourTransformTest {
  private static final Color COLOUR = new Color(200, 60, 40);
  private static final String FORMAT = "javax_imageio_jpeg_image_1.0";

  private static byte[] jpeg() throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(COLOUR);
    graphics.fillRect(0, 0, 16, 16);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
    Element root = (Element) metadata.getAsTree(FORMAT);
    NodeList components = root.getElementsByTagName("componentSpec");
    for (int i = 0; i < components.getLength(); i++) {
      ((Element) components.item(i)).setAttribute("HsamplingFactor", "1");
      ((Element) components.item(i)).setAttribute("VsamplingFactor", "1");
    }
    metadata.setFromTree(FORMAT, root);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, metadata), null);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Without JFIF's segment, and with components that are numbered from {@code first}. */
  private static byte[] renumbered(byte[] jfif, int first) {
    JpegSegment header = JpegSegment.of(jfif).get(0);
    byte[] file = new byte[jfif.length - (header.end() - header.at())];
    System.arraycopy(jfif, 0, file, 0, header.at());
    System.arraycopy(jfif, header.end(), file, header.at(), jfif.length - header.end());
    int scan = 0;
    for (JpegSegment segment : JpegSegment.of(file)) {
      if (segment.marker() == 0xc0) {
        for (int i = 0; i < 3; i++) {
          file[segment.content() + 6 + 3 * i] = (byte) (first + i);
        }
      }
      scan = segment.end();
    }
    for (int i = 0; i < 3; i++) {
      file[scan + 5 + 2 * i] = (byte) (first + i);
    }
    return file;
  }

  /** As libjpeg has them; Java's reader takes the last two for RGB. */
  @ParameterizedTest
  @ValueSource(ints = {1, 0, 34})
  void coloursAreYcbcrHoweverComponentsAreNumbered(int first) throws IOException {
    Pixels pixels = ImageDecoderTest.decode(renumbered(jpeg(), first), Function.identity());

    assertThat(Byte.toUnsignedInt(pixels.bytes()[0])).isCloseTo(COLOUR.getRed(), within(2));
    assertThat(Byte.toUnsignedInt(pixels.bytes()[1])).isCloseTo(COLOUR.getGreen(), within(2));
    assertThat(Byte.toUnsignedInt(pixels.bytes()[2])).isCloseTo(COLOUR.getBlue(), within(2));
  }

  /** With Adobe's segment behind the file's first bytes. */
  private static byte[] withAdobe(byte[] jpeg, int transform) {
    byte[] adobe = {
      (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform
    };
    JpegSegment first = JpegSegment.of(jpeg).get(0);
    int at = first.marker() == 0xe0 ? first.end() : first.at();
    byte[] file = new byte[jpeg.length + adobe.length];
    System.arraycopy(jpeg, 0, file, 0, at);
    System.arraycopy(adobe, 0, file, at, adobe.length);
    System.arraycopy(jpeg, at, file, at + adobe.length, jpeg.length - at);
    return file;
  }

  /** As libjpeg has it: a value that Adobe does not define is YCbCr, and so is JFIF with any. */
  @ParameterizedTest
  @CsvSource({"true, 0", "true, 2", "true, 255", "false, 2", "false, 3", "false, 255"})
  void coloursAreYcbcrWhereJfifOrNothingThatIsDefinedTells(boolean jfif, int transform)
      throws IOException {
    byte[] file = withAdobe(jfif ? jpeg() : renumbered(jpeg(), 1), transform);

    assertThat(ImageDecoderTest.decode(file, Pixels::bytes))
        .isEqualTo(ImageDecoderTest.decode(jpeg(), Pixels::bytes));
  }

  @Test
  void whatAdobeTellsOfFilesWithoutJfifIsLeftAsItIs() throws IOException {
    for (int transform = 0; transform < 2; transform++) {
      byte[] file = withAdobe(renumbered(jpeg(), 1), transform);

      assertThat(ColourTransform.told(file)).isSameAs(file);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 'R'})
  void aFileThatTellsByItsNumbersIsLeftAsItIs(int first) throws IOException {
    byte[] file = renumbered(jpeg(), first);
    if (first == 'R') {
      byte[] letters = {'R', 'G', 'B'};
      JpegSegment frame =
          JpegSegment.of(file).stream().filter(s -> s.marker() == 0xc0).findFirst().orElseThrow();
      for (int i = 0; i < 3; i++) {
        file[frame.content() + 6 + 3 * i] = letters[i];
      }
    }

    assertThat(ColourTransform.told(file)).isSameAs(file);
    assertThat(ColourTransform.told(jpeg())).isEqualTo(jpeg());
    assertThat(ColourTransform.told(Arrays.copyOf(file, 3))).hasSize(3);
  }
}
