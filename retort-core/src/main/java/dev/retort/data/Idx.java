package dev.retort.data;

import dev.retort.system.FileFailure;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Images in the IDX files of MNIST (LeCun, Cortes and Burges 1998) and of the sets that took over
 * its form: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte} and the same for
 * {@code t10k} or {@code test}, each perhaps compressed by gzip. Images are grey, {@code [N, H,
 * W]}, or {@code [N, H, W, C]}. A tenth of each class of the training images is set apart to
 * validate, unless there are files named {@code validation}.
 *
 * <p>{@code classes.txt} beside them names the classes, one a line; otherwise they are numbered.
 */
final class Idx {
  private static final int UNSIGNED_BYTES = 0x08;
  private static final int MOST_CHANNELS = 4;

  /** Deflate makes at most 1,032 bytes of one. */
  private static final long LARGEST_EXPANSION = 1032;

  /** What Java may refuse to make an array of. */
  private static final long LARGEST = Integer.MAX_VALUE - 16L;

  private Idx() {}

  /**
   * Reads the files of a folder.
   *
   * @throws DataException if one is missing, cut off, or does not fit the others
   */
  static Splits read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + " is not a folder with IDX files");
    }
    Part train = required(folder, "train");
    Part test = required(folder, "t10k|test");
    Part validation = part(folder, "validation|val");
    List<String> classes = classes(folder, train);
    InMemoryDataset training = dataset(folder, "train", train, train.shape(), classes);
    InMemoryDataset testing = dataset(folder, "test", test, train.shape(), classes);
    String name = "idx:" + folder;
    if (validation == null) {
      return Splits.withoutValidation(name, training, testing, train.shape());
    }
    return new Splits(
        name,
        training,
        dataset(folder, "validation", validation, train.shape(), classes),
        testing,
        train.shape(),
        ChannelStatistics.of(training));
  }

  /** One pair of files. */
  private record Part(Path images, ImageShape shape, byte[] pixels, int[] labels) {}

  /** What an IDX file holds. */
  private record Content(int[] sizes, byte[] values) {}

  private static Part required(Path folder, String names) {
    Part part = part(folder, names);
    if (part == null) {
      String name = names.substring(0, names.contains("|") ? names.indexOf('|') : names.length());
      throw new DataException(
          ("%s has no file %s-images-idx3-ubyte, plain or compressed (.gz). MNIST's form has"
                  + " four files, images and labels of train and t10k")
              .formatted(folder, name));
    }
    return part;
  }

  private static @Nullable Part part(Path folder, String names) {
    Path imageFile = find(folder, "(.*-)?(" + names + ")-images[-.]idx[34]-ubyte(\\.gz)?");
    if (imageFile == null) {
      return null;
    }
    Path labelFile = find(folder, "(.*-)?(" + names + ")-labels[-.]idx1-ubyte(\\.gz)?");
    if (labelFile == null) {
      throw new DataException(imageFile + " has no file of labels beside it");
    }
    Content images = content(imageFile);
    Content labels = content(labelFile);
    int[] sizes = images.sizes();
    if (sizes.length < 3 || sizes.length > 4) {
      throw new DataException(
          imageFile + " has " + sizes.length + " dimensions; images have 3, or 4 with channels");
    }
    if (labels.sizes().length != 1) {
      throw new DataException(
          labelFile + " has " + labels.sizes().length + " dimensions; labels have 1");
    }
    if (labels.sizes()[0] != sizes[0]) {
      throw new DataException(
          "%s has %s images, but %s %s labels"
              .formatted(imageFile, sizes[0], labelFile, labels.sizes()[0]));
    }
    if (images.values().length == 0) {
      throw new DataException(
          imageFile + " has no images: its sizes are " + Arrays.toString(sizes));
    }
    if (sizes.length == 4 && sizes[3] > MOST_CHANNELS) {
      throw new DataException(
          "%s has the sizes %s: images are [N, height, width, channels], of %d channels at most"
              .formatted(imageFile, Arrays.toString(sizes), MOST_CHANNELS));
    }
    int[] numbers = new int[labels.values().length];
    Arrays.setAll(numbers, i -> Byte.toUnsignedInt(labels.values()[i]));
    ImageShape shape = new ImageShape(sizes.length == 4 ? sizes[3] : 1, sizes[1], sizes[2]);
    return new Part(imageFile, shape, images.values(), numbers);
  }

  private static @Nullable Path find(Path folder, String pattern) {
    Pattern name = Pattern.compile(pattern);
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files
              .filter(file -> name.matcher(file.getFileName().toString()).matches())
              .filter(file -> !Files.isDirectory(file)) // as some archives unfold
              .sorted()
              .toList();
      // The same file, plain and compressed: the plain one, which sorts first.
      boolean one =
          found.size() < 2
              || (found.size() == 2 && found.get(1).toString().equals(found.get(0) + ".gz"));
      if (!one) {
        throw new DataException(
            folder + " has more than one data set: " + found.get(0) + " and " + found.get(1));
      }
      return found.isEmpty() ? null : found.get(0);
    } catch (IOException e) {
      throw new DataException(folder + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private static List<String> classes(Path folder, Part train) {
    int largest = Arrays.stream(train.labels()).max().orElse(0);
    Path file = folder.resolve("classes.txt");
    List<String> names = ClassNames.read(file).orElse(ClassNames.numbered(largest + 1));
    if (names.size() <= largest) {
      throw new DataException(
          file + " names " + names.size() + " classes, but the training labels go to " + largest);
    }
    return names;
  }

  private static InMemoryDataset dataset(
      Path folder, String split, Part part, ImageShape shape, List<String> classes) {
    if (!part.shape().equals(shape)) {
      throw new DataException(
          part.images() + " has images of " + part.shape() + ", the training images are " + shape);
    }
    for (int i = 0; i < part.labels().length; i++) {
      if (part.labels()[i] >= classes.size()) {
        throw new DataException(
            "%s: image %s has label %s, but there are %s classes"
                .formatted(part.images(), i, part.labels()[i], classes.size()));
      }
    }
    return new InMemoryDataset(
        folder.getFileName() + "/" + split, classes, shape, part.pixels(), part.labels());
  }

  /**
   * Reads a file of unsigned bytes: two zeros, the type's code, the number of dimensions, each
   * dimension's size as four bytes, the most significant first, then the values.
   */
  private static Content content(Path file) {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
      raw.mark(2);
      boolean compressed = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      InputStream plain = compressed ? new GZIPInputStream(raw) : raw;
      DataInputStream in = new DataInputStream(plain);
      int zeros = in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int dimensions = in.readUnsignedByte();
      if (zeros != 0 || type != UNSIGNED_BYTES) {
        throw new DataException(
            file + " is no IDX file of unsigned bytes: it does not begin with 00 00 08");
      }
      int[] sizes = new int[dimensions];
      long expected = 1;
      for (int i = 0; i < dimensions; i++) {
        sizes[i] = in.readInt();
        if (sizes[i] < 0) {
          throw new DataException(file + " is damaged: dimension " + i + " has no size");
        }
        expected = saturatedProduct(expected, sizes[i]);
      }
      long most = Files.size(file) * (compressed ? LARGEST_EXPANSION : 1);
      if (expected <= most && expected > LARGEST) {
        throw new DataException(
            "%s is too large: its %s values do not fit into one array; write them as pictures (folder:) or as Parquet tables"
                .formatted(file, Arrays.toString(sizes)));
      }
      if (expected > most) {
        throw new DataException(
            file + " is cut off, or damaged: it declares " + Arrays.toString(sizes) + " values");
      }
      byte[] values = in.readNBytes((int) expected);
      if (values.length < expected) {
        throw new EOFException();
      }
      if (in.read() >= 0) {
        throw new DataException(file + " is too long: it goes on after " + expected + " values");
      }
      return new Content(sizes, values);
    } catch (EOFException e) {
      throw new DataException(file + " is cut off", e);
    } catch (ZipException e) {
      throw new DataException(file + " is damaged: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private static long saturatedProduct(long a, long b) {
    return b != 0 && a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
  }
}
