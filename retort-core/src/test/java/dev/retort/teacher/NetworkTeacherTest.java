package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetOptions.Unreadable;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.training.DivergedException;
import dev.retort.training.Evaluator;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.WeightsException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkTeacherTest {
  private static final int CHUNK = 64;

  private static final Set<String> TAPS = Set.of(Activations.EMBEDDING, Activations.stage(3));
  private static final Splits DATA = DatasetSource.parse("cifar10-mini", Path.of("")).open();

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  @ParameterizedTest
  @CsvSource({"FP32, 128, 1e-4", "BF16, 128, 2e-2", "FP64, 64, 1e-5"})
  void staysCloseToThePlainPassIn32Bits(Precision precision, int count, double tolerance) {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = new ModelSource.Bundled("cifar10").open(null);
      NetworkTeacher teacher =
          new NetworkTeacher(
              new ModelSource.Bundled("cifar10").open(null),
              DATA.statistics(),
              precision,
              Device.CPU);
      Tensor labels;
      Tensor quick;
      Tensor plain;
      try (BatchStream stream = stream(count, count, precision)) {
        Batch batch = stream.all().iterator().next();
        labels = batch.labels().clone();
        quick = teacher.activations(batch, Set.of()).logits();
        Tensor normalized =
            Renormalization.changed(batch.images(), DATA.statistics(), model.info().statistics())
                .to(ScalarType.Float);
        TensorVector parts = new TensorVector();
        for (int i = 0; i < count; i += Device.CPU.chunk(count)) {
          try (TensorScope part = TensorScope.open()) {
            Tensor images = normalized.narrow(0, i, Device.CPU.chunk(count));
            parts.push_back(
                part.keep(
                    ForwardPass.run(
                            model.network(), images, false, Set.of(), Precision.FP32, Device.CPU)
                        .logits()));
          }
        }
        plain = torch.cat(parts);
      }
      double largest = Tensors.toDouble(plain.abs().max());
      assertThat(Tensors.toDouble(quick.sub(plain).abs().max()))
          .isLessThanOrEqualTo(tolerance * largest);
      assertThat(right(quick, labels)).isEqualTo(right(plain, labels));
    }
  }

  private static long right(Tensor logits, Tensor labels) {
    return logits.argmax(new LongOptional(1), false).eq(labels).sum().item_long();
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void saysTheSameOfAnImageWhateverTheBatch(Precision precision) {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = new ModelSource.Bundled("cifar10").open(null);
      NetworkTeacher teacher = new NetworkTeacher(model, DATA.statistics(), precision, Device.CPU);
      List<FloatBuffer> inBatchesOf64 = outputs(teacher, 70, 64);
      for (int batchSize : new int[] {1, 7, 70}) {
        int images = batchSize == 70 ? 70 : 2 * batchSize; // each batch costs a whole chunk
        List<FloatBuffer> outputs = outputs(teacher, images, batchSize);
        assertThat(outputs).isEqualTo(inBatchesOf64.subList(0, images));
      }
    }
  }

  /** So that outputs kept by another number of threads are the same. */
  @ParameterizedTest
  @CsvSource({"FP32, 3", "BF16, 3", "FP64, 2"})
  void saysTheSameOfAnImageWhateverTheNumberOfThreads(Precision precision, int most) {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = new ModelSource.Bundled("cifar10").open(null);
      NetworkTeacher teacher = new NetworkTeacher(model, DATA.statistics(), precision, Device.CPU);
      List<FloatBuffer> ofOne = outputs(teacher, CHUNK, CHUNK);
      try {
        for (int threads = 2; threads <= most; threads++) {
          Engine.threads(threads);
          assertThat(outputs(teacher, CHUNK, CHUNK)).isEqualTo(ofOne);
        }
      } finally {
        Engine.threads(1);
      }
    }
  }

  /**
   * A variance below 0 is a finite number, and its root is none: the class of it all would be 0.
   */
  @Test
  void logitsThatAreNotFiniteAreNoDecisions() {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open();
        Evaluator evaluator = new Evaluator(DATA.test(), DATA, Precision.FP32, Device.CPU)) {
      LoadedModel model = new ModelSource.Bundled("cifar10").open(null);
      model
          .network()
          .state()
          .all()
          .forEach(
              (name, tensor) -> {
                if (name.endsWith("running_var")) {
                  tensor.fill_(new Scalar(-1.0));
                }
              });
      NetworkTeacher teacher =
          new NetworkTeacher(model, DATA.statistics(), Precision.FP32, Device.CPU);

      List<Batch> shown = new ArrayList<>();
      assertThatThrownBy(
              () ->
                  evaluator.evaluate(
                      model.network(), Set.of(), (batch, activations) -> shown.add(batch)))
          .isInstanceOf(DivergedException.class)
          .hasMessage(
              "%s gives logits that are not finite for %d of %d images: its training diverged, or its weights are damaged",
              model.network().name(), DATA.test().size(), DATA.test().size());
      assertThatThrownBy(() -> evaluator.evaluate(teacher))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("gives logits that are not finite");
      assertThat(shown).isEmpty();
    }
  }

  @Test
  void imagesOfAnotherSizeAreRefused() {
    DatasetOptions larger =
        new DatasetOptions(64, null, null, null, null, 0, Unreadable.STOP, null, null, null, null);
    Splits data = DatasetSource.parse("cifar10-mini", Path.of("")).open(larger);
    ModelSource bundled = new ModelSource.Bundled("cifar10");
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(
              () -> bundled.teacher(TeacherView.standard(), data, Precision.FP32, Device.CPU))
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith(
              "bundled:cifar10 reads images of 3x32x32, and the data have 3x64x64");
    }
  }

  @Test
  void anotherPrecisionHasAnotherDigest() {
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = new ModelSource.Bundled("cifar10").open(null);
      NetworkTeacher narrow =
          new NetworkTeacher(model, DATA.statistics(), Precision.BF16, Device.CPU);
      NetworkTeacher wide =
          new NetworkTeacher(model, DATA.statistics(), Precision.FP32, Device.CPU);
      assertThat(narrow.digest()).hasSize(64).isNotEqualTo(wide.digest());
    }
  }

  /**
   * The last number of a weight, of a running mean, and of the mean and deviation of its images.
   */
  @ParameterizedTest
  @CsvSource({
    "conv1.weight, 0.4, 0.2",
    "layer3.0.bn2.running_mean, 0.4, 0.2",
    "'', 0.41, 0.2",
    "'', 0.4, 0.21"
  })
  void aTeacherWithOneOtherNumberHasAnotherDigest(String tensor, float mean, float deviation) {
    assertThat(digest(tensor, mean, deviation)).isNotEqualTo(digest("", 0.4f, 0.2f));
    assertThat(digest(tensor, mean, deviation)).isEqualTo(digest(tensor, mean, deviation));
  }

  private static String digest(String changed, float lastMean, float lastDeviation) {
    ChannelStatistics statistics =
        new ChannelStatistics(
            new float[] {0.5f, 0.5f, lastMean}, new float[] {0.25f, 0.25f, lastDeviation});
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      RandomSource random = RandomSource.of(1, "initial");
      Network network = Networks.create("resnet8", ImageShape.CIFAR, 10, ScalarType.Float, random);
      if (!changed.isEmpty()) {
        Tensor values = network.state().get(changed).view(-1);
        values.narrow(0, values.numel() - 1, 1).add_(new Scalar(1e-3));
      }
      List<String> classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
      LoadedModel model = new LoadedModel(network, new ModelInfo(classes, statistics, Map.of()));
      return new NetworkTeacher(model, statistics, Precision.FP32, Device.CPU).digest();
    }
  }

  /** Logits and taps of each image, in one array an image. */
  private static List<FloatBuffer> outputs(NetworkTeacher teacher, int images, int batchSize) {
    List<FloatBuffer> outputs = new ArrayList<>();
    try (BatchStream stream = stream(images, batchSize, Precision.FP32)) {
      for (Batch batch : stream.all()) {
        try (TensorScope scope = TensorScope.open()) {
          Activations activations = teacher.activations(batch, TAPS);
          TensorVector parts = new TensorVector(activations.logits());
          for (String tap : TAPS) {
            parts.push_back(activations.get(tap).flatten(1L, -1L));
          }
          Tensor all = torch.cat(parts, 1);
          int width = (int) all.size(1);
          float[] values = Tensors.toFloats(all);
          for (int i = 0; i < batch.size(); i++) {
            outputs.add(FloatBuffer.wrap(values, i * width, width).slice());
          }
        }
      }
    }
    return outputs;
  }

  private static BatchStream stream(int images, int batchSize, Precision precision) {
    Subset first = new Subset("first", DATA.validation(), IntStream.range(0, images).toArray());
    return BatchStream.evaluation(
        first, DATA.inputShape(), DATA.statistics(), batchSize, precision);
  }
}
