package dev.retort.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes pictures from the bytes of their files. A picture is turned as its Exif orientation says,
 * colours are taken as sRGB whatever their profile, transparency is left out, and 16-bit values
 * lose their lower half. Where a change here gives other pixels, {@code VERSION} of retort-core's
 * {@code ImageFile} must be raised.
 *
 * <p>Threads may decode at the same time. They wait for each other where Java's memory, as it is
 * when {@link PictureRoom} is loaded, has no room for all pictures.
 */
public final class ImageDecoder {
  /** Of a JPEG; encoders write a dozen. A small file of thousands takes minutes to decode. */
  private static final int MOST_SCANS = 100;

  /** Of all scans, each of which is read over the whole picture: 20 scans of the largest ones. */
  static final long MOST_PIXELS_OF_SCANS = 2_000_000_000;

  /** A few stray bytes before a marker are some cameras'; inside a scan, or more, are damage. */
  private static final Pattern DAMAGE =
      Pattern.compile(
          "truncat|premature|corrupt(?!.* \\d{1,2} extraneous bytes before marker 0x(?!d[0-7]))",
          Pattern.CASE_INSENSITIVE);

  /** BI_JPEG and BI_PNG. */
  private static final Set<Integer> PICTURES_IN_BMP = Set.of(4, 5);

  private static final Set<String> JAVAS_FORMATS = Set.of("jpeg", "png");

  private ImageDecoder() {}

  /** Chooses who reads a file. */
  @FunctionalInterface
  public interface Readers {
    /**
     * A reader without an input.
     *
     * @param stream the file, which stays at its beginning
     * @throws UnreadableImageException if nobody reads it
     * @throws IOException if {@code stream} cannot be read
     */
    ImageReader reader(ImageInputStream stream) throws IOException;
  }

  /**
   * Decodes a JPEG or PNG by Java's own readers, whichever others are on the class path.
   *
   * @param file the file's bytes
   * @param room of a height and a width, which turning may exchange: how many pixels to take room
   *     for before the picture is decoded. What it throws is thrown.
   * @param use what is made of the pixels, for which their memory is kept free
   * @throws UnreadableImageException if it is neither, is damaged, has other colours than grey and
   *     RGB, or declares more pixels than memory allows for, a hundred million at most
   * @throws IOException if Java's memory has no room for it, or for what is made of it, through no
   *     fault of the picture's
   * @throws java.io.InterruptedIOException if the thread is interrupted before there is room
   */
  public static <T> T decode(byte[] file, LongBinaryOperator room, Function<Pixels, T> use)
      throws IOException {
    return decode(file, ImageDecoder::javasOwn, room, use);
  }

  /**
   * Decodes what one of other readers reads, of several pictures in a file the first.
   *
   * @throws IOException likewise
   */
  public static <T> T decode(byte[] file, Readers readers, Function<Pixels, T> use)
      throws IOException {
    return decode(file, readers, (height, width) -> height * width, use);
  }

  private static <T> T decode(
      byte[] file, Readers readers, LongBinaryOperator room, Function<Pixels, T> use)
      throws IOException {
    if (file.length == 0) {
      throw new UnreadableImageException("the file is empty");
    }
    requireWholeWebp(file);
    requireNoPictureInBmp(file);
    int scans = JpegSegment.scans(file).count();
    if (scans > MOST_SCANS) {
      throw new UnreadableImageException(
          "it has more than %d scans, as no camera or program makes".formatted(MOST_SCANS));
    }
    try (Opened opened = opened(file, scans, readers);
        PictureRoom taken = PictureRoom.take(room.applyAsLong(opened.height(), opened.width()))) {
      return use.apply(readable(() -> decode(opened.reader()).turned(ExifOrientation.of(file))));
    } catch (OutOfMemoryError e) {
      throw PictureRoom.lacking(e);
    }
  }

  /** A file whose header was read. */
  private record Opened(ImageInputStream stream, ImageReader reader, int height, int width)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      reader.dispose();
      stream.close();
    }
  }

  private static Opened opened(byte[] file, int scans, Readers readers) throws IOException {
    return readable(
        () -> {
          byte[] plain = ColourTransform.told(ColourProfile.removed(PngExtras.removed(file)));
          ImageInputStream stream =
              new MemoryCacheImageInputStream(new ByteArrayInputStream(plain));
          ImageReader reader = readers.reader(stream);
          Opened opened = null;
          try {
            begin(reader, stream, scans);
            TiffParts.check(reader, file);
            opened = new Opened(stream, reader, reader.getHeight(0), reader.getWidth(0));
            return opened;
          } finally {
            if (opened == null) {
              reader.dispose();
            }
          }
        });
  }

  /** A step of reading a file. */
  @FunctionalInterface
  private interface Reading<T> {
    T read() throws IOException;
  }

  /** Tells what is wrong with the file from what is wrong here. */
  private static <T> T readable(Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (UnreadableImageException e) {
      throw e;
    } catch (UncheckedIOException e) {
      throw e.getCause() instanceof UnreadableImageException reason ? reason : failure(e);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      // Of files that are not what they say, the readers throw whatever happens to fail.
      throw failure(e);
    }
  }

  /**
   * That memory ran out, by which a reader may have failed, is no fault of the file's, unless it
   * asks for more than any array has.
   */
  private static IOException failure(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return String.valueOf(cause.getMessage()).startsWith("Requested array size")
            ? damaged(cause)
            : PictureRoom.lacking(failure);
      }
    }
    return damaged(failure);
  }

  /** The reader of lossless WebP goes on past the end, with whatever it finds. */
  private static void requireWholeWebp(byte[] file) throws UnreadableImageException {
    if (!ColourProfile.isWebp(file)) {
      return;
    }
    int declared = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    // Some writers leave out the zero behind an odd length.
    if (file.length + 1L < 8 + Integer.toUnsignedLong(declared)) {
      throw new UnreadableImageException("damaged: cut off");
    }
  }

  /** A BMP may hold a JPEG or a PNG, of a size and with scans of its own, and hardly one does. */
  private static void requireNoPictureInBmp(byte[] file) throws UnreadableImageException {
    boolean isBmp = file.length >= 34 && file[0] == 'B' && file[1] == 'M';
    ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    // Behind the length of the second header; that of OS/2 has no compression.
    if (isBmp && header.getInt(14) >= 40 && PICTURES_IN_BMP.contains(header.getInt(30))) {
      throw new UnreadableImageException(
          "a BMP with a JPEG or a PNG inside: convert it, say to PNG");
    }
  }

  private static UnreadableImageException damaged(Throwable failure) {
    String reason = failure.getMessage();
    if (reason == null) {
      boolean cut = failure instanceof EOFException;
      reason = cut ? "the file ends too early" : failure.getClass().getSimpleName();
    }
    return new UnreadableImageException("damaged: " + reason, failure);
  }

  private static ImageReader javasOwn(ImageInputStream stream) throws IOException {
    Iterator<ImageReaderSpi> own =
        IIORegistry.getDefaultInstance()
            .getServiceProviders(
                ImageReaderSpi.class,
                provider -> provider.getClass().getModule() == ImageIO.class.getModule(),
                true);
    while (own.hasNext()) {
      ImageReaderSpi provider = own.next();
      String format = provider.getFormatNames()[0].toLowerCase(Locale.ROOT);
      if (JAVAS_FORMATS.contains(format) && provider.canDecodeInput(stream)) {
        return provider.createReaderInstance();
      }
    }
    throw new UnreadableImageException("no picture in JPEG or PNG");
  }

  private static void begin(ImageReader reader, ImageInputStream stream, int scans)
      throws IOException {
    // With what follows the pixels, where a file that is cut off shows.
    reader.setInput(stream, true, false);
    reader.addIIOReadWarningListener(
        (source, warning) -> {
          if (DAMAGE.matcher(warning).find()) {
            throw new UncheckedIOException(
                new UnreadableImageException("damaged: " + warning.toLowerCase(Locale.ROOT)));
          }
        });
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if (width < 1 || height < 1) {
      throw new UnreadableImageException("damaged: it has no possible size");
    }
    long pixels = (long) width * height;
    if (pixels > PictureRoom.MOST_PIXELS) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "too large: %d x %d pixels, of which at most %,d can be read here; make it smaller, or give Java more memory (-Xmx1500m allows for 100,000,000)",
              width,
              height,
              PictureRoom.MOST_PIXELS));
    }
    if (scans * pixels > MOST_PIXELS_OF_SCANS) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "it has %d scans of %,d pixels, and of all together at most %,d pixels are read",
              scans,
              pixels,
              MOST_PIXELS_OF_SCANS));
    }
  }

  private static Pixels decode(ImageReader reader) throws IOException {
    BufferedImage image = reader.read(0, redFirst(reader));
    try {
      return Pixels.of(asStored(image));
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException(e.getMessage() + ": convert it, say to PNG", e);
    }
  }

  /** The numbers of colours with a profile, which Java would convert, as those of sRGB. */
  private static BufferedImage asStored(BufferedImage image) {
    ColorSpace space = image.getColorModel().getColorSpace();
    if (space.getType() != ColorSpace.TYPE_RGB
        || space.isCS_sRGB()
        || !(image.getColorModel() instanceof ComponentColorModel model)) {
      return image;
    }
    ColorModel plain =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            model.getComponentSize(),
            model.hasAlpha(),
            model.isAlphaPremultiplied(),
            model.getTransparency(),
            model.getTransferType());
    return new BufferedImage(plain, image.getRaster(), model.isAlphaPremultiplied(), null);
  }

  /**
   * Asks for a JPEG, which Java would decode blue first, in the order that is wanted: else each
   * pixel would be turned round twice. Not all other readers heed what is asked.
   */
  private static ImageReadParam redFirst(ImageReader reader) throws IOException {
    ImageReadParam parameters = reader.getDefaultReadParam();
    if (!reader.getFormatName().equalsIgnoreCase("jpeg")) {
      return parameters;
    }
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    if (!types.hasNext()) {
      throw new UnreadableImageException(Pixels.NEITHER + ": convert it, say to PNG");
    }
    if (types.next().getBufferedImageType() == BufferedImage.TYPE_3BYTE_BGR) {
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
}
