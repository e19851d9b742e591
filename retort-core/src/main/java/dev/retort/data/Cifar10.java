package dev.retort.data;

import dev.retort.engine.ParallelLoop;
import dev.retort.system.ShellWord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * CIFAR-10 from its official binary files (Krizhevsky 2009, Learning Multiple Layers of Features
 * from Tiny Images). The 50,000 training images are split once and for all into 45,000 that train
 * and 5,000 that validate, 500 of each class; {@code scripts/choose_cifar10_splits.py} chose them.
 *
 * <p>The reader is strict: a file whose length or SHA-256 is not the published one is refused.
 */
final class Cifar10 {
  private static final int PLANE = ImageShape.CIFAR.height() * ImageShape.CIFAR.width();
  private static final int CHANNELS = ImageShape.CIFAR.channels();

  private Cifar10() {}

  /**
   * Reads the six files and splits them.
   *
   * @param folder holds {@code data_batch_1.bin} … {@code data_batch_5.bin} and {@code
   *     test_batch.bin}
   * @throws DataException if a file is missing or not the published one
   */
  static Splits read(Path folder) {
    return read(folder, Cifar10Files.OFFICIAL, IndexList.read("cifar10-validation.txt"));
  }

  static Splits read(Path folder, Cifar10Files files, int[] validation) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + " is not a folder. " + advice(folder));
    }
    Dataset training = dataset("cifar10/training", folder, files, files.training());
    Dataset test = dataset("cifar10/test", folder, files, List.of(files.test()));
    Dataset train =
        new Subset("cifar10/train", training, IndexList.others(validation, training.size()));
    return new Splits(
        "cifar10:" + folder,
        train,
        new Subset("cifar10/validation", training, validation),
        test,
        ImageShape.CIFAR,
        ChannelStatistics.of(train));
  }

  private static InMemoryDataset dataset(
      String name, Path folder, Cifar10Files files, List<PublishedFile> batches) {
    int[] labels = new int[batches.size() * files.records()];
    byte[] pixels = new byte[labels.length * ImageShape.CIFAR.values()];
    ParallelLoop.run(
        batches.size(),
        i -> {
          byte[] records = batches.get(i).read(folder, advice(folder));
          decode(records, labels, pixels, i * files.records());
        });
    return new InMemoryDataset(name, Cifar10Files.CLASSES, ImageShape.CIFAR, pixels, labels);
  }

  private static void decode(byte[] records, int[] labels, byte[] pixels, int first) {
    for (int i = 0; i * Cifar10Files.RECORD_BYTES < records.length; i++) {
      int record = i * Cifar10Files.RECORD_BYTES;
      labels[first + i] = Byte.toUnsignedInt(records[record]);
      interleave(records, record + 1, pixels, (first + i) * ImageShape.CIFAR.values());
    }
  }

  /** From three planes of one channel each to pixels of three channels each. */
  static void interleave(byte[] planes, int from, byte[] pixels, int to) {
    for (int i = 0; i < PLANE; i++) {
      pixels[to + CHANNELS * i] = planes[from + i];
      pixels[to + CHANNELS * i + 1] = planes[from + PLANE + i];
      pixels[to + CHANNELS * i + 2] = planes[from + 2 * PLANE + i];
    }
  }

  private static String advice(Path folder) {
    return "Fetch the data set: retort data fetch cifar10 --to " + ShellWord.of(folder.toString());
  }
}
