package dev.retort.data;

import dev.retort.system.ShellWord;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * CIFAR-100 from its official binary files (Krizhevsky 2009, Learning Multiple Layers of Features
 * from Tiny Images), with its 100 fine classes. Of the 50,000 training images, 50 of each class are
 * set apart to validate.
 *
 * <p>The reader is strict: a file whose length or labels are not those of the published ones is
 * refused.
 */
public final class Cifar100 {
  private static final int COARSE_CLASSES = 20;

  /** A coarse label, a fine one, then 1,024 values each of red, green and blue. */
  public static final int RECORD_BYTES = 2 + ImageShape.CIFAR.values();

  public static final String TRAINING_FILE = "train.bin";
  public static final String TEST_FILE = "test.bin";

  /** The fine classes' names, one a line; not needed to read the images. */
  public static final String NAMES_FILE = "fine_label_names.txt";

  /** The fine classes, by their labels. */
  public static final List<String> CLASSES =
      List.of(
          ("apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge"
                  + " bus butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud"
                  + " cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox"
                  + " girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man"
                  + " maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree"
                  + " pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray"
                  + " road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel"
                  + " streetcar sunflower sweet_pepper table tank telephone television tiger tractor train"
                  + " trout tulip turtle wardrobe whale willow_tree wolf woman worm")
              .split(" "));

  private Cifar100() {}

  /**
   * Reads the two files and splits them.
   *
   * @param folder holds {@code train.bin}, {@code test.bin} and perhaps {@code
   *     fine_label_names.txt}
   * @throws DataException if a file is missing or not of the published form
   */
  static Splits read(Path folder) {
    return read(folder, 50_000, 10_000);
  }

  static Splits read(Path folder, int trainRecords, int testRecords) {
    List<String> classes =
        ClassNames.read(folder.resolve(NAMES_FILE)).orElse(ClassNames.numbered(CLASSES.size()));
    if (classes.size() != CLASSES.size()) {
      throw new DataException(
          folder.resolve(NAMES_FILE)
              + " names "
              + classes.size()
              + " classes, not "
              + CLASSES.size());
    }
    InMemoryDataset training = part(folder.resolve(TRAINING_FILE), classes, trainRecords);
    InMemoryDataset test = part(folder.resolve(TEST_FILE), classes, testRecords);
    return Splits.withoutValidation("cifar100:" + folder, training, test, ImageShape.CIFAR);
  }

  private static InMemoryDataset part(Path file, List<String> classes, int records) {
    byte[] bytes =
        PublishedFile.read(
            file,
            (long) records * RECORD_BYTES,
            "Fetch the data set: retort data fetch cifar100 --to "
                + ShellWord.of(String.valueOf(file.getParent())));
    int[] labels = new int[records];
    int[] counts = new int[CLASSES.size()];
    byte[] pixels = new byte[records * ImageShape.CIFAR.values()];
    for (int i = 0; i < records; i++) {
      int at = i * RECORD_BYTES;
      int coarse = Byte.toUnsignedInt(bytes[at]);
      int fine = Byte.toUnsignedInt(bytes[at + 1]);
      if (coarse >= COARSE_CLASSES || fine >= CLASSES.size()) {
        throw new DataException(
            ("%s: record %s, at byte %s, has the labels %s and %s; they are 0 … 19 and 0 … 99."
                    + " Fetch the file again")
                .formatted(file, i, at, coarse, fine));
      }
      labels[i] = fine;
      counts[fine]++;
      Cifar10.interleave(bytes, at + 2, pixels, i * ImageShape.CIFAR.values());
    }
    if (Arrays.stream(counts).anyMatch(count -> count != records / CLASSES.size())) {
      throw new DataException(
          file + " was altered: its classes differ in size, CIFAR-100's do not. Fetch it again");
    }
    String name = "cifar100/" + file.getFileName().toString().replace(".bin", "");
    return new InMemoryDataset(name, classes, ImageShape.CIFAR, pixels, labels);
  }
}
