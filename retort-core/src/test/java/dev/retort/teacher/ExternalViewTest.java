package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.LogLines;
import dev.retort.data.ChannelStatistics;
import dev.retort.data.Dataset;
import dev.retort.data.ImageShape;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.PixelView;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxGraph;
import dev.retort.onnx.OnnxGraph.Dimension;
import dev.retort.teacher.TeacherView.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;
import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose mean over an image's channel decides: above 1/2 it is "bright". */
class ExternalViewTest {
  private static final ImageShape SHAPE = new ImageShape(3, 4, 4);
  private static final List<String> CLASSES = List.of("dark", "bright");
  private static final int IMAGES = 60;
  private static final int VIEWS = 12;

  /** By which the bright images, of 0.52 … 0.59, are at 0.1 … 0.45. */
  private static final ChannelStatistics OWN =
      new ChannelStatistics(new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.2f, 0.2f, 0.2f});

  @TempDir Path folder;

  @Test
  void aModelThatReadsValuesFromZeroToOneIsFoundOut() throws IOException {
    ViewComparison found = compare(grey(), TeacherView.standard(), 0, Dimension.batchOf(3, 4, 4));

    assertThat(found.images()).isEqualTo(IMAGES);
    assertThat(found.better()).isEqualTo("0 … 1");
    assertThat(found.candidates())
        .extracting(ViewComparison.Candidate::name)
        .containsExactly(
            "the data's, assumed",
            "ImageNet's",
            "0 … 1",
            "−1 … 1",
            "0 … 255",
            "0 … 255 less ImageNet's mean",
            "the data's, assumed, BGR",
            "ImageNet's, BGR",
            "0 … 1, BGR",
            "−1 … 1, BGR",
            "0 … 255, BGR",
            "0 … 255 less ImageNet's mean, BGR");
    ViewComparison.Candidate own = found.candidates().get(0);
    ViewComparison.Candidate better = found.candidates().get(2);
    assertThat(own.accuracy()).isEqualTo(0.5);
    assertThat(better.accuracy()).isEqualTo(1);
    assertThat(better.keys())
        .isEqualTo(Map.of("mean", List.of(0.0, 0.0, 0.0), "std", List.of(1.0, 1.0, 1.0)));
    // 30 of 30 pairs, and eleven comparisons at 0.01 together: θ³⁰ = 0.01/11/2; and where each of
    // 60 images has the share, 30 or more have the chance 0.01/11/4.
    double chance = Math.pow(0.01 / 22, 1 / 30.0);
    double share = 0.27840857392;
    double tail = 1 - new BinomialDistribution(60, share).cumulativeProbability(29);
    assertThat(tail).isCloseTo(0.01 / 44, within(1e-9));
    assertThat(better.low()).isCloseTo((2 * chance - 1) * share, within(1e-8));
    assertThat(found.warning("t.onnx"))
        .startsWith(
            "t.onnx decides 50.0 % of 60 validation images right in the view that it gets (the data's,"
                + " assumed), and 100.0 % in another (0 … 1): at least 15.2 points more (99 %, the"
                + " same images, 12 views compared). ")
        .contains(
            "write teacher: {model: …, mean: [0.0, 0.0, 0.0], std: [1.0, 1.0, 1.0]} or -o"
                + " 'teacher.mean=[0.0, 0.0, 0.0]' -o 'teacher.std=[1.0, 1.0, 1.0]'");
  }

  /** Bright images are bright in red alone, and the model looks at what it takes for red. */
  @Test
  void aModelThatReadsBlueFirstIsFoundOutAndHasAKey() throws IOException {
    TeacherView view = new TeacherView(null, unit(), Layout.NCHW, CLASSES);
    ViewComparison found = compare(red(), view, 2, Dimension.batchOf(3, 4, 4));

    assertThat(found.better()).isEqualTo("as given, BGR");
    assertThat(found.candidates().get(0).accuracy()).isZero();
    assertThat(Objects.requireNonNull(found.warning("t.onnx"))).contains("channels: BGR");
    TeacherView written =
        new TeacherView(null, unit(), Layout.NCHW, CLASSES, TeacherView.Channels.BGR, null);
    ViewComparison after = compare(red(), written, 2, Dimension.batchOf(3, 4, 4));
    assertThat(after.better()).isNull();
    assertThat(after.candidates().get(0).accuracy()).isEqualTo(1);
  }

  /** BGR and the data's statistics are as good here, and would change what needs no change. */
  @Test
  void aViewThatIsAsGoodAsAnyOtherIsLeftAlone() throws IOException {
    TeacherView view = new TeacherView(null, unit(), Layout.NCHW, CLASSES);
    ViewComparison found = compare(grey(), view, 0, Dimension.batchOf(3, 4, 4));

    assertThat(found.candidates().get(0).accuracy()).isEqualTo(1);
    assertThat(found.better()).isNull();
    assertThat(found.warning("t.onnx")).isNull();
  }

  @Test
  void whatNobodySaidIsListedAndWhatIsEnlargedIsSaid() throws IOException {
    Splits data = grey();
    try (TensorScope scope = TensorScope.open()) {
      Path free = model(0, Dimension.batchOf(3, 4, 4), Map.of());
      TeacherInput assumed = view(free, TeacherView.standard(), data).input();
      assertThat(assumed.assumed()).containsExactly("mean", "std", "classes");
      assertThat(assumed.assumption("t.onnx"))
          .isEqualTo(
              "t.onnx: neither its file nor the configuration gives its mean, std and classes, so the data's own are assumed: mean"
                  + " [0.5, 0.5, 0.5], std [0.2, 0.2, 0.2]; the classes in their order");
      assertThat(assumed.enlargement("t.onnx")).isNull();
      assertThat(assumed.distortion("t.onnx")).isNull();

      Path large = model(0, Dimension.batchOf(3, 8, 8), Map.of());
      TeacherInput given =
          view(large, new TeacherView(null, unit(), Layout.NCHW, CLASSES), data).input();
      assertThat(given.assumption("t.onnx")).isNull();
      assertThat(given.enlargement("t.onnx"))
          .startsWith(
              "t.onnx: it reads images of 3x8x8, and the data's are 3x4x4: they are enlarged");
      Path tall = model(0, Dimension.batchOf(3, 8, 4), Map.of());
      assertThat(view(tall, TeacherView.standard(), data).input().distortion("t.onnx"))
          .startsWith(
              "t.onnx: it reads images of 3x8x4, and the data's are 3x4x4: they are squeezed");
    }
  }

  /** An export of Retort's says it, and is believed. */
  @Test
  void aFileThatSaysHowItsImagesAreMadeIsNotMeasured() throws IOException {
    Splits data = grey();
    try (TensorScope scope = TensorScope.open()) {
      Map<String, String> metadata =
          Map.of(
              "input",
              "3x4x4",
              "classes",
              "[\"dark\",\"bright\"]",
              "mean",
              "[0,0,0]",
              "standard_deviation",
              "[1,1,1]");
      ExternalView seen =
          view(model(0, Dimension.batchOf(3, 4, 4), metadata), TeacherView.standard(), data);

      assertThat(seen.input().assumed()).isEmpty();
      assertThat(seen.compare(() -> {})).isEqualTo(ViewComparison.none());
    }
  }

  @Test
  void aModelThatIsTooSlowForAWholeRoundIsNotCompared() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      ExternalView seen =
          view(model(0, Dimension.batchOf(3, 4, 4), Map.of()), TeacherView.standard(), grey());

      assertThat(seen.compare(() -> {}, () -> true)).isEqualTo(ViewComparison.none());
    }
  }

  /** All images are the same grey, so that no view is better; it takes them for bright. */
  @Test
  void aSlowModelIsNotWarnedOfForTheOrderOfTheClasses() throws IOException {
    Splits data = splits(200, i -> i / 100, (bright, i) -> new int[] {140, 140, 140});
    TeacherView view = new TeacherView(null, unit(), Layout.NCHW, CLASSES);
    try (TensorScope scope = TensorScope.open()) {
      ExternalView seen = view(model(0, Dimension.batchOf(3, 4, 4), Map.of()), view, data);
      ViewComparison found = seen.compare(() -> {}, after(4));

      assertThat(found.images()).isEqualTo(64);
      assertThat(found.candidates()).hasSize(VIEWS);
      assertThat(found.candidates().get(0).accuracy()).isBetween(0.3, 0.7);
      assertThat(found.better()).isNull();
    }
  }

  @Test
  void aSlowModelInAWrongViewIsFoundOut() throws IOException {
    Splits data = splits(200, i -> i / 100, ExternalViewTest::grey);
    try (TensorScope scope = TensorScope.open()) {
      Path file = model(0, Dimension.batchOf(3, 4, 4), Map.of());
      ViewComparison found = view(file, TeacherView.standard(), data).compare(() -> {}, after(4));

      assertThat(found.images()).isEqualTo(64);
      assertThat(found.better()).isEqualTo("0 … 1");
    }
  }

  /** It is wrong as in the test before, and is not said to be. */
  @Test
  void aLineSaysWhereTooFewImagesWereSeen() throws IOException {
    Splits data = splits(200, i -> i / 100, ExternalViewTest::grey);
    try (TensorScope scope = TensorScope.open()) {
      Path file = model(0, Dimension.batchOf(3, 4, 4), Map.of());
      ExternalView seen = view(file, TeacherView.standard(), data);
      List<ViewComparison> found = new ArrayList<>();
      List<String> said =
          LogLines.of(
              ExternalView.class,
              () -> {
                found.add(seen.compare(() -> {}, after(3)));
                seen.warn(found.get(0));
              });

      assertThat(found).containsExactly(ViewComparison.none());
      assertThat(said)
          .containsExactly(
              file
                  + ": 48 validation images were classified under 12 views in 30 s, too few to"
                  + " compare the views (at least 64)");
    }
  }

  /** The time runs out after so many rounds of 16 images in all views. */
  private static BooleanSupplier after(int rounds) {
    AtomicInteger asked = new AtomicInteger();
    return () -> asked.incrementAndGet() > rounds * VIEWS;
  }

  private ViewComparison compare(Splits data, TeacherView view, int channel, List<Dimension> input)
      throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      return view(model(channel, input, Map.of()), view, data).compare(() -> {});
    }
  }

  private static ExternalView view(Path file, TeacherView view, Splits data) {
    ExternalTeacher teacher = ExternalTeacher.open(file, view, data);
    return Objects.requireNonNull(
        ExternalView.of(
            new ModelSource.External(file), view, data, Precision.FP32, Device.CPU, teacher));
  }

  /** logits = (1/2 − m, m − 1/2) of the mean m of a channel. */
  private Path model(int channel, List<Dimension> input, Map<String, String> metadata)
      throws IOException {
    OnnxGraph graph = new OnnxGraph("brightness");
    graph.input("x", OnnxField.FLOAT, input);
    graph.node("GlobalAveragePool", List.of("x"), "means", Map.of());
    graph.node("Flatten", List.of("means"), "three", Map.of("axis", 1L));
    float[] weights = new float[6];
    weights[2 * channel] = -1;
    weights[2 * channel + 1] = 1;
    graph.node(
        "Gemm",
        List.of(
            "three",
            graph.constant("weights", weights, 3, 2),
            graph.constant("bias", new float[] {0.5f, -0.5f}, 2)),
        "logits",
        Map.of());
    graph.output("logits", OnnxField.FLOAT, Dimension.batchOf(2));
    Path file = Files.createTempFile(folder, "brightness", ".onnx");
    return Files.write(file, graph.toModel("1", metadata));
  }

  private static ChannelStatistics unit() {
    return new ChannelStatistics(new float[3], new float[] {1, 1, 1});
  }

  /** Grey images of 0.25 … 0.4 and of 0.52 … 0.59. */
  private static Splits grey() {
    return splits(IMAGES, i -> i % 2, ExternalViewTest::grey);
  }

  private static int[] grey(boolean bright, int i) {
    int value = (int) Math.round(255 * (bright ? 0.53 + 0.05 * (i % IMAGES) / IMAGES : 0.3));
    return new int[] {value, value, value};
  }

  private static Splits red() {
    return splits(
        IMAGES,
        i -> i % 2,
        (bright, i) -> bright ? new int[] {200, 120, 50} : new int[] {50, 120, 200});
  }

  private interface Colour {
    int[] of(boolean bright, int image);
  }

  private static Splits splits(int images, IntUnaryOperator label, Colour colour) {
    byte[] pixels = new byte[images * SHAPE.values()];
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      labels[i] = label.applyAsInt(i);
      int[] values = colour.of(labels[i] == 1, i);
      for (int p = 0; p < SHAPE.values(); p++) {
        pixels[i * SHAPE.values() + p] = (byte) values[p % 3];
      }
    }
    Dataset validation = new InMemoryDataset("validation", CLASSES, SHAPE, pixels, labels);
    return new Splits("made", validation, validation, new Unread(validation), SHAPE, OWN);
  }

  /** Test images, which nothing here may look at. */
  private record Unread(Dataset like) implements Dataset {
    @Override
    public String name() {
      return "test";
    }

    @Override
    public String digest() {
      throw new AssertionError("test images are read once, at the end");
    }

    @Override
    public List<String> classes() {
      return like.classes();
    }

    @Override
    public int size() {
      return like.size();
    }

    @Override
    public int label(int index) {
      throw new AssertionError("test images are read once, at the end");
    }

    @Override
    public void read(int index, PixelView into) {
      throw new AssertionError("test images are read once, at the end");
    }
  }
}
