package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderWriterTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenReadsAsTheSameImagesInTheSameParts() throws IOException {
    Splits splits = splits(3, List.of("cat", "dog"));
    Path to = folder.resolve("written");

    ImageFolderWriter.write(splits, to);

    Splits read = DatasetSource.parse("folder:" + to, Path.of("")).open();
    assertThat(read.classes()).isEqualTo(splits.classes());
    assertThat(images(read.train())).containsExactlyInAnyOrderElementsOf(images(splits.train()));
    assertThat(images(read.validation())).isEqualTo(images(splits.validation()));
    assertThat(images(read.test())).isEqualTo(images(splits.test()));
    // Pictures that are files already are copied.
    Path again = folder.resolve("again");
    ImageFolderWriter.write(read, again);
    assertThat(again.resolve("test/cat/000000.png"))
        .hasSameBinaryContentAs(to.resolve("test/cat/000000.png"));
  }

  /** A class without a picture is none of the folder's; one without training pictures cannot be. */
  @Test
  void whatIsWrittenCanBeReadWhereClassesOrPartsHaveNoPicture() throws IOException {
    ImageShape shape = new ImageShape(3, 2, 2);
    List<String> three = List.of("a", "b", "c");
    Dataset none = new InMemoryDataset("made", three, shape, new byte[0], new int[0]);
    Dataset two = made(shape, three, 4, 0);
    ChannelStatistics statistics = ChannelStatistics.of(two);
    Path trained = folder.resolve("trained");
    ImageFolderWriter.write(new Splits("made", two, two, none, shape, statistics), trained);
    assertThat(trained.toFile().list()).containsExactlyInAnyOrder("train", "validation");
    assertThat(trained.resolve("train").toFile().list()).containsExactlyInAnyOrder("a", "b");

    Path tested = folder.resolve("tested");
    ImageFolderWriter.write(new Splits("made", none, none, two, shape, statistics), tested);
    assertThat(tested.toFile().list()).containsExactly("test");

    byte[] pixels = new byte[shape.values()];
    Dataset third = new InMemoryDataset("made", three, shape, pixels, new int[] {2});
    Splits untrained = new Splits("made", two, two, third, shape, statistics);
    assertThatThrownBy(() -> ImageFolderWriter.write(untrained, folder.resolve("third")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no training images of the class 'c'");
  }

  @Test
  void nothingIsWrittenWhereSomethingIsOrANameIsNone() throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    assertThatThrownBy(() -> ImageFolderWriter.write(splits(3, List.of("a", "b")), there))
        .hasMessageContaining("is there already");
    Path to = folder.resolve("to");
    assertThatThrownBy(() -> ImageFolderWriter.write(splits(3, List.of("a", "../b")), to))
        .hasMessageContaining("the class '../b'");
    assertThatThrownBy(() -> ImageFolderWriter.write(splits(3, List.of("a", "b\n/../../c")), to))
        .hasMessageContaining("no folder can have the name of the class");
    assertThatThrownBy(() -> ImageFolderWriter.write(splits(2, List.of("a", "b")), to))
        .hasMessageContaining("images of 2 channels");
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(there));
  }

  /** What a killed process left is in nobody's way. */
  @Test
  void whatWasBegunBeforeIsClearedAway() throws IOException {
    Path left = Files.createDirectories(folder.resolve(".to.writing/parts/train"));
    Files.writeString(left.resolve("half.png"), "of it");
    Path to = folder.resolve("to");

    ImageFolderWriter.write(splits(3, List.of("a", "b")), to);

    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(to));
    assertThat(to.resolve("train")).isDirectoryNotContaining("glob:**half.png");
  }

  /** A validation part in another order would be judged by the wrong names. */
  @Test
  void partsOfOtherClassesAreNoDataSet() {
    ImageShape shape = new ImageShape(3, 2, 2);
    Dataset train = made(shape, List.of("cat", "dog"), 6, 0);
    Dataset other = made(shape, List.of("dog", "cat"), 2, 100);

    assertThatThrownBy(
            () -> new Splits("made", train, other, train, shape, ChannelStatistics.of(train)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("are not the same: [cat, dog] and [dog, cat]");
  }

  /** Six images that train, one each of the two classes that validate and test. */
  private static Splits splits(int channels, List<String> classes) {
    ImageShape shape = new ImageShape(channels, 2, 2);
    Dataset train = made(shape, classes, 6, 0);
    return new Splits(
        "made",
        train,
        made(shape, classes, 2, 100),
        made(shape, classes, 2, 200),
        shape,
        ChannelStatistics.of(train));
  }

  private static InMemoryDataset made(ImageShape shape, List<String> classes, int n, int first) {
    byte[] pixels = new byte[n * shape.values()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (first + i);
    }
    int[] labels = new int[n];
    Arrays.setAll(labels, i -> i % 2);
    return new InMemoryDataset("made", classes, shape, pixels, labels);
  }

  private static List<String> images(Dataset dataset) {
    PixelView view = new PixelView();
    String[] images = new String[dataset.size()];
    for (int i = 0; i < images.length; i++) {
      dataset.read(i, view);
      byte[] own = Arrays.copyOfRange(view.pixels(), view.offset(), view.offset() + 12);
      images[i] = dataset.label(i) + Arrays.toString(own);
    }
    return List.of(images);
  }
}
