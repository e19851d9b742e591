package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {
  private static final int[] VALIDATION = {3, 4, 19};

  private Path folder;

  @BeforeEach
  void writeFiles(@TempDir Path temporary) throws IOException {
    folder = temporary;
    MadeCifar10.write(folder);
  }

  @Test
  void pixelsAndLabelsOfEveryFileKeepTheirPlace() {
    Splits splits = read();

    assertThat(splits.train().size()).isEqualTo(17);
    assertThat(splits.validation().size()).isEqualTo(3);
    assertThat(splits.test().size()).isEqualTo(4);
    // Image 4 of the training batches is record 0 of file 2, image 19 record 3 of file 5.
    assertPixels(splits.validation(), 1, 2, 0);
    assertPixels(splits.validation(), 2, 5, 3);
    // Without 3 and 4, the training image at place 3 is image 5: record 1 of file 2.
    assertPixels(splits.train(), 3, 2, 1);
    assertPixels(splits.test(), 2, 6, 2);
  }

  private static void assertPixels(Dataset dataset, int index, int file, int record) {
    assertThat(dataset.label(index)).isEqualTo((file + record) % 10);
    PixelView view = new PixelView();
    dataset.read(index, view);
    assertThat(view.height()).isEqualTo(32);
    assertThat(view.width()).isEqualTo(32);
    for (int channel = 0; channel < 3; channel++) {
      for (int k = 0; k < 1024; k++) {
        assertThat(view.pixels()[view.offset() + 3 * k + channel] & 0xff)
            .isEqualTo(MadeCifar10.value(file, record, channel, k));
      }
    }
  }

  @Test
  void digestIsAFunctionOfContentAndSplit() {
    String digest = read().digest();

    assertThat(digest).matches("[0-9a-f]{64}").isEqualTo(read().digest());
    assertThat(Cifar10.read(folder, MadeCifar10.FILES, new int[] {3, 4, 18}).digest())
        .isNotEqualTo(digest);
  }

  @Test
  void truncatedFileIsRefusedWithBothLengths() throws IOException {
    rewrite(
        "data_batch_3.bin", Arrays.copyOf(MadeCifar10.content("data_batch_3.bin"), 4 * 3073 - 1));

    assertThatThrownBy(this::read)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data_batch_3.bin is cut off: 12291 bytes")
        .hasMessageContaining("12292")
        .hasMessageContaining("retort data fetch cifar10");
  }

  @Test
  void longFileIsRefused() throws IOException {
    rewrite("test_batch.bin", Arrays.copyOf(MadeCifar10.content("test_batch.bin"), 5 * 3073));

    assertThatThrownBy(this::read)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("test_batch.bin is too long");
  }

  @Test
  void oneFlippedBitIsNoticed() throws IOException {
    byte[] content = MadeCifar10.content("data_batch_5.bin").clone();
    content[5000] ^= 1;
    rewrite("data_batch_5.bin", content);

    assertThatThrownBy(this::read)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data_batch_5.bin was altered");
  }

  @Test
  void missingFileAndMissingFolderAreNamed() throws IOException {
    Files.delete(folder.resolve("data_batch_4.bin"));

    assertThatThrownBy(this::read)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data_batch_4.bin is missing");
    assertThatThrownBy(() -> Cifar10.read(folder.resolve("nowhere")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nowhere is not a folder");
  }

  @Test
  void committedSplitIsDisjointAndComplete() {
    int[] validation = IndexList.read("cifar10-validation.txt");
    int[] train = IndexList.others(validation, 50_000);

    assertThat(validation).hasSize(5_000);
    assertThat(train).hasSize(45_000);
    assertThat(distinct(train, validation)).isEqualTo(50_000);
    // The list that the committed script writes; the teacher's numbers hold for this split only.
    assertThat(Arrays.hashCode(validation)).isEqualTo(-472134294);
  }

  @Test
  void miniComesFromTheSameSplit() {
    int[] validation = IndexList.read("cifar10-validation.txt");

    int[] train = IndexList.read("/dev/retort/cifar10/cifar10-mini-train.txt");
    assertThat(train).hasSize(4_000);
    assertThat(distinct(train, validation)).isEqualTo(9_000);
    int[] chosen = IndexList.read("/dev/retort/cifar10/cifar10-mini-validation.txt");
    assertThat(chosen).hasSize(1_000);
    assertThat(distinct(chosen)).isEqualTo(1_000);
    assertThat(distinct(chosen, validation)).isEqualTo(5_000);
    int[] test = IndexList.read("/dev/retort/cifar10/cifar10-mini-test.txt");
    assertThat(test).hasSize(2_000);
    assertThat(distinct(test)).isEqualTo(2_000);
    assertThat(Arrays.stream(test).max().orElseThrow()).isLessThan(10_000);
  }

  private static long distinct(int[]... lists) {
    return Arrays.stream(lists).flatMapToInt(Arrays::stream).distinct().count();
  }

  private Splits read() {
    return Cifar10.read(folder, MadeCifar10.FILES, VALIDATION);
  }

  private void rewrite(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content);
  }
}
