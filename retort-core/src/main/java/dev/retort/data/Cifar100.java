package dev.retort.data;

import dev.retort.system.ShellWord;
import java.nio.file.Path;
import java.util.List;

/**
 * CIFAR-100 from its official binary files (Krizhevsky 2009, Learning Multiple Layers of Features
 * from Tiny Images), with its 100 fine classes. Of the 50,000 training images, 50 of each class are
 * set apart to validate.
 *
 * <p>The reader is strict: a file whose length or SHA-256 is not the published one is refused.
 */
public final class Cifar100 {
  /** A coarse label, a fine one, then 1,024 values each of red, green and blue. */
  private static final int RECORD_BYTES = 2 + ImageShape.CIFAR.values();

  public static final PublishedFile TRAINING_FILE =
      new PublishedFile(
          "train.bin",
          50_000L * RECORD_BYTES,
          "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29");

  public static final PublishedFile TEST_FILE =
      new PublishedFile(
          "test.bin",
          10_000L * RECORD_BYTES,
          "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a");

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
   * @throws DataException if a file is missing or not the published one
   */
  static Splits read(Path folder) {
    return read(folder, TRAINING_FILE, TEST_FILE);
  }

  static Splits read(Path folder, PublishedFile trainingFile, PublishedFile testFile) {
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
    InMemoryDataset training = part(folder, trainingFile, classes);
    InMemoryDataset test = part(folder, testFile, classes);
    return Splits.withoutValidation("cifar100:" + folder, training, test, ImageShape.CIFAR);
  }

  private static InMemoryDataset part(Path folder, PublishedFile file, List<String> classes) {
    byte[] bytes =
        file.read(
            folder,
            "Fetch the data set: retort data fetch cifar100 --to "
                + ShellWord.of(folder.toString()));
    int records = bytes.length / RECORD_BYTES;
    int[] labels = new int[records];
    byte[] pixels = new byte[records * ImageShape.CIFAR.values()];
    for (int i = 0; i < records; i++) {
      int at = i * RECORD_BYTES;
      labels[i] = Byte.toUnsignedInt(bytes[at + 1]);
      Cifar10.interleave(bytes, at + 2, pixels, i * ImageShape.CIFAR.values());
    }
    String name = "cifar100/" + file.name().replace(".bin", "");
    return new InMemoryDataset(name, classes, ImageShape.CIFAR, pixels, labels);
  }
}
