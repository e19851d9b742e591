package dev.retort.data;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The files of CIFAR-10's binary version and their SHA-256 digests in hexadecimal.
 *
 * @param records the number of images in each file
 * @param training the training batches, in order
 * @param test the test batch
 */
public record Cifar10Files(int records, List<PublishedFile> training, PublishedFile test) {
  /** A label, then 1,024 values each of red, green and blue. */
  static final int RECORD_BYTES = 1 + ImageShape.CIFAR.values();

  /** The classes' names, one a line; not needed to read the images. */
  public static final String NAMES_FILE = "batches.meta.txt";

  public static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  /** As Krizhevsky published them in 2009. */
  public static final Cifar10Files OFFICIAL =
      of(
          10_000,
          "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
          "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
          "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
          "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
          "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
          "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b");

  /** The six files by their digests: the five training batches, then the test batch. */
  static Cifar10Files of(int records, String... sha256) {
    long bytes = (long) records * RECORD_BYTES;
    return new Cifar10Files(
        records,
        IntStream.range(0, 5)
            .mapToObj(i -> new PublishedFile("data_batch_" + (i + 1) + ".bin", bytes, sha256[i]))
            .toList(),
        new PublishedFile("test_batch.bin", bytes, sha256[5]));
  }

  /** All six: the training batches in order, then the test batch. */
  public List<PublishedFile> all() {
    return Stream.concat(training.stream(), Stream.of(test)).toList();
  }
}
