package dev.retort.export;

import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.Graph;
import dev.retort.onnx.OnnxSession;
import dev.retort.system.AtomicFile;
import dev.retort.weights.LoadedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Writes a network as an ONNX file that computes with 8-bit integers, by static quantisation: batch
 * normalisation behind a convolution is folded into it, weights have a scale for each output
 * channel, values one each, from calibration images. The graph is in fp32 with pairs of
 * QuantizeLinear and DequantizeLinear, from which a runtime makes integer operations.
 *
 * @param form what goes in and what comes out
 */
public record Int8Export(OnnxExport form) {
  private static final int CALIBRATION_IMAGES = 500;
  private static final int BATCH_SIZE = 50;

  /** Takes and gives what {@link OnnxExport#OnnxExport(boolean)} does. */
  public Int8Export(boolean preprocessing) {
    this(new OnnxExport(preprocessing));
  }

  /**
   * What quantisation costs, on the test images.
   *
   * @param images the number of test images
   * @param labelled how many of them have a label
   * @param accuracy of the network in fp32 on the labelled ones, in [0, 1]; NaN where there are
   *     none
   * @param int8Accuracy the same of the file in ONNX Runtime
   * @param otherDecisions the number of images that the two decide differently
   */
  public record Cost(
      int images, int labelled, double accuracy, double int8Accuracy, int otherDecisions) {}

  /**
   * Writes the file and measures it.
   *
   * @param data of whose training images some calibrate, and whose test images are classified
   * @throws dev.retort.weights.WeightsException if their classes are not the model's, in its order
   * @throws DataException if there are none of the one or the other
   * @throws IOException if the file cannot be written
   */
  public Cost write(LoadedModel model, Splits data, Path file) throws IOException {
    requireImages(data.test(), "test", "measure what 8 bits cost");
    model.requireClasses(model.network().name(), data.test().classes());
    try (TensorScope scope = TensorScope.open()) {
      byte[] bytes = bytes(model, data.train());
      Cost cost;
      try (OnnxSession session = new OnnxSession(file.toString(), bytes)) {
        cost = measure(model, session, data.test());
      }
      AtomicFile.write(file, bytes);
      return cost;
    }
  }

  /**
   * The file's contents.
   *
   * @param training images, of which some calibrate
   * @throws DataException if there are none
   */
  public byte[] bytes(LoadedModel model, Dataset training) {
    requireImages(training, "training", "find the ranges of values that 8 bits stand for");
    try (TensorScope scope = TensorScope.open()) {
      Graph folded = Graph.of(model.network()).folded(ScalarType.Float);
      OnnxWriter writer =
          new OnnxWriter(model.network().name(), calibrated(model, folded, training));
      return form.finish(model, writer, folded, Map.of("numbers", "int8"));
    }
  }

  private static void requireImages(Dataset images, String part, String purpose) {
    if (images.size() == 0) {
      throw new DataException(
          "there are no %s images, which --int8 needs to %s".formatted(part, purpose));
    }
  }

  /**
   * The temperature of the quantised file's probabilities.
   *
   * @param data whose training images calibrate, on whose validation images it is fitted, and on
   *     whose test images the error is measured
   * @throws DataException without training images
   * @throws ExportException where {@link TemperatureScaling#fit} does
   */
  public static TemperatureScaling temperature(LoadedModel model, Splits data) {
    byte[] bytes = new Int8Export(false).bytes(model, data.train());
    try (OnnxSession session = new OnnxSession("int8", bytes)) {
      return TemperatureScaling.fit(
          model, images -> session.run(images, Activations.LOGITS), data.validation(), data.test());
    }
  }

  private static Map<String, QuantizedRange> calibrated(
      LoadedModel model, Graph folded, Dataset training) {
    OnnxWriter writer = new OnnxWriter(model.network().name(), Map.of());
    writer.images(OnnxExport.shape(model));
    writer.compute(folded, 1);
    writer.everything(folded);
    try (OnnxSession session =
        new OnnxSession("calibration", writer.graph().toModel("1", Map.of()))) {
      return QuantizationRanges.of(
          model,
          folded,
          session,
          Subset.drawn(training, CALIBRATION_IMAGES, RandomSource.of(0, "calibration images")));
    }
  }

  private Cost measure(LoadedModel model, OnnxSession session, Dataset images) {
    ReferenceModel reference = new ReferenceModel(model);
    int labelled = 0;
    int right = 0;
    int int8Right = 0;
    int flips = 0;
    try (BatchStream stream = reference.batches(images, BATCH_SIZE)) {
      for (Batch batch : stream.all()) {
        try (TensorScope scope = TensorScope.open();
            NoGrad noGrad = NoGrad.open()) {
          Tensor logits = reference.logits(batch.images());
          Tensor input =
              form.preprocessing()
                  ? Parity.pixels(batch.images(), model.info().statistics())
                  : batch.images();
          long[] decided = Tensors.toLongs(logits.argmax(new LongOptional(1), false));
          Tensor found = form.run(session, model, input);
          long[] int8 = Tensors.toLongs(found.argmax(new LongOptional(1), false));
          long[] labels = Tensors.toLongs(batch.labels());
          for (int i = 0; i < labels.length; i++) {
            flips += decided[i] == int8[i] ? 0 : 1;
            labelled += labels[i] == Dataset.UNLABELLED ? 0 : 1;
            right += decided[i] == labels[i] ? 1 : 0;
            int8Right += int8[i] == labels[i] ? 1 : 0;
          }
        }
      }
    }
    return new Cost(
        images.size(), labelled, (double) right / labelled, (double) int8Right / labelled, flips);
  }
}
