package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.data.ImageFile.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against Pillow's reading and scaling; {@code golden_pictures.py} made the files. */
class ImageFileTest {
  @TempDir Path folder;

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
    "cmyk.jpg, 3"
  })
  void everyFormHasThePixelsThatPillowReadsUpright(String name, int tolerance) throws IOException {
    Picture picture = ImageFile.read(file(name));

    assertClose(picture, golden(name), tolerance);
  }

  @ParameterizedTest
  @CsvSource({"32, 32", "20, 33", "100, 70"})
  void aPictureIsScaledToCoverAndCutInTheMiddleAsPillowAndTorchvisionDo(int width, int height)
      throws IOException {
    Picture large = ImageFile.read(file("large.png"));

    Picture fitted = Resizing.fit(large, new ImageShape(3, height, width));

    assertClose(fitted, golden("large to " + width + "x" + height), 1);
  }

  @Test
  void theMiddleOfALargerScaledPictureIsPillowsToo() throws IOException {
    Picture large = ImageFile.read(file("large.png"));

    Picture fitted = Resizing.fit(large, new ImageShape(3, 32, 32), 32.0 / 40);

    assertClose(fitted, golden("large to 32 of 40"), 1);
  }

  @Test
  void aPartIsScaledAsPillowDoes() throws IOException {
    Picture large = ImageFile.read(file("large.png"));

    Picture part =
        Resizing.crop(large, new RandomResizedCrop.Box(3, 7, 22, 31), new ImageShape(3, 16, 16));

    assertClose(part, golden("part of large"), 1);
  }

  @Test
  void coloursBecomeGreyByTheStandardsWeightsAndGreyThreeEqualColours() throws IOException {
    Picture large = ImageFile.read(file("large.png"));

    Picture grey = Resizing.fit(large, new ImageShape(1, 37, 61));
    Picture back = Resizing.fit(grey, new ImageShape(3, 37, 61));

    assertClose(grey, golden("large to grey"), 1);
    assertThat(Arrays.copyOf(back.pixels(), 3)).containsOnly(grey.pixels()[0]);
  }

  @Test
  void aPictureOfTheRightSizeIsLeftAsItIs() throws IOException {
    Picture picture = ImageFile.read(file("rgb.png"));

    assertThat(Resizing.fit(picture, new ImageShape(3, 16, 24)).pixels())
        .isEqualTo(picture.pixels());
  }

  @Test
  void aDamagedFileIsRefusedByNameAndNotReadInPart() throws IOException {
    byte[] jpeg = Files.readAllBytes(file("orientation1.jpg"));
    byte[] png = Files.readAllBytes(file("rgb.png"));

    assertRefused("cut.jpg", Arrays.copyOf(jpeg, jpeg.length * 2 / 3), "damaged");
    assertRefused("cut.png", Arrays.copyOf(png, png.length * 2 / 3), "damaged");
    assertRefused("empty.png", new byte[0], "the file is empty");
    assertRefused(
        "text.jpg", "not a picture".getBytes(StandardCharsets.UTF_8), "no picture in JPEG, PNG");
    assertThatThrownBy(() -> ImageFile.read(folder.resolve("none.png")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void aHeaderThatDeclaresAHugePictureIsRefusedBeforeItIsDecoded() throws IOException {
    byte[] png = Files.readAllBytes(file("rgb.png"));
    // The header chunk: length, IHDR, width, height, five bytes, checksum.
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 65_535).putInt(20, 65_535);
    CRC32 checksum = new CRC32();
    checksum.update(png, 12, 17);
    header.putInt(29, (int) checksum.getValue());

    assertRefused("huge.png", png, "too large: 65535 x 65535 pixels");
  }

  private void assertRefused(String name, byte[] content, String reason) throws IOException {
    Path file = Files.write(folder.resolve(name), content);
    assertThatThrownBy(() -> ImageFile.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file + ": ")
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

  private Path file(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream picture = ImageFileTest.class.getResourceAsStream("pictures/" + name)) {
      Files.copy(picture, file);
    }
    return file;
  }
}
