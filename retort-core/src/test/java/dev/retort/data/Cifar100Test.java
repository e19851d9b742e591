package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.system.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On files of CIFAR-100's layout with ten and two records of each class. */
class Cifar100Test {
  private static final int TRAIN = 1000;
  private static final int TEST = 200;

  @TempDir Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    Files.write(folder.resolve("train.bin"), records(TRAIN));
    Files.write(folder.resolve("test.bin"), records(TEST));
  }

  private Splits read() {
    return Cifar100.read(folder, published("train.bin", TRAIN), published("test.bin", TEST));
  }

  private static PublishedFile published(String name, int records) {
    return new PublishedFile(name, 3074L * records, Sha256.of(records(records)));
  }

  @Test
  void recordsBecomeInterleavedPixelsWithTheirFineLabels() {
    Splits splits = read();

    assertThat(splits.train().size()).isEqualTo(900);
    assertThat(splits.validation().size()).isEqualTo(100);
    assertThat(labels(splits.validation())).containsExactly(sequence(100));
    PixelView image = new PixelView();
    splits.test().read(107, image);
    assertThat(splits.test().label(107)).isEqualTo(7);
    for (int channel = 0; channel < 3; channel++) {
      for (int pixel : new int[] {0, 1, 1023}) {
        assertThat(image.pixels()[image.offset() + 3 * pixel + channel])
            .isEqualTo((byte) (107 + 64 * channel + pixel));
      }
    }
  }

  @Test
  void theArchivesFileNamesTheClasses() throws IOException {
    assertThat(read().classes()).hasSize(100).contains("99");

    StringBuilder names = new StringBuilder();
    Arrays.stream(sequence(100)).forEach(i -> names.append("class").append(i).append('\n'));
    Files.writeString(folder.resolve("fine_label_names.txt"), names.append('\n'));

    assertThat(read().classes()).hasSize(100).contains("class99");
  }

  @Test
  void aFileThatIsNotThePublishedOneIsRefused() throws IOException {
    assertThatThrownBy(() -> Cifar100.read(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train.bin is cut off: 3074000 bytes");

    byte[] otherPixel = records(TRAIN);
    otherPixel[3073]++;
    Files.write(folder.resolve("train.bin"), otherPixel);
    assertThatThrownBy(this::read)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train.bin was altered: its SHA-256 is ");

    Files.delete(folder.resolve("train.bin"));
    assertThatThrownBy(this::read)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("train.bin is missing");
  }

  /** Record r has the fine label r mod 100, and channel c's pixel k the value r + 64c + k. */
  private static byte[] records(int n) {
    byte[] bytes = new byte[n * 3074];
    for (int r = 0; r < n; r++) {
      bytes[r * 3074] = (byte) (r % 20);
      bytes[r * 3074 + 1] = (byte) (r % 100);
      for (int i = 0; i < 3072; i++) {
        bytes[r * 3074 + 2 + i] = (byte) (r + 64 * (i / 1024) + i % 1024);
      }
    }
    return bytes;
  }

  private static int[] labels(Dataset dataset) {
    int[] labels = new int[dataset.size()];
    Arrays.setAll(labels, dataset::label);
    Arrays.sort(labels);
    return labels;
  }

  private static int[] sequence(int n) {
    int[] numbers = new int[n];
    Arrays.setAll(numbers, i -> i);
    return numbers;
  }
}
