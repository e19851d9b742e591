package dev.retort.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataFormatImpl;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Reads pictures from files: JPEG, PNG, BMP and GIF. A picture is turned as its Exif orientation
 * says, colours are taken as sRGB, transparency is left out, and 16-bit values lose their lower
 * half.
 */
public final class ImageFile {
  /** More than the cameras of our day make, and 400 MB as Java decodes it. */
  private static final long MAXIMUM_PIXELS = 100_000_000;

  private static final Pattern DAMAGE =
      Pattern.compile("truncat|premature|corrupt", Pattern.CASE_INSENSITIVE);

  private ImageFile() {}

  /**
   * A picture's pixels in its own size.
   *
   * @param pixels row by row with interleaved channels, unsigned
   * @param shape 1 channel for a grey picture, else 3 for RGB
   */
  public record Picture(byte[] pixels, ImageShape shape) {}

  /**
   * Reads a picture in its own size.
   *
   * @throws DataException if the file is missing, is no picture of these formats, is damaged, or
   *     declares more than a hundred million pixels
   */
  public static Picture read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new DataException(file + ": no such file");
      }
      if (Files.size(file) == 0) {
        throw new DataException(file + ": the file is empty");
      }
      // A stream on the file itself: ImageIO's own would copy it into a cache folder.
      try (ImageInputStream stream = new FileImageInputStream(file.toFile())) {
        return read(file, stream);
      }
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Picture read(Path file, ImageInputStream stream) throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
    if (!readers.hasNext()) {
      throw new DataException(file + ": no picture in JPEG, PNG, BMP or GIF");
    }
    ImageReader reader = readers.next();
    try {
      reader.setInput(stream, true, false);
      reader.addIIOReadWarningListener(
          (source, warning) -> {
            if (DAMAGE.matcher(warning).find()) {
              throw new DataException(file + ": damaged: " + warning.toLowerCase(Locale.ROOT));
            }
          });
      long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
      if (pixels > MAXIMUM_PIXELS) {
        throw new DataException(
            file + ": too large: " + reader.getWidth(0) + " x " + reader.getHeight(0) + " pixels");
      }
      BufferedImage image = reader.read(0);
      return turned(pixels(image), orientation(reader.getImageMetadata(0)));
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Of files that are not what they say, the readers throw whatever happens to fail.
      throw new DataException(file + ": damaged: " + e.getMessage(), e);
    } finally {
      reader.dispose();
    }
  }

  private static Picture pixels(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      return new Picture(grey(image.getRaster()), new ImageShape(1, height, width));
    }
    byte[] pixels = new byte[3 * width * height];
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int rgb : row) {
        pixels[at++] = (byte) (rgb >> 16);
        pixels[at++] = (byte) (rgb >> 8);
        pixels[at++] = (byte) rgb;
      }
    }
    return new Picture(pixels, new ImageShape(3, height, width));
  }

  /**
   * The samples themselves: Java takes grey values for linear light, and would brighten them on
   * their way to sRGB.
   */
  private static byte[] grey(Raster raster) {
    int width = raster.getWidth();
    int bits = raster.getSampleModel().getSampleSize(0);
    byte[] pixels = new byte[width * raster.getHeight()];
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        int value = bits > 8 ? row[x] >> (bits - 8) : row[x] * 255 / ((1 << bits) - 1);
        pixels[y * width + x] = (byte) value;
      }
    }
    return pixels;
  }

  /** How the picture must be changed to stand upright, in the words of Java's standard metadata. */
  private static String orientation(@Nullable IIOMetadata metadata) {
    if (metadata == null || !metadata.isStandardMetadataFormatSupported()) {
      return "Normal";
    }
    Element root = (Element) metadata.getAsTree(IIOMetadataFormatImpl.standardMetadataFormatName);
    NodeList orientations = root.getElementsByTagName("ImageOrientation");
    return orientations.getLength() == 0
        ? "Normal"
        : ((Element) orientations.item(0)).getAttribute("value");
  }

  private static Picture turned(Picture picture, String orientation) {
    return switch (orientation) {
      case "Rotate90" -> turned(picture, true, true, false);
      case "Rotate180" -> turned(picture, false, true, true);
      case "Rotate270" -> turned(picture, true, false, true);
      case "FlipH" -> turned(picture, false, false, true);
      case "FlipV" -> turned(picture, false, true, false);
      case "FlipHRotate90" -> turned(picture, true, true, true);
      case "FlipVRotate90" -> turned(picture, true, false, false);
      default -> picture;
    };
  }

  /** Transposes on request, then reverses the order of rows, or of columns, on request. */
  private static Picture turned(
      Picture picture, boolean transpose, boolean reverseRows, boolean reverseColumns) {
    ImageShape from = picture.shape();
    int channels = from.channels();
    int height = transpose ? from.width() : from.height();
    int width = transpose ? from.height() : from.width();
    byte[] pixels = new byte[picture.pixels().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int row = reverseRows ? height - 1 - y : y;
        int column = reverseColumns ? width - 1 - x : x;
        int source = transpose ? column * from.width() + row : row * from.width() + column;
        System.arraycopy(
            picture.pixels(), source * channels, pixels, (y * width + x) * channels, channels);
      }
    }
    return new Picture(pixels, new ImageShape(channels, height, width));
  }
}
