package dev.retort.data;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import dev.retort.engine.FileFailure;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataFormatImpl;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Reads pictures from files: JPEG, PNG, BMP, GIF, WebP and TIFF, of several the first. A picture is
 * turned as its Exif orientation says, colours are taken as sRGB whatever their profile,
 * transparency is left out, and 16-bit values lose their lower half.
 */
public final class ImageFile {
  /**
   * Raise it where the same file gives other pixels: what is kept of pictures, the digests of data
   * and kept outputs of teachers are then made anew. {@code PixelVersionsTest} pins the pixels.
   */
  static final int VERSION = 1;

  /** More than nearly all cameras make, and no more than memory allows for with its copies. */
  private static final long MAXIMUM_PIXELS =
      Math.min(100_000_000, Runtime.getRuntime().maxMemory() / 16);

  /** Two of more than these pixels are not decoded at the same time. */
  private static final long LARGE = MAXIMUM_PIXELS / 8;

  private static final Object ONE_LARGE_AT_A_TIME = new Object();

  /** Of Exif's numbers the words that Java's standard metadata have for them. */
  private static final Map<Integer, String> ORIENTATIONS =
      Map.of(
          2, "FlipH",
          3, "Rotate180",
          4, "FlipV",
          5, "FlipVRotate90",
          6, "Rotate270",
          7, "FlipHRotate90",
          8, "Rotate90");

  /** The orientations under which rows are columns. */
  private static final Set<String> LYING =
      Set.of("Rotate90", "Rotate270", "FlipHRotate90", "FlipVRotate90");

  private static final long MAXIMUM_BYTES = 1L << 30;

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
   *     declares more pixels than memory allows for, a hundred million at most
   */
  public static Picture read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new DataException(file + ": no such file");
      }
      if (Files.size(file) > MAXIMUM_BYTES) {
        throw new DataException(file + ": larger than a gigabyte");
      }
      return read(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /**
   * Reads a picture from the bytes of its file.
   *
   * @param place where they come from, for messages
   * @throws DataException likewise
   */
  static Picture read(String place, byte[] bytes) {
    if (bytes.length == 0) {
      throw new DataException(place + ": the file is empty");
    }
    try (ImageInputStream stream = new ByteArrayImageInputStream(ColourProfile.removed(bytes))) {
      return read(place, stream, bytes);
    } catch (IOException e) {
      throw new DataException(place + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /** A picture's size upright, from its header; nothing if that cannot be read. */
  static Optional<ImageShape> size(EncodedImages images, int index) {
    try {
      byte[] bytes = images.read(index);
      ImageInputStream stream = new ByteArrayImageInputStream(bytes);
      String place = images.place(index);
      ImageReader reader = reader(place, stream);
      try {
        reader.setInput(stream, true, false);
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        boolean lies = LYING.contains(orientation(reader.getImageMetadata(0), bytes));
        return Optional.of(new ImageShape(3, lies ? width : height, lies ? height : width));
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // decoding it will report why
    }
  }

  private static ImageReader reader(String file, ImageInputStream stream) {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
    if (!readers.hasNext()) {
      throw new DataException(file + ": no picture in JPEG, PNG, BMP, GIF, WebP or TIFF");
    }
    return readers.next();
  }

  private static Picture read(String file, ImageInputStream stream, byte[] bytes)
      throws IOException {
    ImageReader reader = reader(file, stream);
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
      if (pixels > LARGE) {
        synchronized (ONE_LARGE_AT_A_TIME) {
          return decode(file, reader, bytes);
        }
      }
      return decode(file, reader, bytes);
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Of files that are not what they say, the readers throw whatever happens to fail.
      throw new DataException(file + ": damaged: " + e.getMessage(), e);
    } finally {
      reader.dispose();
    }
  }

  private static Picture decode(String file, ImageReader reader, byte[] bytes) throws IOException {
    BufferedImage image = reader.read(0, redFirst(reader));
    requireGreyOrColours(file, image);
    return turned(pixels(image), orientation(reader.getImageMetadata(0), bytes));
  }

  /**
   * Asks for a JPEG, which Java would decode blue first, in the order that is wanted: else each
   * pixel would be turned round twice. Not all other readers follow this request.
   */
  private static ImageReadParam redFirst(ImageReader reader) throws IOException {
    ImageReadParam parameters = reader.getDefaultReadParam();
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    if (reader.getFormatName().equalsIgnoreCase("jpeg")
        && types.hasNext()
        && types.next().getBufferedImageType() == BufferedImage.TYPE_3BYTE_BGR) {
      parameters.setDestination(
          ImageTypeSpecifier.createInterleaved(
                  ColorSpace.getInstance(ColorSpace.CS_sRGB),
                  new int[] {0, 1, 2},
                  DataBuffer.TYPE_BYTE,
                  false,
                  false)
              .createBufferedImage(reader.getWidth(0), reader.getHeight(0)));
    }
    return parameters;
  }

  /** TIFF also holds measurements, which would become black pictures, and inks. */
  private static void requireGreyOrColours(String file, BufferedImage image) {
    int space = image.getColorModel().getColorSpace().getType();
    int type = image.getRaster().getTransferType();
    boolean measured =
        image.getColorModel() instanceof ComponentColorModel
            && type != DataBuffer.TYPE_BYTE
            && type != DataBuffer.TYPE_USHORT;
    if (measured || (space != ColorSpace.TYPE_GRAY && space != ColorSpace.TYPE_RGB)) {
      throw new DataException(
          file + ": its values are neither grey nor RGB of 8 or 16 bits: convert it, say to PNG");
    }
  }

  private static Picture pixels(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      return new Picture(grey(image.getRaster()), new ImageShape(1, height, width));
    }
    if (isDeep(image)) {
      return new Picture(upperHalves(image.getRaster()), new ImageShape(3, height, width));
    }
    if (image.getColorModel() instanceof ComponentColorModel model
        && model.getColorSpace().isCS_sRGB()
        && model.getTransferType() == DataBuffer.TYPE_BYTE
        && !model.isAlphaPremultiplied()
        && image.getSampleModel() instanceof PixelInterleavedSampleModel samples
        && image.getRaster().getDataBuffer() instanceof DataBufferByte data) {
      return new Picture(interleaved(data, samples), new ImageShape(3, height, width));
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

  /** The colours of pixels that are bytes side by side already, in whatever order. */
  private static byte[] interleaved(DataBufferByte data, PixelInterleavedSampleModel samples) {
    int width = samples.getWidth();
    int height = samples.getHeight();
    int step = samples.getPixelStride();
    int[] offsets = samples.getBandOffsets();
    byte[] in = data.getData();
    if (step == 3
        && samples.getScanlineStride() == 3 * width
        && in.length == 3 * width * height
        && Arrays.equals(offsets, new int[] {0, 1, 2})) {
      return in;
    }
    byte[] pixels = new byte[3 * width * height];
    int to = 0;
    for (int y = 0; y < height; y++) {
      int from = data.getOffset() + y * samples.getScanlineStride();
      for (int x = 0; x < width; x++, from += step) {
        pixels[to++] = in[from + offsets[0]];
        pixels[to++] = in[from + offsets[1]];
        pixels[to++] = in[from + offsets[2]];
      }
    }
    return pixels;
  }

  /** RGB of 16 bits a channel, which Java would round where others cut. */
  private static boolean isDeep(BufferedImage image) {
    ColorModel model = image.getColorModel();
    return model instanceof ComponentColorModel
        && model.getColorSpace().isCS_sRGB()
        && model.getComponentSize(0) == 16
        && model.getNumColorComponents() == 3;
  }

  private static byte[] upperHalves(Raster raster) {
    int width = raster.getWidth();
    byte[] pixels = new byte[3 * width * raster.getHeight()];
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int channel = 0; channel < 3; channel++) {
        raster.getSamples(0, y, width, 1, channel, row);
        for (int x = 0; x < width; x++) {
          pixels[(y * width + x) * 3 + channel] = (byte) (row[x] >> 8);
        }
      }
    }
    return pixels;
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
  private static String orientation(@Nullable IIOMetadata metadata, byte[] bytes) {
    String passedOver = ORIENTATIONS.getOrDefault(ExifOrientation.of(bytes), "Normal");
    if (!passedOver.equals("Normal")
        || metadata == null
        || !metadata.isStandardMetadataFormatSupported()) {
      return passedOver;
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
