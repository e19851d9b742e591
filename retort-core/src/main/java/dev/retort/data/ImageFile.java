package dev.retort.data;

import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import dev.retort.image.ExifOrientation;
import dev.retort.image.ImageDecoder;
import dev.retort.image.Pixels;
import dev.retort.image.UnreadableImageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads pictures from files: JPEG, PNG, BMP, GIF, WebP and TIFF, of several the first, as {@link
 * ImageDecoder} says.
 */
public final class ImageFile {
  /**
   * Raise it where the same file gives other pixels: what is kept of pictures, the digests of data
   * and kept outputs of teachers are then made anew. {@code PixelVersionsTest} pins the pixels.
   */
  static final int VERSION = 6;

  /** The first of the orientations under which rows are columns. */
  private static final int LYING = 5;

  // Java looks for readers once, by the loader of the thread that asks first. One of Java's common
  // pool may have a loader that sees none of ours.
  static {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ImageFile.class.getClassLoader());
    try {
      IIORegistry.getDefaultInstance();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

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
   * @param place where the bytes come from, for messages
   * @param bytes of its file
   * @throws DataException if they are no picture of these formats, are damaged, or declare more
   *     pixels than memory allows for, a hundred million at most
   * @throws UncheckedIOException if Java's memory has no room for it, through no fault of the
   *     picture's
   * @throws CancellationException if the thread is interrupted before there is room
   */
  public static Picture read(String place, byte[] bytes) {
    try {
      Pixels pixels = ImageDecoder.decode(bytes, ImageFile::reader, Function.identity());
      return new Picture(
          pixels.bytes(), new ImageShape(pixels.channels(), pixels.height(), pixels.width()));
    } catch (UnreadableImageException e) {
      throw new DataException(place + ": " + e.getMessage(), e);
    } catch (InterruptedIOException e) {
      throw new CancellationException(place + ": " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(place + ": " + e.getMessage(), e);
    }
  }

  /** A picture's size upright, from its header; nothing if that cannot be read. */
  static Optional<ImageShape> size(EncodedImages images, int index) {
    try {
      byte[] bytes = images.read(index);
      ImageInputStream stream = new ByteArrayImageInputStream(bytes);
      ImageReader reader = reader(stream);
      try {
        reader.setInput(stream, true, false);
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        boolean lies = ExifOrientation.of(bytes) >= LYING;
        return Optional.of(new ImageShape(3, lies ? width : height, lies ? height : width));
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      return Optional.empty(); // decoding it will report why
    }
  }

  private static ImageReader reader(ImageInputStream stream) throws UnreadableImageException {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
    if (!readers.hasNext()) {
      throw new UnreadableImageException("no picture in JPEG, PNG, BMP, GIF, WebP or TIFF");
    }
    return readers.next();
  }
}
