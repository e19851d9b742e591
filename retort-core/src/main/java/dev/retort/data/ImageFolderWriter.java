package dev.retort.data;

import dev.retort.system.Folders;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a data set as an image folder: {@code DIR/train/CLASS/NUMBER.png} and so on. */
public final class ImageFolderWriter {
  /** What parts folders' names, or no terminal shows; names come from tables of others. */
  private static final Pattern UNFIT = Pattern.compile("[/\\\\:\\p{Cntrl}]");

  private static final Logger LOG = LoggerFactory.getLogger(ImageFolderWriter.class);

  private ImageFolderWriter() {}

  /**
   * Writes the three parts into a new folder, whole or not at all.
   *
   * @throws IllegalArgumentException if the folder is there
   * @throws DataException if an image has no class, or a class no name that a folder can have, or
   *     pictures that are held out and none to train on
   * @throws IOException if it cannot be written
   */
  public static void write(Splits splits, Path folder) throws IOException {
    requireNew(folder);
    for (String name : splits.classes()) {
      if (name.isBlank() || name.startsWith(".") || UNFIT.matcher(name).find()) {
        throw new DataException("no folder can have the name of the class '" + name + "'");
      }
    }
    requireReadable(splits);
    Path absolute = folder.toAbsolutePath();
    try (WorkFolder work = new WorkFolder(absolute)) {
      Path parts = work.make("parts");
      write(splits.train(), parts.resolve("train"));
      write(splits.validation(), parts.resolve("validation"));
      write(splits.test(), parts.resolve("test"));
      Files.move(parts, absolute);
    }
  }

  /**
   * Refuses a folder that is there.
   *
   * @throws IllegalArgumentException if it is
   */
  public static void requireNew(Path folder) {
    if (Files.exists(folder)) {
      throw new IllegalArgumentException(folder + " is there already: name a new folder");
    }
  }

  /** A folder's classes are those of its first part; one without a picture is none of them. */
  private static void requireReadable(Splits splits) {
    Set<Integer> classes = new HashSet<>();
    for (Dataset part : List.of(splits.train(), splits.validation(), splits.test())) {
      Set<Integer> own = labels(part);
      if (classes.isEmpty()) {
        classes.addAll(own);
      }
      own.removeAll(classes);
      own.remove(Dataset.UNLABELLED);
      if (!own.isEmpty()) {
        throw new DataException(
            "%s: there are no training images of the class '%s', and a folder has to have some"
                .formatted(part.name(), part.classes().get(own.iterator().next())));
      }
    }
    List<String> left =
        IntStream.range(0, splits.classes().size())
            .filter(label -> !classes.contains(label))
            .mapToObj(splits.classes()::get)
            .toList();
    if (!left.isEmpty()) {
      LOG.warn("{} have no picture, and are none of the folder's classes", left);
    }
  }

  private static Set<Integer> labels(Dataset part) {
    return IntStream.range(0, part.size()).map(part::label).boxed().collect(Collectors.toSet());
  }

  private static void write(Dataset part, Path folder) throws IOException {
    List<Path> classes = part.classes().stream().map(folder::resolve).toList();
    for (int i = 0; i < part.size(); i++) {
      if (part.label(i) == Dataset.UNLABELLED) {
        throw new DataException(part.name() + ": image " + i + " has no class");
      }
      byte[] stored = part.file(i).orElse(null);
      byte[] file = stored == null ? png(part, i) : stored;
      String extension = extension(file);
      String name = String.format(Locale.ROOT, "%06d.%s", i, extension);
      // A class without a picture has no folder: none could be read.
      Files.write(Folders.make(classes.get(part.label(i))).resolve(name), file);
    }
  }

  private static byte[] png(Dataset part, int index) throws IOException {
    PixelView view = new PixelView();
    part.read(index, view);
    int channels = view.channels();
    if (channels != 1 && channels != 3) {
      throw new DataException(
          part.name() + ": images of " + channels + " channels cannot be written as pictures");
    }
    BufferedImage image =
        new BufferedImage(
            view.width(),
            view.height(),
            channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    int[] row = new int[view.width() * channels];
    for (int y = 0; y < view.height(); y++) {
      for (int i = 0; i < row.length; i++) {
        row[i] = Byte.toUnsignedInt(view.pixels()[view.offset() + y * row.length + i]);
      }
      image.getRaster().setPixels(0, y, view.width(), 1, row);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  /** By what the file begins with, whatever it was called. */
  private static String extension(byte[] file) {
    return switch (file[0]) {
      case (byte) 0x89 -> "png";
      case (byte) 0xff -> "jpg";
      case 'R' -> "webp";
      case 'B' -> "bmp";
      case 'I', 'M' -> "tif";
      default -> "gif";
    };
  }
}
