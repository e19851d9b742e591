package dev.retort.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Dataset;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.engine.TensorScope;
import dev.retort.network.Activations;
import dev.retort.network.Graph;
import dev.retort.onnx.OnnxSession;
import dev.retort.study.NoiseImages;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
          .isInstanceOf(ExportException.class)
          .hasMessageContaining("no training images");
      assertThatThrownBy(() -> new Int8Export(false).write(model, untested, file))
          .isInstanceOf(ExportException.class)
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
      assertThat(Math.round(100 * (cost.accuracy() - cost.int8Accuracy())))
          .isBetween(-(long) cost.otherDecisions(), (long) cost.otherDecisions());
      long parameters = model.network().state().parameterCount();
      assertThat(Files.size(file)).isBetween(parameters, parameters * 5 / 4);
    }
  }
}
