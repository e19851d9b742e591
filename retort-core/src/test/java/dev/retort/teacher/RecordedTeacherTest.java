package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.retort.LogLines;
import dev.retort.data.Augmentation;
import dev.retort.data.Augmentation.Flip;
import dev.retort.data.Augmentation.Padding;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageFolderWriter;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchPlan;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.weights.NumPyFile;
import dev.retort.weights.SafeTensors;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of NumPy ({@code golden_recorded.py}): of image i, class c and view v the logit is 100 v +
 * i + c / 4.
 */
@NullUnmarked
class RecordedTeacherTest {
  private static final Path FILES = Path.of("src/test/resources/dev/retort/teacher/recorded");
  private static final ImageShape SHAPE = new ImageShape(1, 4, 4);
  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final int[] TRAIN = {0, 2, 3, 5, 6, 7};
  private static final int[] VALIDATION = {4, 1};

  @TempDir Path folder;

  /** Eight images of which two were set apart to validate, and three others that test. */
  private static Splits data() {
    Dataset whole = images("whole", 8);
    return new Splits(
        "made",
        new Subset("train", whole, TRAIN),
        new Subset("validation", whole, VALIDATION),
        images("test", 3),
        SHAPE,
        new ChannelStatistics(new float[] {0.5f}, new float[] {0.25f}));
  }

  private static Dataset images(String name, int count) {
    byte[] pixels = new byte[count * SHAPE.values()];
    Arrays.fill(pixels, (byte) count);
    return new InMemoryDataset(name, CLASSES, SHAPE, pixels, new int[count]);
  }

  private static RecordedTeacher open(Path file) {
    return new RecordedTeacher(file, null, null, data());
  }

  private static void assertSays(Teacher teacher, Dataset images, int... numbers) {
    assertSays(teacher, data(), images, numbers);
  }

  private static void assertSays(Teacher teacher, Splits data, Dataset images, int... numbers) {
    try (BatchStream stream =
        BatchStream.evaluation(
            images, data.inputShape(), data.statistics(), images.size(), Precision.FP32)) {
      Batch batch = stream.all().iterator().next();
      double[] logits = Tensors.toDoubles(teacher.activations(batch, Set.of()).logits());
      assertThat(logits).hasSize(3 * numbers.length);
      for (int i = 0; i < logits.length; i++) {
        assertThat(logits[i]).isEqualTo(numbers[i / 3] + (i % 3) / 4.0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"logits.npy, false, false", "half.npz, true, true", "columns.npz, false, false"})
  void everyPartsImagesAreFoundByTheirNumbers(String file, boolean test, boolean embedding) {
    try (TensorScope scope = TensorScope.open()) {
      RecordedTeacher teacher = open(FILES.resolve(file));

      teacher.requireTraining(Augmentation.NONE, null, null);
      assertSays(teacher, data().train(), TRAIN);
      assertSays(teacher, data().validation(), VALIDATION);
      assertThat(teacher.knows(data().validation(), Augmentation.NONE)).isTrue();
      assertThat(teacher.knows(data().validation(), Augmentation.STANDARD)).isFalse();
      assertThat(teacher.knows(data().test(), Augmentation.NONE)).isEqualTo(test);
      assertThat(teacher.shapes().containsKey("embedding")).isEqualTo(embedding);
      if (test) {
        assertSays(teacher, data().test(), 20, 21, 22);
      }
    }
  }

  /** Row n is of the n-th picture in the order of the paths, and unlabelled ones follow. */
  @Test
  void picturesAreNumberedByTheirPathsAllPartsTogether() throws IOException {
    Path photos = folder.resolve("photos");
    ImageFolderWriter.write(pictures(), photos);
    Path others = Files.createDirectory(folder.resolve("others"));
    List<Path> files = new ArrayList<>(files(photos));
    Files.copy(files.get(3), others.resolve("one.png"));
    Files.copy(files.get(0), others.resolve("two.png"));
    DatasetOptions options =
        new DatasetOptions(
            null, null, null, null, null, 0, Unreadable.STOP, null, null, others, null);
    Splits data = DatasetSource.parse("folder:" + photos, Path.of("")).open(options);
    try (TensorScope scope = TensorScope.open()) {
      Path file = folder.resolve("outputs.safetensors");
      SafeTensors.write(file, Map.of("logits", logits(files.size() + 2)), Map.of());
      RecordedTeacher teacher = new RecordedTeacher(file, null, null, data);

      teacher.requireTraining(Augmentation.NONE, null, null);
      int labelled = data.train().size() - 2;
      for (Dataset part : List.of(data.train(), data.validation(), data.test())) {
        int[] numbers = new int[part.size()];
        for (int i = 0; i < numbers.length; i++) {
          boolean follows = part == data.train() && i >= labelled;
          numbers[i] =
              follows ? files.size() + i - labelled : place(files, part.file(i).orElseThrow());
        }
        assertSays(teacher, data, part, numbers);
      }
    }
  }

  private static int place(List<Path> files, byte[] content) throws IOException {
    for (int i = 0; i < files.size(); i++) {
      if (Arrays.equals(Files.readAllBytes(files.get(i)), content)) {
        return i;
      }
    }
    throw new AssertionError("no such picture");
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Three images to train, validate and test of each of three classes. */
  private static Splits pictures() {
    return new Splits(
        "pictures",
        picture("train", 0),
        picture("validation", 100),
        picture("test", 200),
        SHAPE,
        new ChannelStatistics(new float[] {0.5f}, new float[] {0.25f}));
  }

  private static Dataset picture(String part, int brightness) {
    byte[] pixels = new byte[9 * SHAPE.values()];
    int[] labels = new int[9];
    for (int image = 0; image < 9; image++) {
      labels[image] = image % 3;
      int from = image * SHAPE.values();
      Arrays.fill(pixels, from, from + SHAPE.values(), (byte) (brightness + image));
    }
    return new InMemoryDataset(part, CLASSES, SHAPE, pixels, labels);
  }

  @Test
  void featuresComeWithTheLogits() {
    try (TensorScope scope = TensorScope.open()) {
      RecordedTeacher teacher = open(FILES.resolve("half.npz"));
      Splits data = data();
      try (BatchStream stream =
          BatchStream.evaluation(data.train(), SHAPE, data.statistics(), 3, Precision.FP32)) {
        Activations said = teacher.activations(stream.all().iterator().next(), Set.of("embedding"));
        assertThat(Tensors.toDoubles(said.get("embedding")))
            .containsExactly(0, -0.5, -2, -2.5, -3, -3.5);
        assertThat(teacher.shapes().get("embedding")).containsExactly(2);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recordedViewsAreThoseOfTheEpoch(boolean validation) {
    try (TensorScope scope = TensorScope.open()) {
      Path file = FILES.resolve("views.npz");
      if (!validation) {
        Map<String, Tensor> ofTraining = new LinkedHashMap<>(NumPyFile.arrays(file));
        ofTraining.keySet().removeIf(name -> name.startsWith("validation."));
        file = folder.resolve("views.safetensors");
        SafeTensors.write(file, ofTraining, Map.of());
      }
      RecordedTeacher teacher = open(file);
      Splits data = data();
      teacher.requireTraining(Augmentation.STANDARD, 2, 7L);
      BatchPlan plan = new BatchPlan(6, Augmentation.STANDARD, 2, 1, 7, 0, 1);
      try (BatchStream stream =
          BatchStream.training(data.train(), SHAPE, data.statistics(), plan, Precision.FP32)) {
        for (int epoch = 0; epoch < 3; epoch++) {
          Batch batch = stream.epoch(epoch, 0).iterator().next();
          double[] logits = Tensors.toDoubles(teacher.activations(batch, Set.of()).logits());
          for (int i = 0; i < 6; i++) {
            assertThat(logits[3 * i]).isEqualTo(100 * (epoch % 2) + TRAIN[batch.samples()[i]]);
          }
        }
      }
      assertThat(teacher.knows(data.validation(), Augmentation.NONE)).isEqualTo(validation);
      if (validation) {
        assertSays(teacher, data.validation(), VALIDATION);
      } else {
        assertThatThrownBy(() -> assertSays(teacher, data.validation(), VALIDATION))
            .hasMessageContaining("has no outputs of the 2 images of validation");
      }
      assertThatThrownBy(() -> teacher.requireTraining(Augmentation.STANDARD, 2, null))
          .hasMessageContaining("set views: 2, and dataSeed");
      assertThatThrownBy(() -> teacher.requireTraining(Augmentation.STANDARD, 3, 7L))
          .hasMessageContaining("has outputs of 2 views");
      assertThatThrownBy(() -> teacher.requireTraining(Augmentation.NONE, 2, 7L))
          .hasMessageContaining("has outputs of 2 views");
    }
  }

  /**
   * NumPy's archive has a checksum of each array; some of its bytes, dates for one, say nothing.
   */
  @Test
  void aFlippedByteNeverChangesAnArraySilently() throws IOException {
    byte[] whole = Files.readAllBytes(FILES.resolve("half.npz"));
    Path file = folder.resolve("flipped.npz");
    int noticed = 0;
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> arrays = NumPyFile.arrays(FILES.resolve("half.npz"));
      for (int i = 0; i < whole.length; i++) {
        byte[] flipped = whole.clone();
        flipped[i] ^= 1;
        Files.write(file, flipped);
        try (TensorScope one = TensorScope.open()) {
          Map<String, Tensor> read = NumPyFile.arrays(file);
          read.keySet().retainAll(arrays.keySet()); // a byte of a name makes it another array
          read.forEach(
              (name, array) ->
                  assertThat(Tensors.toDoubles(array))
                      .isEqualTo(Tensors.toDoubles(arrays.get(name))));
        } catch (WeightsException e) {
          noticed++;
        }
      }
    }
    assertThat(noticed).isGreaterThan(whole.length / 4);
  }

  @Test
  void viewsOfAnotherSeedOrAugmentationAreToldByTheirSource() {
    try (TensorScope scope = TensorScope.open()) {
      Path views = folder.resolve("views.npz");
      ViewArrays.write(data(), Augmentation.STANDARD, 2, 7, views);
      Map<String, Tensor> written = NumPyFile.arrays(views);
      Tensor logits = Tensors.of(new double[36], 2, 6, 3);
      Path file = folder.resolve("outputs.safetensors");
      SafeTensors.write(
          file,
          Map.of("logits", logits, "index", written.get("index"), "source", written.get("source")),
          Map.of());

      RecordedTeacher teacher = open(file);

      teacher.requireTraining(Augmentation.STANDARD, 2, 7L);
      Augmentation other = new Augmentation(2, Padding.ZERO, Flip.RANDOM, 0);
      assertThatThrownBy(() -> teacher.requireTraining(Augmentation.STANDARD, 2, 8L))
          .hasMessageContaining("another dataSeed than the study's");
      assertThatThrownBy(() -> teacher.requireTraining(other, 2, 7L))
          .hasMessageContaining("another training.augmentation");
    }
  }

  /** The indices of pictures are by their names: renamed, they have each other's outputs. */
  @Test
  void outputsOfOtherImagesAsTheyAreAreWarnedOf() {
    try (TensorScope scope = TensorScope.open()) {
      Augmentation none = Augmentation.NONE;
      String key = ViewSource.ofTraining(data(), none, 0).key();
      for (String source : List.of(key, "ab".repeat(32))) {
        Path file = folder.resolve("as-they-are.safetensors");
        byte[] bytes = HexFormat.of().parseHex(source);
        long[] values = IntStream.range(0, bytes.length).mapToLong(i -> bytes[i] & 0xff).toArray();
        Tensor digest = Tensors.of(values, values.length).to(ScalarType.Byte);
        SafeTensors.write(file, Map.of("logits", logits(8), "source", digest), Map.of());
        RecordedTeacher teacher = open(file);
        List<String> said =
            LogLines.of(RecordedTeacher.class, () -> teacher.requireTraining(none, null, null));
        if (source.equals(key)) {
          assertThat(said).isEmpty();
        } else {
          assertThat(said).singleElement(STRING).contains("its numbers mean other pictures");
        }
      }
    }
  }

  @Test
  void outputsOfTheImagesAsTheyAreNeedImagesAsTheyAre() {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(
              () ->
                  open(FILES.resolve("logits.npy"))
                      .requireTraining(Augmentation.STANDARD, null, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("set training.augmentation to {shift: 0, flip: none}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Half", "BFloat16", "Float", "Double"})
  void safetensorsOfEveryWidthAreRead(String type) {
    try (TensorScope scope = TensorScope.open()) {
      Path file = folder.resolve("recorded.safetensors");
      Tensor logits = logits(8).to(ScalarType.valueOf(type));
      SafeTensors.write(file, Map.of("logits", logits), Map.of());

      assertSays(open(file), data().train(), TRAIN);
    }
  }

  private static Tensor logits(int images) {
    double[] values = new double[3 * images];
    for (int i = 0; i < values.length; i++) {
      int image = i / 3;
      values[i] = image + (i % 3) / 4.0;
    }
    return Tensors.of(values, images, 3);
  }

  @Test
  void classesInAnotherOrderAreFoundByName() {
    try (TensorScope scope = TensorScope.open()) {
      Path file = FILES.resolve("logits.npy");
      RecordedTeacher teacher = new RecordedTeacher(file, List.of("c", "a", "b"), null, data());
      Splits data = data();
      try (BatchStream stream =
          BatchStream.evaluation(data.train(), SHAPE, data.statistics(), 1, Precision.FP32)) {
        Activations said = teacher.activations(stream.all().iterator().next(), Set.of());
        assertThat(Tensors.toDoubles(said.logits())).containsExactly(0.25, 0.5, 0);
      }
      assertThat(teacher.digest()).isNotEqualTo(open(file).digest());
    }
  }

  private void assertRefused(Map<String, Tensor> tensors, String why) {
    Path file = folder.resolve("wrong.safetensors");
    SafeTensors.write(file, tensors, Map.of());
    assertThatThrownBy(() -> open(file).requireTraining(Augmentation.NONE, null, null))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(why);
  }

  @Test
  void arraysThatDoNotFitAreSaidToBeWrongInOneSentence() {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> whole = new LinkedHashMap<>(Map.of("logits", logits(8)));
      assertRefused(with(whole, "logits", logits(7)), "has outputs of 7 images, and the data come");
      assertRefused(
          Map.of("logits", logits(5), "index", index(0, 2, 3, 5, 6)),
          "has no outputs of 1 of the 6 training images; the first is image 7");
      assertRefused(
          Map.of("logits", logits(2), "index", index(3, 3)), "there are two rows of image 3");
      assertRefused(
          Map.of("logits", logits(2), "index", index(3, 8)),
          "row 1 is of image 8, and the images are 0 … 7");
      assertRefused(with(whole, "index", index(1)), "one number for each of the 8 images");
      assertRefused(with(whole, "index", logits(8).select(1, 0)), "the index must hold integers");
      assertRefused(
          with(whole, "logits", logits(8).narrow(1, 0, 2).contiguous()),
          "tells 2 classes apart, and the data have 3");
      assertRefused(with(whole, "logits", logits(8).to(ScalarType.Int)), "floats of 16, 32 or 64");
      assertRefused(with(whole, "logits", logits(8).log()), "1 of the numbers in 'logits'");
      assertRefused(with(whole, "embedding", logits(7)), "'embedding' has the shape [7, 3]");
      assertRefused(Map.of("features", logits(8)), "no array 'logits' among [features]");
      assertRefused(Map.of("test.logits", logits(3)), "has no outputs of the training images");
      Map<String, Tensor> unlike = with(whole, "embedding", logits(8));
      unlike.put("validation.logits", logits(8));
      assertRefused(unlike, "'embedding' must have the same shape");
    }
  }

  private static Map<String, Tensor> with(Map<String, Tensor> tensors, String name, Tensor tensor) {
    Map<String, Tensor> changed = new LinkedHashMap<>(tensors);
    changed.put(name, tensor);
    return changed;
  }

  private static Tensor index(long... numbers) {
    return Tensors.of(numbers, numbers.length);
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("logits.csv"), "1,2,3");
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> open(text))
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith(text.toString())
          .hasMessageContaining("are read from .safetensors, .npz and .npy");
    }
  }
}
