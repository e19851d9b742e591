package dev.retort.teacher;

import static dev.retort.teacher.GoldenOutputs.CLASSES;
import static dev.retort.teacher.GoldenOutputs.FILES;
import static dev.retort.teacher.GoldenOutputs.IMAGENET;
import static dev.retort.teacher.GoldenOutputs.SHAPE;
import static dev.retort.teacher.GoldenOutputs.UNIT;
import static dev.retort.teacher.GoldenOutputs.centred;
import static dev.retort.teacher.GoldenOutputs.data;
import static dev.retort.teacher.GoldenOutputs.golden;
import static dev.retort.teacher.GoldenOutputs.logits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.retort.LogLines;
import dev.retort.data.Dataset;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.onnx.OnnxField;
import dev.retort.onnx.OnnxGraph;
import dev.retort.onnx.OnnxGraph.Dimension;
import dev.retort.teacher.TeacherView.Layout;
import dev.retort.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the outputs of a program or of an ONNX file are taken for. Of a softmax's outputs the
 * logarithms are the logits, but for a number that each row has of its own: centred, they are the
 * centred logits.
 */
class ExternalOutputsTest {
  @TempDir Path folder;

  private static TeacherView view(@Nullable Outputs outputs) {
    return new TeacherView(24, IMAGENET, Layout.NCHW, CLASSES, null, outputs);
  }

  private static ExternalTeacher open(String file, @Nullable Outputs declared) {
    return ExternalTeacher.open(FILES.resolve(file), view(declared), data());
  }

  @ParameterizedTest
  @CsvSource({
    "probabilities.pt, PROBABILITIES, none is negative",
    "log-probabilities.pt, LOG_PROBABILITIES, the exponentials"
  })
  void aProgramsProbabilitiesBecomeTheLogitsThatTheyAreOf(String file, Outputs outputs, String mark)
      throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      List<ExternalTeacher> teachers = new ArrayList<>();
      List<String> lines =
          LogLines.of(
              Outputs.class,
              () -> {
                teachers.add(open(file, null));
                teachers.add(open(file, outputs));
              });

      for (ExternalTeacher teacher : teachers) {
        assertThat(logits(teacher, data())).containsExactly(centred(golden(), 5), within(1e-5));
      }
      assertThat(lines)
          .singleElement()
          .asString()
          .startsWith(file + ": its outputs are " + outputs);
      assertThat(lines.get(0)).contains(mark, "outputs: logits takes them as they are");
      assertThat(teachers.get(0).digest()).isEqualTo(teachers.get(1).digest());
    }
  }

  /** So no outputs that were kept of one are taken for the other's. */
  @Test
  void whatIsDeclaredLogitsIsTakenAsItIsAndIsAnotherTeacher() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      List<ExternalTeacher> teachers = new ArrayList<>();
      List<String> lines =
          LogLines.of(Outputs.class, () -> teachers.add(open("probabilities.pt", Outputs.LOGITS)));

      ExternalTeacher teacher = teachers.get(0);
      assertThat(logits(teacher, data()))
          .containsExactly(Tensors.toDoubles(Tensors.of(golden(), 4, 5).softmax(1)), within(1e-6));
      assertThat(lines).singleElement().asString().contains("but look like probabilities");
      assertThat(teacher.digest()).isNotEqualTo(open("probabilities.pt", null).digest());
      assertThat(open("tuple.pt", Outputs.LOGITS).digest())
          .isEqualTo(open("tuple.pt", null).digest());
    }
  }

  @Test
  void whatIsDeclaredButIsNotIsRefused() {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> open("tuple.pt", Outputs.PROBABILITIES))
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith(
              "tuple.pt: declared as outputs: probabilities, of which none is negative")
          .hasMessageContaining("numbers are within -0.2897 … 0.1542");
    }
  }

  @Test
  void sigmoidsAreRefused() {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> open("sigmoids.pt", null))
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith("sigmoids.pt: all its outputs are within 0 … 1")
          .hasMessageContaining("Give the teacher without its sigmoids");
      assertThat(open("sigmoids.pt", Outputs.LOGITS).shapes()).containsKey("logits");
    }
  }

  /** Five numbers of each image, times 3, as logits, and what comes after them. */
  private Path graph(String... after) throws IOException {
    OnnxGraph graph = new OnnxGraph("made");
    graph.input("x", OnnxField.FLOAT, Dimension.batchOf(3, 16, 16));
    graph.node("Flatten", List.of("x"), "flat", Map.of("axis", 1L));
    graph.node(
        "Slice",
        List.of(
            "flat",
            graph.constant("from", new long[] {0}, 1),
            graph.constant("to", new long[] {5}, 1),
            graph.constant("axis", new long[] {1}, 1)),
        "five",
        Map.of());
    graph.node(
        "Mul", List.of("five", graph.constant("three", new float[] {3}, 1)), "scores", Map.of());
    String value = "scores";
    for (int i = 0; i < after.length; i++) {
      String next = "v" + i;
      switch (after[i]) {
        case "by-hand" -> {
          graph.node("Exp", List.of(value), "exp", Map.of());
          graph.node(
              "ReduceSum",
              List.of("exp", graph.constant("axes", new long[] {1}, 1)),
              "sum",
              Map.of("keepdims", 1L));
          graph.node("Div", List.of("exp", "sum"), next, Map.of());
        }
        case "Reshape" ->
            graph.node(
                "Reshape",
                List.of(value, graph.constant("shape" + i, new long[] {-1, 5}, 2)),
                next,
                Map.of());
        case "Unsqueeze", "Squeeze" ->
            graph.node(
                after[i],
                List.of(value, graph.constant("axes" + i, new long[] {2}, 1)),
                next,
                Map.of());
        case "by--40" ->
            graph.node(
                "Mul",
                List.of(
                    value,
                    graph.constant(
                        "factor" + i, new float[] {Float.parseFloat(after[i].substring(3))}, 1)),
                next,
                Map.of());
        case "less-1.5" ->
            graph.node(
                "Sub",
                List.of(value, graph.constant("less" + i, new float[] {1.5f}, 1)),
                next,
                Map.of());
        case "QuantizeLinear", "DequantizeLinear" ->
            graph.node(
                after[i],
                List.of(
                    value,
                    graph.constant("scale" + i, new float[] {1 / 255f}),
                    graph.constant("zero" + i, OnnxField.UINT8, new byte[] {0})),
                next,
                Map.of());
        case "add-batch" -> {
          graph.node(
              "ReduceSum",
              List.of(value, graph.constant("first", new long[] {0}, 1)),
              "batch",
              Map.of("keepdims", 1L));
          graph.node("Add", List.of(value, "batch"), next, Map.of());
        }
        case "squeeze-all" -> graph.node("Squeeze", List.of(value), next, Map.of());
        case "one-image" ->
            graph.node(
                "Reshape",
                List.of(value, graph.constant("one", new long[] {1, 5}, 2)),
                next,
                Map.of());
        case "Cast" ->
            graph.node("Cast", List.of(value), next, Map.of("to", (long) OnnxField.FLOAT));
        case "Softmax", "LogSoftmax", "Flatten" ->
            graph.node(after[i], List.of(value), next, Map.of("axis", 1L));
        default -> graph.node(after[i], List.of(value), next, Map.of());
      }
      value = next;
    }
    graph.output(value, OnnxField.FLOAT, Dimension.batchOf(5));
    Path file = folder.resolve("made.onnx");
    Files.write(file, graph.toModel("1", Map.of()));
    return file;
  }

  /** The first row of each image's first channel on the scale 0 … 1, times 3. */
  private static double[] scores() {
    double[] scores = new double[20];
    for (int n = 0; n < 4; n++) {
      for (int i = 0; i < 5; i++) {
        scores[5 * n + i] = 3 * ((7919 * 3 * i + 31 * n) % 251) / 255.0;
      }
    }
    return scores;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Softmax",
        "Softmax Identity",
        "Softmax Cast",
        "Softmax Flatten",
        "Softmax Reshape",
        "Softmax Dropout",
        "Softmax QuantizeLinear DequantizeLinear",
        "LogSoftmax Identity",
        "Unsqueeze Softmax Squeeze Cast Identity"
      })
  void aSoftmaxBehindNodesThatChangeTheShapeOnlyIsLookedThrough(String after) throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data();
      ExternalTeacher teacher =
          ExternalTeacher.open(graph(after.split(" ")), TeacherView.standard(), data);

      double[] said = logits(teacher, data);
      assertThat(said).containsExactly(scores(), within(1e-5));
    }
  }

  /** An export of one image may take that number for a constant. Alone, v and the sum are 2 v. */
  @ParameterizedTest
  @CsvSource({
    "add-batch, 2, what it says of an image depends on the others of its batch",
    "one-image, 1, 'it reads one image, and fails on 4'"
  })
  void aModelThatMixesTheImagesOfABatchGetsOneAtATime(String after, int times, String line)
      throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data();
      Path file = graph(after);
      List<ExternalTeacher> opened = new ArrayList<>();
      List<String> lines =
          LogLines.of(
              ExternalTeacher.class,
              () -> opened.add(ExternalTeacher.open(file, TeacherView.standard(), data)));

      assertThat(lines).singleElement(STRING).startsWith("made.onnx: " + line);
      double[] expected = Arrays.stream(scores()).map(score -> times * score).toArray();
      assertThat(logits(opened.get(0), data)).containsExactly(expected, within(1e-5));
      assertThat(opened.get(0).chunk(64)).isEqualTo(1);
      assertThat(opened.get(0).runtime()).contains("threads");
    }
  }

  /** Of one image it gives a vector, which says nothing of what it gives for a batch. */
  @Test
  void aModelThatReadsBatchesAloneGetsBatches() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data();
      ExternalTeacher teacher =
          ExternalTeacher.open(graph("squeeze-all"), TeacherView.standard(), data);
      assertThat(logits(teacher, data)).containsExactly(scores(), within(1e-5));
      assertThat(teacher.chunk(64)).isEqualTo(64);
    }
  }

  /** What is before the last softmax is looked at, too. */
  @ParameterizedTest
  @CsvSource({"Softmax Softmax, probabilities", "LogSoftmax Softmax, log-probabilities"})
  void aSoftmaxBehindASoftmaxIsNotLostInSilence(String after, String found) throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data();
      List<ExternalTeacher> teachers = new ArrayList<>();
      Path file = graph(after.split(" "));
      List<String> lines =
          LogLines.of(
              Outputs.class,
              () -> teachers.add(ExternalTeacher.open(file, TeacherView.standard(), data)));

      double[] said = logits(teachers.get(0), data);
      assertThat(said).containsExactly(centred(scores(), 5), within(1e-5));
      assertThat(lines)
          .singleElement()
          .asString()
          .startsWith("made.onnx: its outputs are " + found);
    }
  }

  @ParameterizedTest
  @CsvSource({"Softmax, PROBABILITIES", "LogSoftmax, LOG_PROBABILITIES"})
  void whatIsDeclaredIsWhatTheFileGivesAndNotWhatItsSoftmaxIsAppliedTo(
      String after, Outputs declared) throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data();
      TeacherView view = new TeacherView(null, null, Layout.NCHW, null, null, declared);
      Path file = graph(after);
      ExternalTeacher teacher = ExternalTeacher.open(file, view, data);
      double[] said = logits(teacher, data);
      assertThat(said).containsExactly(scores(), within(1e-5));
      assertThat(teacher.digest())
          .isEqualTo(ExternalTeacher.open(file, TeacherView.standard(), data).digest());
    }
  }

  /** Of one image there are 5 numbers, of four 20. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void sigmoidsAreRefusedHoweverFewImagesThereAre(int images) throws IOException {
    Splits all = data();
    Dataset some = new Subset("some", all.test(), IntStream.range(0, images).toArray());
    Splits data = new Splits("some", some, some, some, SHAPE, UNIT);
    Path sigmoids = graph("less-1.5", "Sigmoid");
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> ExternalTeacher.open(sigmoids, TeacherView.standard(), data))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("as those of sigmoids do");
    }
  }

  /** Of the largest score, 3, it is e⁻¹²⁰, which fp32 does not hold. */
  @Test
  void otherViewsOfTheSameModelSayNothingOfZeros() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data();
      ExternalTeacher teacher =
          ExternalTeacher.open(graph("by--40", "by-hand"), TeacherView.standard(), data);
      ExternalTeacher other = teacher.seeing(TeacherView.standard(), data, 4);
      assertThat(LogLines.of(Outputs.class, () -> logits(other, data))).isEmpty();
      assertThat(LogLines.of(Outputs.class, () -> logits(teacher, data)))
          .singleElement()
          .asString()
          .contains("some of its probabilities are 0");
    }
  }

  /**
   * Data of two classes, which stand first among the three of one head and the five of the other.
   */
  @Test
  void eachHeadOfAFileIsATeacherOfItsOwn() throws IOException {
    OnnxGraph graph = new OnnxGraph("heads");
    graph.input("x", OnnxField.FLOAT, Dimension.batchOf(3, 16, 16));
    graph.node("Flatten", List.of("x"), "flat", Map.of("axis", 1L));
    String from = graph.constant("from", new long[] {0}, 1);
    String axis = graph.constant("axis", new long[] {1}, 1);
    for (int width : new int[] {3, 5}) {
      String to = graph.constant("to" + width, new long[] {width}, 1);
      String head = "head" + width;
      graph.node("Slice", List.of("flat", from, to, axis), head, Map.of());
      graph.output(head, OnnxField.FLOAT, Dimension.batchOf(width));
    }
    Path file = folder.resolve("heads.onnx");
    Files.write(file, graph.toModel("1", Map.of()));
    Dataset four =
        new InMemoryDataset(
            "four", List.of("p", "q"), SHAPE, new byte[4 * SHAPE.values()], new int[4]);
    Splits data = new Splits("four", four, four, four, SHAPE, UNIT);

    try (TensorScope scope = TensorScope.open()) {
      Set<String> digests = new HashSet<>();
      for (List<String> classes :
          List.of(List.of("p", "q", "r"), List.of("p", "q", "r", "s", "t"))) {
        TeacherView view = new TeacherView(null, null, Layout.NCHW, classes, null, Outputs.LOGITS);
        digests.add(ExternalTeacher.open(file, view, data).digest());
      }
      assertThat(digests).hasSize(2);
    }
  }

  @Test
  void aSoftmaxWrittenByHandIsRecognised() throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      Splits data = data();
      ExternalTeacher teacher =
          ExternalTeacher.open(graph("by-hand"), TeacherView.standard(), data);
      double[] said = logits(teacher, data);
      assertThat(said).containsExactly(centred(scores(), 5), within(1e-5));
    }
  }
}
