package dev.retort.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferInt;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * A picture's pixels in its own size.
 *
 * @param bytes row by row with interleaved channels, unsigned: {@code [height, width, channels]};
 *     they may be those of the picture that it was made of, and are not copied
 * @param height in pixels
 * @param width in pixels
 * @param channels 1 for grey, 3 for RGB
 */
public record Pixels(byte[] bytes, int height, int width, int channels) {
  static final String NEITHER = "its values are neither grey nor RGB of 8 or 16 bits";

  /**
   * Those of a picture in memory: grey ones have one channel. Transparency is left out.
   *
   * @throws IllegalArgumentException if its values are neither grey nor RGB of at most 16 bits:
   *     TIFF also holds measurements, which would become black pictures, and inks
   */
  public static Pixels of(BufferedImage image) {
    requireGreyOrColours(image);
    int width = image.getWidth();
    int height = image.getHeight();
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      return new Pixels(grey(image), height, width, 1);
    }
    return new Pixels(colours(image), height, width, 3);
  }

  private static void requireGreyOrColours(BufferedImage image) {
    int space = image.getColorModel().getColorSpace().getType();
    int type = image.getRaster().getTransferType();
    boolean measured =
        image.getColorModel() instanceof ComponentColorModel
            && type != DataBuffer.TYPE_BYTE
            && type != DataBuffer.TYPE_USHORT;
    if (measured || (space != ColorSpace.TYPE_GRAY && space != ColorSpace.TYPE_RGB)) {
      throw new IllegalArgumentException(NEITHER);
    }
  }

  private static byte[] colours(BufferedImage image) {
    if (isDeep(image)) {
      return upperHalves(image.getRaster());
    }
    if (image.getColorModel() instanceof ComponentColorModel model
        && model.getColorSpace().isCS_sRGB()
        && model.getTransferType() == DataBuffer.TYPE_BYTE
        && !model.isAlphaPremultiplied()
        && image.getRaster().getParent() == null
        && image.getSampleModel() instanceof PixelInterleavedSampleModel samples
        && image.getRaster().getDataBuffer() instanceof DataBufferByte data) {
      return interleaved(data, samples);
    }
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] pixels = new byte[3 * width * height];
    if ((image.getType() == BufferedImage.TYPE_INT_RGB
            || image.getType() == BufferedImage.TYPE_INT_ARGB)
        && image.getRaster().getParent() == null
        && image.getRaster().getDataBuffer() instanceof DataBufferInt data
        && data.getData().length == width * height) {
      unpack(data.getData(), pixels, 0);
      return pixels;
    }
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      unpack(row, pixels, 3 * width * y);
    }
    return pixels;
  }

  private static void unpack(int[] colours, byte[] pixels, int first) {
    int at = first;
    for (int rgb : colours) {
      pixels[at++] = (byte) (rgb >> 16);
      pixels[at++] = (byte) (rgb >> 8);
      pixels[at++] = (byte) rgb;
    }
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
    int red = offsets[0];
    int green = offsets[1];
    int blue = offsets[2];
    int to = 0;
    for (int y = 0; y < height; y++) {
      int from = data.getOffset() + y * samples.getScanlineStride();
      for (int x = 0; x < width; x++, from += step, to += 3) {
        pixels[to] = in[from + red];
        pixels[to + 1] = in[from + green];
        pixels[to + 2] = in[from + blue];
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
        && model.getNumColorComponents() == 3
        && !model.isAlphaPremultiplied();
  }

  private static byte[] upperHalves(Raster raster) {
    int width = raster.getWidth();
    byte[] pixels = new byte[3 * width * raster.getHeight()];
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int channel = 0; channel < 3; channel++) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, channel, row);
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
  private static byte[] grey(BufferedImage image) {
    Raster raster = image.getRaster();
    int width = raster.getWidth();
    if (image.getType() == BufferedImage.TYPE_BYTE_GRAY
        && raster.getParent() == null
        && raster.getDataBuffer() instanceof DataBufferByte data
        && data.getData().length == width * raster.getHeight()) {
      return data.getData();
    }
    ColorModel model = image.getColorModel();
    int bits = model.getComponentSize(0); // the memory of a value may have more
    int[] alpha = new int[model.hasAlpha() && model.isAlphaPremultiplied() ? width : 0];
    byte[] pixels = new byte[width * raster.getHeight()];
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      if (alpha.length > 0) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 1, alpha);
        divide(row, (1 << bits) - 1, alpha, (1 << model.getComponentSize(1)) - 1);
      }
      for (int x = 0; x < width; x++) {
        int value = bits > 8 ? row[x] >> (bits - 8) : row[x] * 255 / ((1 << bits) - 1);
        pixels[y * width + x] = (byte) value;
      }
    }
    return pixels;
  }

  /** Undoes that values of 0 … white were multiplied by their alpha, as Java does for colours. */
  private static void divide(int[] values, int white, int[] alpha, int opaque) {
    for (int x = 0; x < values.length; x++) {
      double value = alpha[x] == 0 ? 0 : (double) values[x] * opaque / alpha[x];
      values[x] = (int) Math.min(white, Math.round(value));
    }
  }

  /**
   * With so many channels: colours become grey by ITU-R 601's weights, grey becomes so many equal
   * channels.
   *
   * @throws IllegalArgumentException if colours are to become neither colours nor grey
   */
  public Pixels withChannels(int wanted) {
    if (channels == wanted) {
      return this;
    }
    int area = height * width;
    byte[] out = new byte[area * wanted];
    if (channels == 3 && wanted == 1) {
      for (int i = 0; i < area; i++) {
        int red = Byte.toUnsignedInt(bytes[3 * i]);
        int green = Byte.toUnsignedInt(bytes[3 * i + 1]);
        int blue = Byte.toUnsignedInt(bytes[3 * i + 2]);
        out[i] = (byte) Math.round(0.299f * red + 0.587f * green + 0.114f * blue);
      }
    } else if (channels == 1) {
      for (int i = 0; i < out.length; i++) {
        out[i] = bytes[i / wanted];
      }
    } else {
      throw new IllegalArgumentException(
          ("images of %s channels cannot be brought to the %s that a network reads; grey and"
                  + " colours can")
              .formatted(channels, wanted));
    }
    return new Pixels(out, height, width, wanted);
  }

  /**
   * Upright.
   *
   * @param orientation what the Exif standard calls so, 1 … 8; others change nothing
   */
  Pixels turned(int orientation) {
    return switch (orientation) {
      case 2 -> turned(false, false, true);
      case 3 -> turned(false, true, true);
      case 4 -> turned(false, true, false);
      case 5 -> turned(true, false, false);
      case 6 -> turned(true, false, true);
      case 7 -> turned(true, true, true);
      case 8 -> turned(true, true, false);
      default -> this;
    };
  }

  /** Transposes on request, then reverses the order of rows, or of columns, on request. */
  private Pixels turned(boolean transpose, boolean reverseRows, boolean reverseColumns) {
    int rows = transpose ? width : height;
    int columns = transpose ? height : width;
    byte[] out = new byte[bytes.length];
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        int row = reverseRows ? rows - 1 - y : y;
        int column = reverseColumns ? columns - 1 - x : x;
        int source = transpose ? column * width + row : row * width + column;
        System.arraycopy(bytes, source * channels, out, (y * columns + x) * channels, channels);
      }
    }
    return new Pixels(out, rows, columns, channels);
  }
}
