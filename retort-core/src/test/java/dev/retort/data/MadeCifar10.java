package dev.retort.data;

import dev.retort.system.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Files of CIFAR-10's layout with {@link #RECORDS} records each and made pixels: in file f (1 … 5,
 * test 6), record r has label (f + r) mod 10, and channel c's pixel k the value (7f + 5r + 64c + k)
 * mod 256.
 */
public final class MadeCifar10 {
  public static final int RECORDS = 4;
  public static final Map<String, byte[]> CONTENTS = contents();

  /** Their digests, in place of the published ones. */
  public static final Cifar10Files FILES =
      Cifar10Files.of(
          RECORDS,
          Cifar10Files.OFFICIAL.all().stream()
              .map(file -> Sha256.of(content(file.name())))
              .toArray(String[]::new));

  private MadeCifar10() {}

  public static byte[] content(String name) {
    return Objects.requireNonNull(CONTENTS.get(name));
  }

  static void write(Path folder) throws IOException {
    for (Map.Entry<String, byte[]> file : CONTENTS.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  public static int value(int file, int record, int channel, int k) {
    return (7 * file + 5 * record + 64 * channel + k) % 256;
  }

  private static Map<String, byte[]> contents() {
    Map<String, byte[]> contents = new TreeMap<>();
    int file = 1;
    for (PublishedFile batch : Cifar10Files.OFFICIAL.all()) {
      byte[] bytes = new byte[RECORDS * 3073];
      for (int record = 0; record < RECORDS; record++) {
        bytes[record * 3073] = (byte) ((file + record) % 10);
        for (int channel = 0; channel < 3; channel++) {
          for (int k = 0; k < 1024; k++) {
            bytes[record * 3073 + 1 + channel * 1024 + k] = (byte) value(file, record, channel, k);
          }
        }
      }
      contents.put(batch.name(), bytes);
      file++;
    }
    return contents;
  }
}
