package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.LogLines;
import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchPlan;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Precision;
import dev.retort.engine.Tensors;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** On pictures of one grey value each, which tells them apart. */
class ImageFolderTest {
  private static final DatasetOptions STANDARD = DatasetOptions.STANDARD;

  @TempDir Path folder;

  @Test
  void foldersOfClassesAreSplitByClass() throws IOException {
    classes("", 20, 10);
    Files.writeString(folder.resolve("a/notes.txt"), "no picture");
    Files.writeString(folder.resolve("README.md"), "no class");
    Files.write(Files.createDirectory(folder.resolve("a/.thumbnails")).resolve("1.png"), png(9));
    // What a network drive remembers is no class.
    Files.write(Files.createDirectories(folder.resolve("#recycle")).resolve("1.png"), png(9));
    Files.write(Files.createDirectories(folder.resolve("~snapshot/a")).resolve("1.png"), png(9));

    Splits splits = open(STANDARD);

    assertThat(splits.classes()).containsExactly("a", "b");
    assertThat(splits.inputShape()).isEqualTo(new ImageShape(3, 4, 6));
    assertThat(counts(splits.test())).containsExactly(2, 1);
    assertThat(counts(splits.validation())).containsExactly(2, 1);
    assertThat(counts(splits.train())).containsExactly(16, 8);
    List<Integer> seen = new ArrayList<>(values(splits.train()));
    seen.addAll(values(splits.validation()));
    seen.addAll(values(splits.test()));
    assertThat(seen).doesNotHaveDuplicates().hasSize(30);
  }

  @Test
  void partsThatHaveFoldersAreThoseFolders() throws IOException {
    classes("train", 10, 10);
    classes("val", 1, 2);
    Splits splits = open(STANDARD);

    assertThat(counts(splits.validation())).containsExactly(1, 2);
    assertThat(counts(splits.test())).containsExactly(1, 1);
    assertThat(counts(splits.train())).containsExactly(9, 9);
    assertThatThrownBy(() -> open(options(null, 0.2, Unreadable.STOP)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the share validation cannot be given");

    assertThat(open(seeded(5)).test().size()).isEqualTo(2);
    classes("test", 1, 1);
    assertThatThrownBy(() -> open(seeded(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "its own parts for validation and test: leave splitSeed, or --split-seed, out");
  }

  /** Else a student would learn to tell the parts of the data apart. */
  @Test
  void partsThatAreNamedOtherwiseAreNotTakenForClasses() throws IOException {
    classes("Train", 2, 2);
    classes("Test", 2, 2);
    assertThatThrownBy(() -> open(STANDARD))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "are Test and Train its parts? Name parts train, validation and test");
  }

  @Test
  void aFolderBesidePartsThatIsNoneIsRefused() throws IOException {
    classes("train", 2, 2);
    classes("val", 2, 2);
    classes("more", 2, 2);
    assertThatThrownBy(() -> open(STANDARD)).hasMessageContaining("are train and val its parts?");
  }

  @Test
  void whatIsLeftOutOrOfOnePictureOnlyIsCountedAndNamed() throws IOException {
    classes("", 10, 1);
    for (String name : List.of("1.HEIC", "2.heic", "3.avif", "notes", "Thumbs.db", ".DS_Store")) {
      Files.writeString(folder.resolve("a").resolve(name), "no picture");
    }
    Path thumbnails = Files.createDirectories(folder.resolve("a/@eaDir/0.png")); // a Synology's
    Files.write(thumbnails.resolve("SYNOPHOTO_THUMB_M.png"), png(9));

    Verification found =
        DatasetSource.parse("folder:" + folder, Path.of(""))
            .verify(STANDARD, InspectionProgress.NONE);

    assertThat(found.warnings())
        .containsExactly(
            folder
                + ": 4 files are left out, since only JPEG, PNG, BMP, GIF, WebP and TIFF are read:"
                + " 2 .heic, 1 .avif, 1 without an ending",
            "folder:" + folder + " has no validation image of b (of 1 in all)",
            "folder:" + folder + " has no test image of b (of 1 in all)");
    assertThat(found.sizes()).isNull();
    assertThat(open(STANDARD).train().size()).as("without the thumbnail").isEqualTo(8 + 1);
  }

  @Test
  void picturesOfSeveralSizesAreVerifiedWithoutOneAndEachIsHeardOf() throws IOException {
    classes("", 10, 10);
    Files.write(folder.resolve("a/cut.png"), Arrays.copyOf(png(9), 60));
    ImageIO.write(
        new BufferedImage(7, 7, BufferedImage.TYPE_INT_RGB),
        "png",
        folder.resolve("a/other.png").toFile());
    DatasetSource source = DatasetSource.parse("folder:" + folder, Path.of(""));
    Set<Integer> heard = ConcurrentHashMap.newKeySet();

    assertThatThrownBy(() -> source.verify(STANDARD, (data, done, total) -> heard.add(done)))
        .hasMessageContaining("1 of 22 images cannot be read");
    assertThat(heard).hasSize(22).contains(1, 22);
    Files.delete(folder.resolve("a/cut.png"));
    Verification found = source.verify(STANDARD, InspectionProgress.NONE);

    assertThat(found.sizes()).contains("6x4").contains("7x7").contains("--size");
    assertThat(found.warnings()).isEmpty();
    Splits splits = found.splits();
    assertThat(splits.train().size() + splits.validation().size() + splits.test().size())
        .isEqualTo(21);
  }

  @Test
  void aTestPartAloneOrAllOfAFolderAreTestImages() throws IOException {
    classes("all/test", 3, 4);
    DatasetSource whole = DatasetSource.parse("folder:" + folder.resolve("all"), Path.of(""));
    DatasetSource part = DatasetSource.parse("folder:" + folder.resolve("all/test"), Path.of(""));
    DatasetOptions all =
        new DatasetOptions(null, null, null, null, 1.0, 0, Unreadable.STOP, null, null, null, null);

    Verification alone = whole.verify(STANDARD, InspectionProgress.NONE);

    assertThat(counts(alone.splits().test())).containsExactly(3, 4);
    assertThat(alone.splits().train().size()).isZero();
    assertThat(alone.splits().validation().size()).isZero();
    assertThat(alone.warnings()).singleElement().asString().contains("has no training images");
    assertThat(part.open(all).test().digest()).isEqualTo(alone.splits().test().digest());
    assertThat(part.verify(STANDARD, InspectionProgress.NONE).warnings())
        .anyMatch(warning -> warning.contains("--test 1 tests on all of it"));
  }

  /** A name in another encoding; under LANG=C, where others are read so, Java cannot make one. */
  @Test
  @EnabledIfSystemProperty(named = "sun.jnu.encoding", matches = "UTF-8")
  void aClassWhoseNameCannotBeReadIsRefused() throws IOException {
    classes("", 2, 2);
    Files.createDirectories(folder.resolve("caf\ufffd"));

    assertThatThrownBy(() -> ImageFolder.find(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("caf\ufffd: Java cannot read this folder's name: rename the folder");
  }

  @Test
  void aClassMayHaveTheNameOfAPart() throws IOException {
    classes("", 20, 20);
    Files.move(folder.resolve("a"), folder.resolve("train"));
    assertThat(open(STANDARD).classes()).containsExactly("b", "train");
  }

  /** Pictures of one grey value are byte for byte the same. */
  @Test
  void picturesThatAreLearntFromAndHeldOutAreCounted() throws IOException {
    classes("parts/train", 4, 4);
    classes("parts/validation", 6, 1);
    classes("parts/test", 5, 5);
    classes("more", 1, 0);
    DatasetSource source = DatasetSource.parse("folder:" + folder.resolve("parts"), Path.of(""));

    String origin = "folder:" + folder.resolve("parts");
    String rest = " images, too; what is measured on them says nothing of new ones";
    assertThat(source.verify(unlabelled("more"), InspectionProgress.NONE).warnings())
        .containsExactly(
            origin + ": 5 of 7 validation images are training" + rest,
            origin + ": 8 of 10 test images are training" + rest,
            origin + ": 1 of 7 validation images are unlabelled training" + rest,
            origin + ": 1 of 10 test images are unlabelled training" + rest);
  }

  @Test
  void whatLooksLikePartsOrLiesBesideTheClassesIsNamed() throws IOException {
    classes("seg_train", 10, 10);
    classes("seg_test", 10, 10);
    Files.write(folder.resolve("loose.png"), png(9));

    assertThat(
            DatasetSource.parse("folder:" + folder, Path.of(""))
                .verify(STANDARD, InspectionProgress.NONE)
                .warnings())
        .contains(
            folder
                + ": seg_test and seg_train count as classes, and have folders in place of pictures;"
                + " if these are the classes, name the parts train, validation and test",
            folder
                + ": the pictures beside its folders are left out (1); those of a class lie in its"
                + " folder");
  }

  @Test
  void testPicturesInNoFolderOfAClassAreRefused() throws IOException {
    classes("train", 2, 2);
    Path loose = Files.createDirectories(folder.resolve("test")).resolve("1.png");
    Files.write(loose, png(9));

    assertThatThrownBy(() -> open(STANDARD))
        .isInstanceOf(DataException.class)
        .hasMessage(loose + " has no label: pictures must lie in folders of their class");
  }

  @Test
  void statisticsAreThoseOfTheTrainingImages() throws IOException {
    classes("train", 2, 2);
    classes("val", 1, 1);
    classes("test", 1, 1);

    ChannelStatistics statistics = open(STANDARD).statistics();

    // Of the greys 0, 1, 100 and 101 the mean is 50.5, and that of the squares 5050.5.
    float deviation = (float) Math.sqrt(5050.5 - 50.5 * 50.5);
    for (int c = 0; c < 3; c++) {
      assertThat(statistics.mean()[c]).isCloseTo(50.5f / 255, within(1e-6f));
      assertThat(statistics.standardDeviation()[c]).isCloseTo(deviation / 255, within(1e-6f));
    }
  }

  @Test
  void unreadableImagesAreListedBeforeAnythingBeginsOrLeftOut() throws IOException {
    classes("", 10, 10);
    Path cut = Files.write(folder.resolve("a/cut.png"), Arrays.copyOf(png(9), 30));
    Path empty = Files.createFile(folder.resolve("b/empty.jpg"));

    assertThatThrownBy(() -> open(STANDARD))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 of 22 images cannot be read")
        .hasMessageContaining(cut + ": damaged")
        .hasMessageContaining(empty + ": the file is empty");

    Splits without = open(options(null, null, Unreadable.SKIP));
    assertThat(without.train().size() + without.validation().size() + without.test().size())
        .isEqualTo(20);
    DatasetSource source = DatasetSource.parse("folder:" + folder, Path.of(""));
    assertThat(
            source.verify(options(null, null, Unreadable.SKIP), InspectionProgress.NONE).warnings())
        .containsExactly("folder:" + folder + ": 2 of 22 images cannot be read, and are left out");
  }

  /** As where a disk is not mounted: what it holds must not be left out silently. */
  @Test
  void aLinkToNothingIsAnImageThatCannotBeRead() throws IOException {
    classes("", 10, 10);
    Path gone = folder.resolve("a/gone.png");
    Files.createSymbolicLink(gone, folder.resolve("elsewhere.png"));

    assertThatThrownBy(() -> open(STANDARD))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("1 of 21 images cannot be read")
        .hasMessageContaining(gone.toString());
  }

  /** As where a disk is not mounted: training pictures must not become the test images. */
  @Test
  void aPartOrAClassThatIsNotThereIsNotPassedOver() throws IOException {
    classes("train", 10, 10);
    Path test = Files.createDirectories(folder.resolve("test"));
    assertThatThrownBy(() -> open(STANDARD))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(test + " has no picture");

    Files.delete(test);
    Files.createSymbolicLink(test, folder.resolve("elsewhere"));
    assertThatThrownBy(() -> open(STANDARD))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(test + " is a link to a folder that is not there");
  }

  /** As an archive does that is unpacked over a folder. */
  @Test
  void aPictureThatIsReplacedByOneOfTheSameSizeAndDateIsLookedAtAnew() throws IOException {
    classes("", 10, 10);
    Path picture = folder.resolve("a/9.bmp");
    BufferedImage image = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
    ImageIO.write(image, "bmp", picture.toFile());
    FileTime time = Files.getLastModifiedTime(picture);
    String digest = open(STANDARD).digest();
    assertThat(open(STANDARD).digest()).isEqualTo(digest);

    image.setRGB(0, 0, 0xffffff);
    ImageIO.write(image, "bmp", picture.toFile());
    Files.setLastModifiedTime(picture, time);

    assertThat(open(STANDARD).digest()).isNotEqualTo(digest);
  }

  @Test
  void imagesOfSeveralSizesNeedOne() throws IOException {
    classes("", 10, 10);
    ImageIO.write(
        new BufferedImage(7, 7, BufferedImage.TYPE_INT_RGB),
        "png",
        folder.resolve("a/other.png").toFile());

    assertThatThrownBy(() -> open(STANDARD))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("6x4")
        .hasMessageContaining("7x7")
        .hasMessageContaining("--size");

    ImageShape oblong = new ImageShape(1, 3, 5);
    Splits read =
        DatasetSource.parse("folder:" + folder, Path.of(""))
            .open(STANDARD, oblong, null, InspectionProgress.NONE);
    assertThat(read.inputShape()).isEqualTo(oblong);
    assertThat(read.statistics().mean()).hasSize(1);

    // As of a student that learnt from scaled pictures: its input stands for the size.
    ImageShape input = new ImageShape(3, 5, 5);
    Splits scaled =
        DatasetSource.parse("folder:" + folder, Path.of(""))
            .open(STANDARD, input, 7, InspectionProgress.NONE);
    assertThat(scaled.inputShape()).isEqualTo(input);

    Splits splits = open(options(5, null, Unreadable.STOP));
    assertThat(splits.inputShape()).isEqualTo(new ImageShape(3, 5, 5));
    PixelView view = new PixelView();
    splits.train().framed(splits.inputShape()).read(0, view);
    assertThat(view.height()).isEqualTo(5);
    assertThat(view.width()).isEqualTo(5);
  }

  @Test
  void batchesAreTheSameWhetherDecodedImagesAreKeptOrNot() throws IOException {
    classes("", 12, 12);
    DatasetOptions none =
        new DatasetOptions(3, 4, null, null, null, 0, Unreadable.STOP, null, null, null, 0.0);
    DatasetOptions all =
        new DatasetOptions(3, 4, null, null, null, 0, Unreadable.STOP, null, null, null, 1.0);

    assertThat(epochs(open(none))).isEqualTo(epochs(open(all)));
  }

  /** Their files are gone: only what is kept has their pixels. */
  @Test
  void picturesThatAreKeptAreNotDecodedAgain() throws IOException {
    classes("train", 2, 2);
    Dataset kept = open(keeping(1.0)).train();
    Dataset notKept = open(keeping(0.0)).train();
    List<Integer> seen = values(kept);
    assertThat(values(notKept)).isEqualTo(seen);

    for (Path ofClass : List.of(folder.resolve("train/a"), folder.resolve("train/b"))) {
      Files.move(ofClass, folder.resolve("gone-" + ofClass.getFileName()));
    }

    assertThat(values(kept)).isEqualTo(seen);
    assertThatThrownBy(() -> values(notKept)).isInstanceOf(DataException.class);
  }

  /** Each has 6 x 4 x 3 = 72 bytes. */
  @Test
  void howManyPicturesAreKeptIsSaidOnceAndWhy() throws IOException {
    classes("train", 10, 10);
    List<Integer> decoded = values(open(keeping(0.0)).train());
    Dataset train = open(keeping(500e-9)).train();

    List<String> messages =
        LogLines.of(
            DecodedDataset.class,
            () -> {
              assertThat(values(train)).isEqualTo(decoded);
              assertThat(values(train)).isEqualTo(decoded);
            });

    assertThat(messages)
        .containsExactly(
            "folder:"
                + folder
                + "/train: 6 of "
                + train.size()
                + " pictures are kept decoded; the others are decoded again each time they are seen,"
                + " because the 0.5 kB that data.memoryGigabytes allows are used up");
  }

  @Test
  void whatIsNoFolderOfClassesIsRefused() throws IOException {
    assertThatThrownBy(() -> open(STANDARD)).hasMessageContaining("at least two classes");
    classes("train", 2, 2);
    classes("test/nested", 1, 1);
    assertThatThrownBy(() -> open(STANDARD))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nested is no class of the training images: [a, b]");
    assertThatThrownBy(() -> ImageFolder.find(folder.resolve("none")))
        .hasMessageContaining("none is not a folder of images");
  }

  @Test
  void picturesWithoutLabelsAreTrainedOnAfterTheOthers() throws IOException {
    classes("labelled", 10, 10);
    classes("more", 3, 2);
    DatasetSource source = DatasetSource.parse("folder:" + folder.resolve("labelled"), Path.of(""));
    Splits labelled = source.open();

    Splits all = source.open(unlabelled("more"));

    int labels = labelled.train().size();
    assertThat(all.train().size()).isEqualTo(labels + 5);
    assertThat(all.train().label(labels - 1)).isEqualTo(1);
    PixelView view = new PixelView();
    List<Integer> values = new ArrayList<>();
    for (int i = labels; i < labels + 5; i++) {
      assertThat(all.train().label(i)).isEqualTo(Dataset.UNLABELLED);
      all.train().framed(all.inputShape()).read(i, view);
      values.add(Byte.toUnsignedInt(view.pixels()[view.offset()]));
    }
    assertThat(values).containsExactly(0, 1, 2, 100, 101);
    assertThat(all.statistics()).usingRecursiveComparison().isEqualTo(labelled.statistics());
    assertThat(all.digest()).isNotEqualTo(labelled.digest());
    assertThatThrownBy(() -> source.open(unlabelled("none")))
        .hasMessageContaining("none is not a folder of images");
  }

  @Test
  void aChangedFileIsLookedAtAgain() throws IOException {
    classes("", 10, 10);
    String before = open(STANDARD).digest();
    assertThat(open(STANDARD).digest()).isEqualTo(before);

    Files.write(folder.resolve("a/0.png"), png(200));

    assertThat(open(STANDARD).digest()).isNotEqualTo(before);
  }

  private Splits open(DatasetOptions options) {
    return DatasetSource.parse("folder:" + folder, Path.of("")).open(options);
  }

  private static DatasetOptions options(
      @Nullable Integer size, @Nullable Double validation, Unreadable unreadable) {
    return new DatasetOptions(
        size, null, null, validation, null, 0, unreadable, null, null, null, null);
  }

  private static DatasetOptions keeping(double gigabytes) {
    return new DatasetOptions(
        null, null, null, null, null, 0, Unreadable.STOP, null, null, null, gigabytes);
  }

  private static DatasetOptions seeded(long splitSeed) {
    return new DatasetOptions(
        null, null, null, null, null, splitSeed, Unreadable.STOP, null, null, null, null);
  }

  private DatasetOptions unlabelled(String more) {
    return new DatasetOptions(
        null, null, null, null, null, 0, Unreadable.STOP, null, null, folder.resolve(more), null);
  }

  /** Two epochs of every number that a network would read. */
  private static List<List<Double>> epochs(Splits splits) {
    List<List<Double>> seen = new ArrayList<>();
    try (BatchStream stream =
        BatchStream.training(
            splits.train(),
            splits.inputShape(),
            splits.statistics(),
            new BatchPlan(4, Augmentation.STANDARD, 1),
            Precision.FP32)) {
      for (int epoch = 0; epoch < 2; epoch++) {
        for (Batch batch : stream.epoch(epoch, 0)) {
          seen.add(Arrays.stream(Tensors.toDoubles(batch.images())).boxed().toList());
        }
      }
    }
    return seen;
  }

  /** Class a with the grey values 0 … n − 1, class b with those from 100. */
  private void classes(String part, int ofA, int ofB) throws IOException {
    for (String name : List.of("a", "b")) {
      Path ofClass = Files.createDirectories(folder.resolve(part).resolve(name));
      for (int i = 0; i < (name.equals("a") ? ofA : ofB); i++) {
        Files.write(ofClass.resolve(i + ".png"), png(name.equals("a") ? i : 100 + i));
      }
    }
  }

  private static byte[] png(int value) throws IOException {
    BufferedImage image = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 24; i++) {
      image.setRGB(i % 6, i / 6, value * 0x010101);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static int[] counts(Dataset dataset) {
    int[] counts = new int[2];
    for (int i = 0; i < dataset.size(); i++) {
      counts[dataset.label(i)]++;
    }
    return counts;
  }

  private static List<Integer> values(Dataset dataset) {
    PixelView view = new PixelView();
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < dataset.size(); i++) {
      dataset.read(i, view);
      int value = Byte.toUnsignedInt(view.pixels()[view.offset()]);
      assertThat(dataset.label(i)).isEqualTo(value < 100 ? 0 : 1);
      values.add(value);
    }
    return values;
  }
}
