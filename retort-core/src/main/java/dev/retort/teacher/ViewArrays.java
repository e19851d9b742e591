package dev.retort.teacher;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.data.ViewRenderer;
import dev.retort.data.ViewSource;
import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import dev.retort.weights.NumPyFile;
import dev.retort.weights.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the images that a training shows as arrays for NumPy ({@code .npz}), for a teacher that
 * runs elsewhere.
 *
 * <p>{@code pixels} are unsigned bytes, {@code [views, images, height, width, channels]} of the
 * training images (without the first dimension where nothing varies them), and {@code index},
 * {@code [images]} of 64-bit integers, has the images' numbers. {@code validation.…} and {@code
 * test.…} have the same of those parts, whose images are as they are. {@code source} is the key of
 * the {@link ViewSource} of the views, which distinguishes them from others.
 */
public final class ViewArrays {
  private static final int WHITE = 255;

  private final Splits data;
  private final ZipOutputStream zip;

  private ViewArrays(Splits data, ZipOutputStream zip) {
    this.data = data;
    this.zip = zip;
  }

  /**
   * Writes a file, whole or not at all.
   *
   * @param views how many of each training image; 1 where the augmentation varies nothing
   * @param dataSeed of the augmentation
   */
  public static void write(
      Splits data, Augmentation augmentation, int views, long dataSeed, Path file) {
    try {
      AtomicFile.write(
          file,
          out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            zip.setLevel(Deflater.BEST_SPEED);
            ViewArrays arrays = new ViewArrays(data, zip);
            arrays.source(ViewSource.ofTraining(data, augmentation, dataSeed));
            arrays.part("", data.train(), augmentation, views, dataSeed);
            arrays.part(RecordedFile.VALIDATION, data.validation(), Augmentation.NONE, 1, dataSeed);
            arrays.part(RecordedFile.TEST, data.test(), Augmentation.NONE, 1, dataSeed);
            zip.finish();
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + FileFailure.reason(e), e);
    }
  }

  private void source(ViewSource source) throws IOException {
    byte[] key = HexFormat.of().parseHex(source.key());
    begin(RecordedFile.SOURCE, TensorType.U8, key.length);
    zip.write(key);
  }

  private void part(
      String part, Dataset images, Augmentation augmentation, int views, long dataSeed)
      throws IOException {
    ImageShape shape = data.inputShape();
    ByteBuffer index =
        ByteBuffer.allocate(Long.BYTES * images.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (int image = 0; image < images.size(); image++) {
      index.putLong(images.number(image));
    }
    begin(part + RecordedPart.INDEX, TensorType.I64, images.size());
    zip.write(index.array());
    long[] whole = {views, images.size(), shape.height(), shape.width(), shape.channels()};
    begin(
        part + "pixels",
        TensorType.U8,
        augmentation.varies() ? whole : Arrays.copyOfRange(whole, 1, whole.length));
    ViewRenderer renderer =
        new ViewRenderer(images, shape, data.statistics(), augmentation, dataSeed);
    byte[] pixels = new byte[shape.values()];
    for (int view = 0; view < views; view++) {
      for (int image = 0; image < images.size(); image++) {
        toBytes(renderer.render(image, view), pixels);
        zip.write(pixels);
      }
    }
    zip.closeEntry();
  }

  /** Back from normalised values, to the nearest byte. */
  private void toBytes(float[] values, byte[] pixels) {
    float[] mean = data.statistics().mean();
    float[] deviation = data.statistics().standardDeviation();
    for (int i = 0; i < pixels.length; i++) {
      int channel = i % mean.length;
      long value = Math.round(WHITE * ((double) values[i] * deviation[channel] + mean[channel]));
      pixels[i] = (byte) Math.max(0, Math.min(WHITE, value));
    }
  }

  private void begin(String name, TensorType type, long... shape) throws IOException {
    zip.putNextEntry(new ZipEntry(name + ".npy"));
    zip.write(NumPyFile.header(type, shape));
  }
}
