package dev.retort.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.PixelView;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.Graph;
import dev.retort.onnx.OnnxModel;
import dev.retort.onnx.OnnxSession;
import dev.retort.study.NoiseImages;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Int8ExportTest {
  private static final Splits DATA = DatasetSource.parse("cifar10-mini", Path.of("")).open();

  @TempDir Path folder;

  private static Dataset photographs(int count) {
    return Subset.first(DATA.test(), count);
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet8", "wrn_16_1", "vgg8", "mobilenetv2"})
  void foldingTheNormalisationChangesNothing(String name) {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = OnnxExportTest.random(name, ImageShape.CIFAR);
      Graph whole = Graph.of(model.network());
      Graph folded = whole.folded(ScalarType.Float);
      OnnxWriter writer = new OnnxWriter(name, Map.of());

      byte[] bytes = new OnnxExport(false).finish(model, writer, folded, Map.of());

      assertThat(folded.nodes()).hasSizeLessThan(whole.nodes().size());
      try (OnnxSession session = new OnnxSession(name, bytes)) {
        Parity parity =
            Parity.measure(
                model,
                photographs(4),
                batch -> session.run(batch, Activations.LOGITS),
                new OnnxExport(false));
        parity.require("folded");
      }
    }
  }

  @Test
  void aRangeCoversItsIntervalAndHitsZero() {
    QuantizedRange range = QuantizedRange.of(-1, 4.1);
    assertThat(range.scale()).isEqualTo(0.02f);
    assertThat(range.zero()).isEqualTo(50);
    assertThat(QuantizedRange.of(2, 5.1)).isEqualTo(new QuantizedRange(0.02f, 0));
    assertThat(QuantizedRange.of(0, 0).scale()).isPositive();
  }

  /** Every value would have the range from NaN to NaN. */
  @Test
  void withoutTrainingOrTestImagesNothingIsWritten() {
    Dataset none = new Subset("none", DATA.train(), new int[0]);
    Splits untrained =
        new Splits(
            DATA.name(),
            none,
            DATA.validation(),
            DATA.test(),
            DATA.inputShape(),
            DATA.statistics());
    Splits untested =
        new Splits(
            DATA.name(),
            DATA.train(),
            DATA.validation(),
            none,
            DATA.inputShape(),
            DATA.statistics());
    Path file = folder.resolve("int8.onnx");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = OnnxExportTest.random("resnet8", ImageShape.CIFAR);
      assertThatThrownBy(() -> new Int8Export(false).write(model, untrained, file))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("no training images");
      assertThatThrownBy(() -> new Int8Export(false).write(model, untested, file))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("no test images");
      Splits others = NoiseImages.splits(List.of("a", "b"), 4);
      assertThatThrownBy(() -> new Int8Export(false).write(model, others, file))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("and the data have [a, b]");
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void aTrainedModelInAQuarterOfTheSizeDecidesAsBefore() throws Exception {
    Splits few =
        new Splits(
            DATA.name(),
            new Subset("train", DATA.train(), IntStream.range(0, 40).toArray()),
            DATA.validation(),
            new Subset("test", DATA.test(), IntStream.range(0, 100).toArray()),
            DATA.inputShape(),
            DATA.statistics());
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelSource.parse("bundled:cifar10", Path.of("")).open(null);
      Path file = folder.resolve("int8.onnx");

      Int8Export.Cost cost = new Int8Export(true).write(model, few, file);

      assertThat(cost.images()).isEqualTo(100);
      assertThat(cost.labelled()).isEqualTo(100);
      assertThat(cost.accuracy()).isGreaterThan(0.85);
      assertThat(cost.otherDecisions()).isLessThanOrEqualTo(5);
      long parameters = model.network().state().parameterCount();
      assertThat(Files.size(file)).isBetween(parameters, parameters * 5 / 4);
    }
  }

  /**
   * Calibrated on a faint picture, 8 bits cut off what photographs hold. The two files are asked
   * once more, about the pictures themselves.
   */
  @Test
  void whatEightBitsCostIsCountedOfTheDecisionsOfTheFile() throws Exception {
    int count = 60;
    Splits few =
        new Splits(
            DATA.name(),
            faint(),
            DATA.validation(),
            photographs(count),
            DATA.inputShape(),
            DATA.statistics());
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelSource.parse("bundled:cifar10", Path.of("")).open(null);
      Path file = folder.resolve("faint.onnx");

      Int8Export.Cost cost = new Int8Export(true).write(model, few, file);

      long[] int8 = decisions(Files.readAllBytes(file), few.test());
      long[] fp32 = decisions(new OnnxExport(true).bytes(model), few.test());
      int right = 0;
      int int8Right = 0;
      int others = 0;
      for (int i = 0; i < count; i++) {
        right += fp32[i] == few.test().label(i) ? 1 : 0;
        int8Right += int8[i] == few.test().label(i) ? 1 : 0;
        others += fp32[i] == int8[i] ? 0 : 1;
      }
      assertThat(right - int8Right).as("the one could be told from the other").isGreaterThan(5);
      assertThat(cost.accuracy()).isEqualTo((double) right / count);
      assertThat(cost.int8Accuracy()).isEqualTo((double) int8Right / count);
      assertThat(cost.otherDecisions()).isEqualTo(others);
    }
  }

  /** In 127 steps to either side, sums of two products would saturate on older processors. */
  @Test
  void aWeightIsAWholeNumberOfSixtyFourthsOfItsChannelsLargest() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = OnnxExportTest.random("resnet8", ImageShape.CIFAR);
      Path file = folder.resolve("weights.onnx");
      Files.write(file, new Int8Export(false).bytes(model, faint()));
      OnnxModel written = OnnxModel.read(file);
      List<String> weights =
          written.producers().keySet().stream().filter(name -> name.endsWith(":weight")).toList();
      assertThat(weights).hasSize(10); // nine convolutions, and the classifier

      try (OnnxSession session = new OnnxSession("weights", written.withOutputs(weights))) {
        for (String name : weights) {
          Tensor rows = session.run(torch.zeros(1, 3, 32, 32), name).flatten(1, -1);
          Tensor largest = rows.abs().amax(new long[] {1}, true);
          for (double step : Tensors.toDoubles(rows.div(largest).mul(new Scalar(64.0)))) {
            assertThat(step).isCloseTo(Math.rint(step), within(1e-3));
          }
        }
      }
    }
  }

  /** Which are not those of the network: calibrated on a faint picture, 8 bits cut them off. */
  @Test
  void theTemperatureIsThatOfTheFilesOwnLogits() {
    Dataset shown = photographs(200);
    Splits few =
        new Splits(DATA.name(), faint(), shown, shown, DATA.inputShape(), DATA.statistics());
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelSource.parse("bundled:cifar10", Path.of("")).open(null);
      TemperatureScaling ofFile;
      try (OnnxSession session =
          new OnnxSession("int8", new Int8Export(false).bytes(model, faint()))) {
        ofFile =
            TemperatureScaling.fit(
                model, images -> session.run(images, Activations.LOGITS), shown, shown);
      }

      assertThat(Int8Export.temperature(model, few)).isEqualTo(ofFile);
      assertThat(TemperatureScaling.fit(model, shown, shown)).isNotEqualTo(ofFile);
    }
  }

  private static Dataset faint() {
    byte[] pixels = new byte[ImageShape.CIFAR.values()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (112 + i % 32);
    }
    return new InMemoryDataset("train", DATA.classes(), ImageShape.CIFAR, pixels, new int[1]);
  }

  /** Of each picture the class that a file with preprocessing finds most probable. */
  private static long[] decisions(byte[] onnx, Dataset pictures) {
    int values = ImageShape.CIFAR.values();
    long[] pixels = new long[pictures.size() * values];
    PixelView view = new PixelView();
    for (int i = 0; i < pixels.length; i++) {
      pictures.read(i / values, view);
      pixels[i] = view.pixels()[view.offset() + i % values] & 0xff;
    }
    try (OnnxSession session = new OnnxSession("written", onnx)) {
      Tensor images = Tensors.of(pixels, pictures.size(), 32, 32, 3).to(ScalarType.Byte);
      Tensor probabilities = session.run(images, "probabilities");
      return Tensors.toLongs(probabilities.argmax(new LongOptional(1), false));
    }
  }

  /**
   * Calibration takes 20 pictures at a time. Of one that is half black and half white, the channels
   * are normalised to −2.5, −1.6, −1 and to 2.5, 2.4, 2.33: 255 steps cover −2.5 … 2.5.
   */
  @Test
  void rangesAreTheSameHoweverManyCopiesOfAPictureCalibrate() {
    byte[] pixels = new byte[ImageShape.CIFAR.values()];
    Arrays.fill(pixels, pixels.length / 2, pixels.length, (byte) 255);
    Dataset picture =
        new InMemoryDataset("halves", DATA.classes(), ImageShape.CIFAR, pixels, new int[1]);
    Map<String, QuantizedRange> ofThree = ranges(new Subset("60", picture, new int[60]));
    Map<String, QuantizedRange> ofOne = ranges(new Subset("20", picture, new int[20]));

    assertThat(ofThree).isEqualTo(ofOne);
    assertThat(Objects.requireNonNull(ofThree.get(Graph.IMAGES)).scale())
        .isCloseTo(5 / 255f, within(1e-6f));
  }

  /**
   * Of 61,440 values the five least and the five largest do not count: here the black and the white
   * pixel of one picture of twenty. The ten pictures of the second batch count half as much.
   */
  @Test
  void strayValuesDoNotWidenARangeAndABatchCountsByItsImages() {
    int values = ImageShape.CIFAR.values();
    byte[] pixels = new byte[3 * values];
    fillHalves(pixels, 0, 64, 192);
    fillHalves(pixels, 1, 64, 192);
    Arrays.fill(pixels, values, values + 3, (byte) 0);
    Arrays.fill(pixels, 2 * values - 3, 2 * values, (byte) 255);
    fillHalves(pixels, 2, 32, 224);
    Dataset pictures =
        new InMemoryDataset("halves", DATA.classes(), ImageShape.CIFAR, pixels, new int[3]);
    int[] order = new int[30];
    order[7] = 1;
    Arrays.fill(order, 20, 30, 2);

    QuantizedRange range =
        Objects.requireNonNull(ranges(new Subset("30", pictures, order)).get(Graph.IMAGES));

    double least =
        (20 * normalised(64).min().orElseThrow() + 10 * normalised(32).min().orElseThrow()) / 30;
    double largest =
        (20 * normalised(192).max().orElseThrow() + 10 * normalised(224).max().orElseThrow()) / 30;
    assertThat(range.scale()).isCloseTo((float) ((largest - least) / 255), within(1e-5f));
  }

  /** The upper half of a picture in one shade, and the lower one in another. */
  private static void fillHalves(byte[] pixels, int picture, int upper, int lower) {
    int values = ImageShape.CIFAR.values();
    int begin = picture * values;
    Arrays.fill(pixels, begin, begin + values / 2, (byte) upper);
    Arrays.fill(pixels, begin + values / 2, begin + values, (byte) lower);
  }

  /** A shade in each channel, by the statistics of {@link OnnxExportTest#random}. */
  private static DoubleStream normalised(int shade) {
    double[] mean = {0.5, 0.4, 0.3};
    double[] deviation = {0.2, 0.25, 0.3};
    return IntStream.range(0, 3).mapToDouble(c -> (shade / 255.0 - mean[c]) / deviation[c]);
  }

  private static Map<String, QuantizedRange> ranges(Dataset images) {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = OnnxExportTest.random("resnet8", ImageShape.CIFAR);
      Graph folded = Graph.of(model.network()).folded(ScalarType.Float);
      OnnxWriter writer = new OnnxWriter("resnet8", Map.of());
      writer.images(OnnxExport.shape(model));
      writer.compute(folded, 1);
      writer.everything(folded);
      try (OnnxSession session = new OnnxSession("values", writer.graph().toModel("1", Map.of()))) {
        return QuantizationRanges.of(model, folded, session, images);
      }
    }
  }
}
