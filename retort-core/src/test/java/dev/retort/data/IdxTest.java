package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.DatasetOptions.Unreadable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On files written here by the format's description: 20 training and 4 test images, 2 x 3. */
class IdxTest {
  private static final String IMAGES = "train-images-idx3-ubyte";
  private static final String LABELS = "train-labels-idx1-ubyte";

  @TempDir Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    write(IMAGES, idx(values(120), 20, 2, 3));
    write(LABELS, idx(labels(20), 20));
    write("t10k-images-idx3-ubyte", idx(values(24), 4, 2, 3));
    write("t10k-labels-idx1-ubyte", idx(labels(4), 4));
  }

  @Test
  void imagesAndLabelsAreThoseOfTheFilesAndATenthOfEachClassValidates() {
    Splits splits = Idx.read(folder);

    assertThat(splits.inputShape()).isEqualTo(new ImageShape(1, 2, 3));
    assertThat(splits.classes()).containsExactly("0", "1");
    // 10 images of each class: one of each is set apart.
    assertThat(splits.train().size()).isEqualTo(18);
    assertThat(splits.validation().size()).isEqualTo(2);
    assertThat(splits.validation().label(0) + splits.validation().label(1)).isEqualTo(1);
    PixelView third = new PixelView();
    splits.test().read(2, third);
    assertThat(Arrays.copyOfRange(third.pixels(), third.offset(), third.offset() + 6))
        .containsExactly(12, 13, 14, 15, 16, 17);
    assertThat(splits.test().label(3)).isEqualTo(1);
  }

  @Test
  void theirPartsAreAlwaysTheSame() {
    DatasetSource source = DatasetSource.parse("idx:" + folder, Path.of(""));
    DatasetOptions share =
        new DatasetOptions(null, null, null, 0.2, null, 0, Unreadable.STOP, null, null, null, null);
    DatasetOptions seed =
        new DatasetOptions(
            null, null, null, null, null, 1, Unreadable.STOP, null, null, null, null);

    assertThatThrownBy(() -> source.open(share))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("validation, test and splitSeed are for pictures in files");
    assertThatThrownBy(() -> source.open(seed)).isInstanceOf(IllegalArgumentException.class);
    assertThat(
            source
                .open(
                    DatasetOptions.STANDARD, new ImageShape(3, 8, 4), null, InspectionProgress.NONE)
                .inputShape())
        .isEqualTo(new ImageShape(1, 8, 4));
  }

  @Test
  void compressedFilesGiveTheSameData() throws IOException {
    String plain = Idx.read(folder).digest();
    for (String name : new String[] {IMAGES, LABELS}) {
      ByteArrayOutputStream compressed = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
        gzip.write(Files.readAllBytes(folder.resolve(name)));
      }
      Files.delete(folder.resolve(name));
      write(name + ".gz", compressed.toByteArray());
    }

    assertThat(Idx.read(folder).digest()).isEqualTo(plain);
  }

  @Test
  void aFourthDimensionIsTheChannels() throws IOException {
    Files.delete(folder.resolve(IMAGES));
    Files.delete(folder.resolve("t10k-images-idx3-ubyte"));
    write("train-images-idx4-ubyte", idx(values(80), 20, 1, 2, 2));
    write("t10k-images-idx4-ubyte", idx(values(16), 4, 1, 2, 2));

    assertThat(Idx.read(folder).inputShape()).isEqualTo(new ImageShape(2, 1, 2));

    write("train-images-idx4-ubyte", idx(values(200), 20, 1, 2, 5)); // as of [N, C, H, W]
    assertThatThrownBy(() -> Idx.read(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("images are [N, height, width, channels], of 4 channels at most");
  }

  @Test
  void aFileNamesTheClasses() throws IOException {
    Files.writeString(folder.resolve("classes.txt"), "T-shirt/top\nTrouser\n");

    assertThat(Idx.read(folder).classes()).containsExactly("T-shirt/top", "Trouser");
  }

  @Test
  void whatIsWrongIsSaidWithTheFile() throws IOException {
    refuse(IMAGES, Arrays.copyOf(idx(values(120), 20, 2, 3), 100), "is cut off");
    refuse(IMAGES, Arrays.copyOf(idx(values(120), 20, 2, 3), 137), "is too long");
    refuse(IMAGES, new byte[0], "is cut off");
    refuse(IMAGES, "not images".getBytes(StandardCharsets.UTF_8), "is no IDX");
    refuse(IMAGES, idx(values(0), 20, 0, 3), "has no images");
    refuse(IMAGES, idx(values(114), 19, 2, 3), "has 19 images");
    // Four billion pixels in a hundred bytes: refused by the header, before memory is asked for.
    refuse(IMAGES, idx(values(100), 1, 65_535, 65_535), "declares [1, 65535, 65535]");
    refuse(IMAGES, idx(values(100), -1, 2, 3), "dimension 0 has no size");
  }

  /** Three billion pixels, of which the file system keeps none. */
  @Test
  void aWholeFileThatFitsIntoNoArrayIsNotCalledDamaged() throws IOException {
    Path images = folder.resolve(IMAGES);
    Files.write(images, idx(values(0), 60_000, 224, 224));
    try (RandomAccessFile file = new RandomAccessFile(images.toFile(), "rw")) {
      file.setLength(16 + 60_000L * 224 * 224);
    }

    assertThatThrownBy(() -> Idx.read(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is too large")
        .hasMessageContaining("folder:");
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    Files.delete(folder.resolve(LABELS));
    assertThatThrownBy(() -> Idx.read(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no file of labels beside it");

    Files.delete(folder.resolve(IMAGES));
    assertThatThrownBy(() -> Idx.read(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has no file train-images-idx3-ubyte");
  }

  /** Some archives unfold into a folder for each file, which has its name. */
  @Test
  void aFolderOfThatNameIsNoFile() throws IOException {
    Files.createDirectory(folder.resolve("train-images.idx3-ubyte"));

    assertThat(Idx.read(folder).train().size()).isEqualTo(18);
  }

  @Test
  void oneClassIsRefused() throws IOException {
    write(LABELS, idx(new byte[20], 20));
    write("t10k-labels-idx1-ubyte", idx(new byte[4], 4));

    assertThatThrownBy(() -> DatasetSource.parse("idx:" + folder, Path.of("")).open())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("idx:" + folder + " has only the class 0");
  }

  private void refuse(String name, byte[] content, String reason) throws IOException {
    write(name, content);
    assertThatThrownBy(() -> Idx.read(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(folder.resolve(name).toString())
        .hasMessageContaining(reason);
    writeFiles();
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content);
  }

  private static byte[] values(int n) {
    byte[] values = new byte[n];
    for (int i = 0; i < n; i++) {
      values[i] = (byte) i;
    }
    return values;
  }

  private static byte[] labels(int n) {
    byte[] labels = new byte[n];
    for (int i = 0; i < n; i++) {
      labels[i] = (byte) (i % 2);
    }
    return labels;
  }

  private static byte[] idx(byte[] values, int... sizes) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + values.length);
    file.putInt(0x0800 + sizes.length);
    for (int size : sizes) {
      file.putInt(size);
    }
    return file.put(values).array();
  }
}
