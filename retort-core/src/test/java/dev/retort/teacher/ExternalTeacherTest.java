package dev.retort.teacher;

import static dev.retort.teacher.GoldenOutputs.CLASSES;
import static dev.retort.teacher.GoldenOutputs.FILES;
import static dev.retort.teacher.GoldenOutputs.IMAGENET;
import static dev.retort.teacher.GoldenOutputs.SHAPE;
import static dev.retort.teacher.GoldenOutputs.golden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.PixelView;
import dev.retort.data.RepeatedPixels;
import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxGraph;
import dev.retort.onnx.OnnxGraph.Dimension;
import dev.retort.teacher.TeacherView.Layout;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Classifiers as PyTorch exports them, against what PyTorch says of the same images: {@code
 * src/test/python/golden_external.py}.
 */
class ExternalTeacherTest {
  /** As the student's images are normalised: not as the teacher's. */
  private static final ChannelStatistics OWN =
      new ChannelStatistics(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.3f, 0.4f});

  @TempDir Path folder;

  private static TeacherView view(@Nullable Integer size, List<String> classes) {
    return new TeacherView(size, IMAGENET, Layout.NCHW, classes);
  }

  private static Splits data(List<String> classes) {
    return GoldenOutputs.data(classes, OWN);
  }

  private static Activations activations(ExternalTeacher teacher, Splits data, Set<String> taps) {
    try (BatchStream stream =
        BatchStream.evaluation(data.test(), SHAPE, data.statistics(), 4, Precision.FP32)) {
      Batch batch = stream.all().iterator().next();
      return teacher.activations(batch, taps);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "free.onnx, 24",
    "fixed.onnx,",
    "probabilities.onnx,",
    "tuple.pt, 24",
    "features-first.pt, 24",
    "dictionary.pt, 24"
  })
  void decidesAsItsOwnFrameworkDoes(String file, @Nullable Integer size) throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data(CLASSES);
      ExternalTeacher teacher =
          ExternalTeacher.open(FILES.resolve(file), view(size, CLASSES), data);
      boolean tuple = file.equals("tuple.pt") || file.equals("features-first.pt");
      String embedding = tuple ? "output:1" : Activations.EMBEDDING;

      Activations found = activations(teacher, data, Set.of(embedding));

      assertThat(Tensors.toDoubles(found.logits())).containsExactly(golden("logits"), within(1e-5));
      assertThat(Tensors.toDoubles(found.get(embedding)))
          .containsExactly(golden("embedding"), within(1e-5));
      assertThat(teacher.shapes().get(embedding)).containsExactly(12);
      teacher.close();
    }
  }

  /**
   * Of one image ONNX Runtime 1.26 divides a convolution's sums otherwise among two threads than
   * for one: from 50 channels to 40 and 8 × 8 positions, 2259 of 2560 values differ in their last
   * bits. Of two images none does.
   */
  @ParameterizedTest
  @CsvSource({"1, false", "2, true", "n, true"})
  void theNumberOfThreadsIsKnownOfAFileThatTakesOneImage(String batch, boolean same)
      throws IOException {
    OnnxGraph graph = new OnnxGraph("one");
    Object images = batch.equals("n") ? batch : Long.valueOf(batch);
    Dimension first = new Dimension(images);
    Dimension side = new Dimension(1L);
    graph.input("x", OnnxField.FLOAT, List.of(first, new Dimension(3L), side, side));
    graph.output("logits", OnnxField.FLOAT, List.of(first, new Dimension(5L)));
    String rows = graph.node("Flatten", List.of("x"), "rows");
    graph.node("MatMul", List.of(rows, graph.constant("w", new float[15], 3, 5)), "logits");
    Path file = folder.resolve("one.onnx");
    Files.write(file, graph.toModel("1", Map.of()));
    int before = Engine.threads();
    try {
      Engine.threads(1);
      String alone = new OnnxClassifier(file, null, Device.CPU).runtime();
      Engine.threads(2);
      assertThat(new OnnxClassifier(file, null, Device.CPU).runtime().equals(alone))
          .isEqualTo(same);
    } finally {
      Engine.threads(before);
    }
  }

  /** The step of its 8-bit numbers follows from all images of a batch. */
  @Test
  void aModelThatIsQuantizedDynamicallyGetsOneImageAtATime() throws IOException {
    OnnxGraph graph = new OnnxGraph("dynamic");
    graph.input("x", OnnxField.FLOAT, Dimension.batchOf(3, 2, 2));
    graph.node("DynamicQuantizeLinear", List.of("x"), "bytes");
    graph.output("bytes", OnnxField.UINT8, Dimension.batchOf(3, 2, 2));
    Path file = folder.resolve("DYNAMIC.ONNX");
    Files.write(file, graph.toModel("1", Map.of()));

    FrozenClassifier classifier = ExternalTeacher.classifier(file, null, Device.CPU);
    assertThat(classifier.input().shape()).containsExactly(1, 3, 2, 2);
    assertThat(classifier.runtime()).contains("threads");
  }

  /** 11 bits of mantissa, here through three layers. */
  @Test
  void aProgramInHalfPrecisionGetsImagesInHalfPrecision() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data(CLASSES);
      ExternalTeacher teacher =
          ExternalTeacher.open(FILES.resolve("half.pt"), view(24, CLASSES), data);

      double[] logits = Tensors.toDoubles(activations(teacher, data, Set.of()).logits());

      assertThat(logits).containsExactly(golden("logits"), within(2e-3));
    }
  }

  /** Its graph cuts 8 of 12 rows and columns, which leaves 2 on each side; the views are whole. */
  @Test
  void aFileThatCutsOutTheMiddleGetsViewsOfItsOwnSizeInAFrame() {
    FrozenClassifier.Input input =
        new FrozenClassifier.Input(
            new long[] {-1, 8, 8, 3}, ScalarType.Byte, new ImageShape(3, 12, 12));
    FrozenClassifier.Input plain =
        new FrozenClassifier.Input(new long[] {-1, 8, 8, 3}, ScalarType.Byte);
    try (TensorScope scope = TensorScope.open()) {
      for (int size : new int[] {8, 6}) {
        Splits data = blank(size);
        Tensor views = torch.rand(2, 3, size, size);
        ExternalImages framed = ExternalImages.of("made", input, TeacherView.standard(), data);
        Tensor seen = framed.seen(views);
        Tensor middle = seen.narrow(1, 2, 8).narrow(2, 2, 8);
        Tensor whole = ExternalImages.of("made", plain, TeacherView.standard(), data).seen(views);

        assertThat(seen.shape()).containsExactly(2, 12, 12, 3);
        assertThat(framed.blank(2).shape()).containsExactly(2, 12, 12, 3);
        assertThat(middle.equal(whole)).isTrue();
        assertThat(Tensors.toDouble(seen.sum())).isEqualTo(Tensors.toDouble(whole.sum()));
      }
      Tensor views = torch.rand(2, 3, 12, 12);
      assertThat(
              ExternalImages.of("made", input, TeacherView.standard(), blank(12))
                  .seen(views)
                  .shape())
          .containsExactly(2, 12, 12, 3);
    }
  }

  private static Splits blank(int size) {
    ImageShape shape = new ImageShape(3, size, size);
    Dataset none = new InMemoryDataset("none", List.of("a"), shape, new byte[0], new int[0]);
    float[] half = {0.5f, 0.5f, 0.5f};
    return new Splits("made", none, none, none, shape, new ChannelStatistics(half, half));
  }

  /** All layers of ResNet-50 at 224 x 224 take 100 MB an image. */
  @Test
  void layersAreLookedAtWithFewImages() {
    AtomicLong most = new AtomicLong();
    FrozenClassifier watched =
        new FrozenClassifier() {
          @Override
          public String name() {
            return "watched";
          }

          @Override
          public String digest() {
            return "0";
          }

          @Override
          public Input input() {
            return new Input(new long[] {-1, 3, 16, 16}, ScalarType.Float);
          }

          @Override
          public List<String> classes() {
            return CLASSES;
          }

          @Override
          public List<ModelLayer> layers(Tensor images) {
            most.accumulateAndGet(images.size(0), Math::max);
            return List.of(new ModelLayer("logits", "output", new long[] {5}, null, null));
          }

          @Override
          public @Nullable Long parameters() {
            return null;
          }

          @Override
          public Activations run(Tensor images, Set<String> taps) {
            return new Activations(torch.zeros(images.size(0), 5), Map.of());
          }

          @Override
          public void close() {}
        };
    try (TensorScope scope = TensorScope.open()) {
      ExternalTeacher teacher = new ExternalTeacher(watched, TeacherView.standard(), data(CLASSES));
      assertThat(teacher.shapes().get("logits")).containsExactly(5);
    }
    assertThat(most.get()).as("few, and no number of channels").isBetween(5L, 8L);
  }

  /** By hand, as below: 3·8·9 + 8, 8·12·9 + 12, 12·5 + 5. */
  @Test
  void theParametersOfAProgramAreCounted() {
    try (TensorScope scope = TensorScope.open()) {
      ExternalTeacher teacher =
          ExternalTeacher.open(FILES.resolve("tuple.pt"), view(24, CLASSES), data(CLASSES));

      assertThat(teacher.parameters()).isEqualTo(224 + 876 + 65);
    }
  }

  @Test
  void itsClassesAreFoundByName() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data(List.of("c", "a"));
      ExternalTeacher teacher =
          ExternalTeacher.open(FILES.resolve("free.onnx"), view(24, CLASSES), data);

      double[] found = Tensors.toDoubles(activations(teacher, data, Set.of()).logits());

      double[] all = golden("logits");
      for (int image = 0; image < 4; image++) {
        assertThat(found[2 * image]).isCloseTo(all[5 * image + 2], within(1e-5));
        assertThat(found[2 * image + 1]).isCloseTo(all[5 * image], within(1e-5));
      }
      assertThat(teacher.shapes().get("logits")).containsExactly(2);
      assertThatThrownBy(
              () -> ExternalTeacher.open(FILES.resolve("free.onnx"), TeacherView.standard(), data))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("tells 5 classes apart, and the data have 2");
      assertThatThrownBy(
              () ->
                  ExternalTeacher.open(
                      FILES.resolve("free.onnx"), view(24, List.of("a", "b", "x", "y", "z")), data))
          .hasMessageContaining("the data's classes [c] are not among its own");
    }
  }

  @Test
  void layersAreListedWithWhatTheyCost() {
    try (TensorScope scope = TensorScope.open()) {
      ExternalTeacher teacher =
          ExternalTeacher.open(FILES.resolve("free.onnx"), view(24, CLASSES), data(CLASSES));

      // By hand: 3·8·9 weights and 8 biases at 12×12 places, 8·12·9 and 12 at 6×6, 12·5 and 5.
      Tensor blank = teacher.images().blank(ExternalTeacher.FEW);
      ModelLayer convolution = teacher.model().layers(blank).get(0);
      assertThat(convolution.name()).isEqualTo("/conv1/Conv_output_0");
      assertThat(convolution.shape()).containsExactly(8, 12, 12);
      assertThat(convolution.parameters()).isEqualTo(224);
      assertThat(convolution.macs()).isEqualTo(216 * 144);
      assertThat(teacher.parameters()).isEqualTo(224 + 876 + 65);
      assertThat(teacher.shapes()).containsKeys("/Relu_1_output_0", "embedding", "logits");
      assertThat(teacher.macs()).isEqualTo(216 * 144 + 864 * 36 + 60);
    }
  }

  /** Weights in an operator that is not counted, or turned round by another one. */
  @ParameterizedTest
  @ValueSource(strings = {"Einsum", "Transpose", "Left"})
  void whatWeightsCostThatAreNotSeenIsNotKnown(String kind) throws IOException {
    OnnxGraph graph = new OnnxGraph(kind);
    graph.input("x", OnnxField.FLOAT, Dimension.batchOf(3, 16, 16));
    graph.node("Flatten", List.of("x"), "pixels", Map.of("axis", 1L));
    String counted = graph.constant("counted", new float[768 * 768], 768, 768);
    graph.node("MatMul", List.of("pixels", counted), "flat", Map.of());
    String weight = graph.constant("weight", new float[5 * 768], 5, 768);
    if (kind.equals("Einsum")) {
      graph.node("Einsum", List.of("flat", weight), "five", Map.of("equation", "bi,ji->bj"));
    } else if (kind.equals("Left")) { // of whose result the images are not the first dimension
      graph.node("Transpose", List.of("flat"), "columns", Map.of("perm", new long[] {1, 0}));
      String left = graph.constant("left", new float[7 * 768], 7, 768);
      graph.node("MatMul", List.of(left, "columns"), "rows", Map.of());
      graph.node("Transpose", List.of("rows"), "seven", Map.of("perm", new long[] {1, 0}));
      String last = graph.constant("last", new float[7 * 5], 7, 5);
      graph.node("MatMul", List.of("seven", last), "five", Map.of());
    } else {
      graph.node("Transpose", List.of(weight), "turned", Map.of("perm", new long[] {1, 0}));
      graph.node("MatMul", List.of("flat", "turned"), "five", Map.of());
    }
    graph.output("five", OnnxField.FLOAT, Dimension.batchOf(5));
    Path file = folder.resolve(kind + ".onnx");
    Files.write(file, graph.toModel("1", Map.of()));
    try (TensorScope scope = TensorScope.open();
        ExternalTeacher teacher =
            ExternalTeacher.open(file, TeacherView.standard(), data(CLASSES))) {
      assertThat(teacher.macs()).isNull();
    }
  }

  /** A model of bytes that hands on what it is given, so that it shows the teacher's view. */
  private Path mirror(int side) throws IOException {
    OnnxGraph graph = new OnnxGraph("mirror");
    graph.input("x", OnnxField.UINT8, Dimension.batchOf(side, side, 3));
    graph.node("Cast", List.of("x"), "floats", Map.of("to", (long) OnnxField.FLOAT));
    graph.node("Flatten", List.of("floats"), "flat", Map.of("axis", 1L));
    graph.node(
        "Slice",
        List.of(
            "flat",
            graph.constant("from", new long[] {0}, 1),
            graph.constant("to", new long[] {5}, 1),
            graph.constant("axis", new long[] {1}, 1)),
        "five",
        Map.of());
    graph.output("flat", OnnxField.FLOAT, Dimension.batchOf(3L * side * side));
    graph.output("five", OnnxField.FLOAT, Dimension.batchOf(5));
    return Files.write(folder.resolve("mirror.onnx"), graph.toModel("1", Map.of()));
  }

  /** Pictures have more detail than a small student sees, and a large teacher is shown it. */
  @Test
  void aLargerTeacherIsShownPicturesAtItsOwnSize() throws IOException {
    Splits small = data(CLASSES);
    Dataset pictures = new RepeatedPixels(small.validation(), SHAPE, 2);
    Splits data = new Splits("made", pictures, pictures, pictures, SHAPE, OWN);
    TeacherView view = new TeacherView(null, null, Layout.NHWC, null);
    try (TensorScope scope = TensorScope.open();
        ExternalTeacher opened = ExternalTeacher.open(mirror(32), view, data)) {
      // Three images at a time, so that the batch's four take two calls.
      ExternalTeacher teacher = opened.seeing(view, data, 3);

      double[] seen = Tensors.toDoubles(activations(teacher, data, Set.of("flat")).get("flat"));

      PixelView own = new PixelView();
      assertThat(seen).hasSize(4 * 4 * SHAPE.values());
      for (int image = 0; image < 4; image++) {
        small.test().read(image, own);
        for (int i = 0; i < 4 * SHAPE.values(); i++) {
          int from = (i / 96 / 2 * 16 + i / 3 % 32 / 2) * 3 + i % 3;
          assertThat(seen[image * 4 * SHAPE.values() + i])
              .isEqualTo(own.pixels()[own.offset() + from] & 0xff);
        }
      }
      assertThat(teacher.images()).hasToString("3x32x32, bytes, NHWC, of the pictures");
      TeacherInput input = TeacherInput.of(opened, view, data);
      assertThat(input.detailed()).isTrue();
      assertThat(input.enlargement("mirror.onnx")).isNull();
    }
  }

  @Test
  void picturesThatAreNoLargerThanTheStudentsViewsAreEnlarged() throws IOException {
    Dataset pictures = new RepeatedPixels(data(CLASSES).test(), SHAPE, 1);
    Splits data = new Splits("made", pictures, pictures, pictures, SHAPE, OWN);
    TeacherView view = new TeacherView(null, null, Layout.NHWC, null);
    try (TensorScope scope = TensorScope.open();
        ExternalTeacher teacher = ExternalTeacher.open(mirror(32), view, data)) {
      assertThat(teacher.images()).hasToString("3x32x32, bytes, NHWC");
      TeacherInput input = TeacherInput.of(teacher, view, data);
      assertThat(input.detailed()).isNull();
      assertThat(input.enlargement("mirror.onnx")).contains("they are enlarged for it");
      assertThat(input.distortion("mirror.onnx")).isNull();
    }
  }

  @Test
  void seesTheStudentsViewInItsOwnForm() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data(CLASSES);
      TeacherView view = new TeacherView(null, null, Layout.NHWC, null);
      ExternalTeacher teacher = ExternalTeacher.open(mirror(16), view, data);

      Tensor seen = activations(teacher, data, Set.of("flat")).get("flat");

      double[] bytes = Tensors.toDoubles(seen);
      for (int i = 0; i < SHAPE.values(); i++) {
        assertThat(bytes[i]).isEqualTo(7919 * i % 251);
      }
      assertThat(teacher.images()).hasToString("3x16x16, bytes, NHWC");
      assertThat(teacher.shapes().get("logits")).containsExactly(5);
    }
  }

  @Test
  void aModelThatGivesDecisionsOnlyIsNoClassifierToLearnFrom() throws IOException {
    OnnxGraph graph = new OnnxGraph("decisions");
    graph.input("x", OnnxField.FLOAT, Dimension.batchOf(3, 16, 16));
    graph.node("ArgMax", List.of("x"), "decision", Map.of("axis", 1L));
    graph.output("decision", OnnxField.INT64, Dimension.batchOf(1, 16, 16));
    Path file = folder.resolve("decisions.onnx");
    Files.write(file, graph.toModel("1", Map.of()));
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> ExternalTeacher.open(file, TeacherView.standard(), data(CLASSES)))
          .isInstanceOf(WeightsException.class)
          .hasMessage(
              "decisions.onnx: no classifier: its output 'decision' is not of floating-point"
                  + " numbers");
    }
  }
}
