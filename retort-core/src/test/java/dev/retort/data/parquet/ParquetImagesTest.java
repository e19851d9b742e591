package dev.retort.data.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.DataException;
import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageFile;
import dev.retort.data.ImageFile.Picture;
import dev.retort.data.InspectionProgress;
import dev.retort.data.PixelView;
import dev.retort.data.Splits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On tables that DuckDB wrote; {@code golden_parquet.mjs} made them. */
class ParquetImagesTest {
  private static final String TRAIN = "data/train-00000-of-00001.parquet";
  private static final String TEST = "data/test-00000-of-00001.parquet";
  private static final String[] PICTURES = {"rgb.png", "orientation6.jpg", "grey.png"};

  @TempDir Path folder;

  @Test
  void aFolderOfTheHubHasItsPartsClassesAndPictures() throws IOException {
    copy(TRAIN);
    copy(TEST);

    Splits splits = open(folder, options(16, null));

    assertThat(splits.classes()).containsExactly("cat", "dog");
    assertThat(splits.train().size()).isEqualTo(36);
    assertThat(splits.validation().size()).isEqualTo(4);
    assertThat(splits.test().size()).isEqualTo(6);
    PixelView view = new PixelView();
    for (int row = 0; row < 6; row++) {
      Path picture = Path.of("src/test/resources/dev/retort/data/pictures", PICTURES[row % 3]);
      Picture expected = ImageFile.read(picture.toString(), Files.readAllBytes(picture));
      splits.test().read(row, view);
      assertThat(splits.test().label(row)).isEqualTo(row % 2);
      assertThat(view.height()).isEqualTo(expected.shape().height());
      assertThat(Arrays.copyOf(view.pixels(), expected.pixels().length))
          .isEqualTo(expected.pixels());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"test-0.parquet.part", "test-0.PARQUET", "test.parquet.incomplete"})
  void trainingImagesDoNotTakeThePlaceOfATestTableThatIsNotWhole(String test) throws IOException {
    copy(TRAIN);
    copy(TEST, test);

    assertThatThrownBy(() -> open(folder, options(16, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(test + ": is it a table?");
  }

  @Test
  void filesThatAreMissingOfANumberedPartAreWarnedOf() throws IOException {
    copy(TRAIN, "train-00000-of-00003.parquet");
    copy(TRAIN, "train-00002-of-00003.parquet");
    copy(TEST);

    assertThat(new ParquetImages().find(folder, options(16, null)).warnings())
        .containsExactly(folder + "/train-*-of-00003: only 2 files are there");
  }

  /** The names lie uncompressed in the file's metadata. */
  @Test
  void filesThatNumberTheirClassesDifferentlyAreRefused() throws IOException {
    copy(TRAIN);
    Path test = copy(TEST);
    String bytes = Files.readString(test, StandardCharsets.ISO_8859_1);
    String names = "\"cat\",\"dog\"";
    assertThat(bytes).contains(names);
    Files.writeString(test, bytes.replace(names, "\"dog\",\"cat\""), StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> open(folder, options(16, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has the classes [cat, dog], and a file before it [dog, cat]");
  }

  /** As the hub calls its own copies of tables that it cut off, and as COCO's parts are called. */
  @ParameterizedTest
  @CsvSource({
    "default/partial-train/0000.parquet, default/partial-test/0000.parquet",
    "train2017.parquet, test2017.parquet",
    "train set.parquet, test (1).parquet",
    "holdings/trainA.parquet, holdings/testA.parquet"
  })
  void namesThatBeginWithAPartAreThatPart(String train, String test) throws IOException {
    copy(TRAIN, train);
    copy(TEST, test);

    assertThat(open(folder, options(16, null)).test().size()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cifar10_test.parquet",
        "testing/0000.parquet",
        "dev-00000.parquet",
        "a/eval/b.parquet",
        "tests/0.parquet",
        "testset.parquet",
        "valset.parquet",
        "devel-0.parquet",
        "trainTest.parquet",
        "validate-0.parquet",
        "evaluation-00000-of-00001.parquet",
        "heldout-0.parquet",
        "train_test_split/test.parquet",
        "test/train-0.parquet"
      })
  void aNameThatMayMeanAPartIsRefused(String test) throws IOException {
    copy(TRAIN);
    copy(TEST, test);

    assertThatThrownBy(() -> open(folder, options(16, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("of which part is");
  }

  /** Notebooks leave such copies. */
  @Test
  void hiddenFilesAreNoTables() throws IOException {
    copy(TRAIN);
    copy(TEST);
    copy(TRAIN, ".ipynb_checkpoints/train-0-checkpoint.parquet");

    assertThat(open(folder, options(16, null)).train().size()).isEqualTo(36);
  }

  /** Its rows would be measured as a tenth of them. */
  @Test
  void aTableToTestOnThatIsDividedWarns() throws IOException {
    Path test = copy("names.parquet", "test-00000.parquet");

    String warning =
        "%s is divided like other data, a tenth of it to test on; --test 1 tests on all of it";
    assertThat(verify(test, options(16, null))).contains(warning.formatted("parquet:" + test));
    assertThat(verify(copy("names.parquet", "birds.parquet"), options(16, null)))
        .noneMatch(said -> said.contains("is divided"));
  }

  private static List<String> verify(Path path, DatasetOptions options) {
    return DatasetSource.parse("parquet:" + path, Path.of(""))
        .verify(options, InspectionProgress.NONE)
        .warnings();
  }

  @Test
  void aLinkToAFolderIsFollowed() throws IOException {
    copy(TRAIN);
    copy(TEST);
    Path link =
        Files.createSymbolicLink(folder.resolveSibling(folder.getFileName() + "-link"), folder);
    try {
      assertThat(open(link, options(16, null)).train().size())
          .isEqualTo(open(folder, options(16, null)).train().size());
    } finally {
      Files.delete(link);
    }
  }

  @Test
  void namesInTheColumnAreTheClasses() throws IOException {
    Splits splits = open(copy("names.parquet"), options(16, null));

    assertThat(splits.classes()).containsExactly("beagle", "tabby");
    // Rows alternate from tabby; of ten a class, one tests and one of the other nine validates.
    assertThat(splits.test().size()).isEqualTo(2);
    assertThat(splits.validation().size()).isEqualTo(2);
    assertThat(splits.train().size()).isEqualTo(16);
    assertThat(splits.train().label(0) + splits.train().label(15)).isEqualTo(1);
  }

  @Test
  void numbersAreTheClassesUnlessAFileBesideNamesThem() throws IOException {
    Path file = copy("numbers.parquet");
    assertThat(open(file, options(16, null)).classes()).containsExactly("0", "1");

    Files.writeString(file.resolveSibling("classes.txt"), "tabby\nbeagle\n");
    assertThat(open(file, options(16, null)).classes()).containsExactly("tabby", "beagle");
    assertThat(open(folder, options(16, null)).classes()).containsExactly("tabby", "beagle");

    Files.writeString(file.resolveSibling("classes.txt"), "tabby\n");
    assertThatThrownBy(() -> open(file, options(16, null)))
        .isInstanceOf(DataException.class)
        .hasMessage(file + ", row 1 is of class 1, which is none of [tabby]");
  }

  @Test
  void aDamagedTableAndAWrongColumnAreRefused() throws IOException {
    Path file = copy("names.parquet");
    assertThatThrownBy(() -> open(file, options(16, "label")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "its columns are image, label; 'label' cannot be read (data.imageColumn in a"
                + " configuration, --image-column on the command line)");

    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> open(file, options(16, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("names.parquet is damaged, or no Parquet file");
    Files.write(file, new byte[0]);
    assertThatThrownBy(() -> open(file, options(16, null)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is damaged");
    for (int at = 4; at < whole.length - 8; at += 211) {
      byte[] altered = whole.clone();
      altered[at] ^= 0x55;
      Files.write(file, altered);
      try {
        open(file, options(16, null));
      } catch (DataException e) {
        assertThat(e).hasMessageContaining(file.toString());
      }
    }
    assertThatThrownBy(() -> open(folder.resolve("none"), options(16, null)))
        .hasMessageContaining("no such file or folder");
  }

  /** At byte 1479 begins, as a variable-length number, how many values a run of a page has. */
  @Test
  void aTableThatDeclaresMoreThanTheMemoryIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(copy("numbers.parquet"));
    System.arraycopy(
        new byte[] {(byte) 0x83, (byte) 0x80, (byte) 0x80, (byte) 0x80, 1}, 0, bytes, 1479, 5);
    Path file = Files.write(folder.resolve("damaged.parquet"), bytes);

    assertThatThrownBy(() -> open(file, options(16, null)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file + " is damaged, or its pages are larger than Java's memory");
  }

  /** A damaged page may declare any length; an array of this one would not fit the heap. */
  @Test
  void aPictureThatIsLongerThanItsPageIsRefusedBeforeItIsMade() {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message table { required binary image; required int32 label; }");
    Group row = new SimpleGroup(schema);
    row.add(
        "image", Binary.fromConstantByteBuffer(ByteBuffer.allocate(8), 0, Integer.MAX_VALUE - 8));

    assertThatThrownBy(() -> new ParquetColumns("image", false, "label").picture(row))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Path copy(String name) throws IOException {
    return copy(name, name);
  }

  private Path copy(String name, String to) throws IOException {
    Path file = folder.resolve(to);
    Files.createDirectories(file.getParent());
    return Files.write(file, resource("parquet/" + name));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream resource =
        ParquetImagesTest.class.getResourceAsStream("/dev/retort/data/" + name)) {
      return resource.readAllBytes();
    }
  }

  private static Splits open(Path path, DatasetOptions options) {
    return DatasetSource.parse("parquet:" + path, Path.of("")).open(options);
  }

  private static DatasetOptions options(int size, @Nullable String imageColumn) {
    return new DatasetOptions(
        size, null, null, null, null, 0, Unreadable.STOP, imageColumn, null, null, null);
  }
}
