package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.export.OnnxExport;
import dev.retort.export.TorchScriptExport;
import dev.retort.network.Activations;
import dev.retort.study.config.ConfigurationException;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherView;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A student learns the same in whatever form its teacher comes. */
@NullUnmarked
class TeacherFormsTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");
  private static final Splits DATA = NoiseImages.splits(CLASSES, 12);

  @TempDir Path folder;
  private String student = "resnet8";
  private String training = "precision: fp32";

  @BeforeAll
  static void oneThread() {
    Engine.threads(1);
  }

  @Test
  void theStudentIsBitForBitTheOneThatLearnedFromTheNetwork() throws IOException {
    Path network = network();
    record(network, true);
    Path live = study("live", network.toString(), "{shift: 0, flip: none}");
    Path recorded =
        study(
            "recorded",
            "recorded:" + folder.resolve("outputs.safetensors"),
            "{shift: 0, flip: none}");

    for (String method : List.of("hinton", "rkd", "adversarial")) {
      String run = "runs/resnet8-" + method + "-seed1/";
      assertThat(recorded.resolve(run + "student.safetensors")).exists();
      assertThat(tensors(recorded.resolve(run + "student.safetensors")))
          .isEqualTo(tensors(live.resolve(run + "student.safetensors")));
      assertThat(metrics(recorded, run)).isEqualTo(metrics(live, run));
    }
    for (Path study : List.of(live, recorded)) {
      JsonNode teacher = json(study, "teacher.json");
      assertThat(teacher.required("validationAccuracy").doubleValue())
          .isEqualTo(shareRight("validation.", DATA.validation()));
      assertThat(teacher.required("testAccuracy").doubleValue())
          .isEqualTo(shareRight("test.", DATA.test()));
    }
  }

  /** A softmax changes with its argument's mean no more than these losses do, up to fp32. */
  @Test
  void theStudentOfRecordedProbabilitiesLearnsWhatThatOfTheLogitsDoes() throws IOException {
    record(network(), true);
    Path logits = folder.resolve("outputs.safetensors");
    Path probabilities = folder.resolve("probabilities.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> outputs = new LinkedHashMap<>(SafeTensors.read(logits).tensors());
      outputs.replaceAll(
          (name, array) -> name.endsWith(Activations.LOGITS) ? array.softmax(1) : array);
      SafeTensors.write(probabilities, outputs, Map.of());
    }
    Path ofLogits =
        study("logits", "recorded:" + logits, "{shift: 0, flip: none}", "[hinton, dkd]");
    Path found =
        study(
            "probabilities",
            "recorded:" + probabilities,
            "{shift: 0, flip: none}",
            "[hinton, dkd]");

    assertSameLosses(found, ofLogits, "hinton", "dkd");
  }

  @Test
  void whatWasNotRecordedIsUnknown() throws IOException {
    record(network(), false);
    String teacher = "recorded:" + folder.resolve("outputs.safetensors");
    Path out = study("recorded", teacher, "{shift: 0, flip: none}");

    JsonNode known = json(out, "teacher.json");
    assertThat(known.path("validationAccuracy").isNumber()).isFalse();
    assertThat(known.path("testAccuracy").isNumber()).isFalse();
    JsonNode result = json(out, "runs/resnet8-adversarial-seed1/result.json");
    assertThat(result.get("testAccuracy").isNumber()).isTrue();
    assertThat(result.path("agreementWithTeacher").isNumber()).isFalse();
    assertThatThrownBy(() -> study("varied", teacher, "{shift: 1, flip: none}"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("has outputs of the images as they are");
  }

  /**
   * ONNX Runtime adds in another order: the losses agree as fp32 does over six steps, small ones,
   * since large steps on a batch of eight enlarge any difference.
   */
  @Test
  void theStudentOfAnOnnxFileLearnsWhatThatOfTheNetworkDoes() throws IOException {
    training = "precision: fp32, learningRate: 1.0e-4";
    Path network = network();
    Path file = folder.resolve("teacher.onnx");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelFile.load(network);
      new OnnxExport(false).write(model, DATA.test(), file);
    }
    String augmentation = "{shift: 1, flip: random}";
    Path live = study("live", network.toString(), augmentation);
    Path external = study("external", file.toString(), augmentation);

    assertSameLosses(external, live, "hinton", "rkd", "adversarial");
  }

  @Test
  void theStudentOfATorchScriptFileLearnsWhatThatOfTheNetworkDoes() throws IOException {
    Path network = network();
    Path file = folder.resolve("teacher.pt");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel model = ModelFile.load(network);
      TorchScriptExport.write(model, DATA.test(), file);
    }
    String methods = "[hinton, {name: both, objectives: [hinton, {adversary: {on: [logits]}}]}]";
    String augmentation = "{shift: 1, flip: random}";
    Path live = study("live", network.toString(), augmentation, methods);
    Path external = study("external", file.toString(), augmentation, methods);

    assertSameLosses(external, live, "hinton", "both");
    // resnet8 of 10 classes has 78,042; 7 fewer are 64 weights and a bias less each.
    for (Path study : List.of(live, external)) {
      assertThat(json(study, "teacher.json").required("parameters").intValue())
          .isEqualTo(78_042 - 7 * 65);
    }
  }

  /**
   * A file's numbers are fp32, and fp64 computes the same up to fp32's rounding over six small
   * steps of a student that begins with the same weights.
   */
  @ParameterizedTest
  @ValueSource(strings = {"FILE", "{model: 'resnet8:FILE', size: 8}"})
  void theStudentInFp64LearnsFromAFileWhatThatInFp32Does(String form) throws IOException {
    Path network = network();
    student = "{network: resnet8, init: " + network + "}";
    String teacher = form.replace("FILE", network.toString());
    String augmentation = "{shift: 1, flip: random}";
    String methods = "[hinton, rkd]";
    training = "precision: fp32, learningRate: 1.0e-4";
    Path narrow = study("fp32", teacher, augmentation, methods);
    training = "precision: fp64, learningRate: 1.0e-4";
    Path wide = study("fp64", teacher, augmentation, methods);

    assertSameLosses(wide, narrow, "hinton", "rkd");
  }

  /** The data's own stand in for all that a state dictionary does not say. */
  @Test
  void whatWasAssumedOfAStateDictionaryIsRecordedAndComparedOnceAStudy() throws IOException {
    String teacher = "resnet8:" + network();
    Path out = study("state", teacher, "{shift: 0, flip: none}", "[hinton]");
    JsonMapper mapper = new JsonMapper();
    ObjectNode record = (ObjectNode) json(out, "teacher.json");

    JsonNode view = record.get("view");
    assertThat(view.get("assumed")).hasToString("[\"mean\",\"std\",\"size\",\"classes\"]");
    assertThat(view.get("images").textValue()).isEqualTo(DATA.inputShape().toString());
    assertThat(view.get("mean").get(0).floatValue()).isEqualTo(DATA.statistics().mean()[0]);
    assertThat(record.get("viewComparison").get("images").intValue()).isEqualTo(16);
    assertThat(record.required("viewComparison").required("candidates").get(0).required("accuracy"))
        .isEqualTo(record.required("validationAccuracy"));
    assertThat(Files.readString(out.resolve("resolved.yaml"))).contains("mean: null");

    ((ObjectNode) record.get("viewComparison")).put("images", 15);
    Files.write(out.resolve("teacher.json"), mapper.writeValueAsBytes(record));
    study("state", teacher, "{shift: 0, flip: none}", "[hinton]");

    assertThat(json(out, "teacher.json").get("viewComparison").get("images").intValue())
        .isEqualTo(15);
  }

  private static void assertSameLosses(Path external, Path live, String... methods)
      throws IOException {
    for (String method : methods) {
      String run = "runs/resnet8-" + method + "-seed1/";
      List<JsonNode> expected = metrics(live, run);
      List<JsonNode> found = metrics(external, run);
      assertThat(found).hasSameSizeAs(expected).isNotEmpty();
      for (int epoch = 0; epoch < found.size(); epoch++) {
        assertThat(found.get(epoch).get("trainLoss").asDouble())
            .isCloseTo(expected.get(epoch).get("trainLoss").asDouble(), within(1e-3));
      }
    }
    assertThat(json(external, "teacher.json").required("validationAccuracy"))
        .isEqualTo(json(live, "teacher.json").required("validationAccuracy"));
  }

  /** Of the recorded outputs, counted one by one. */
  private double shareRight(String part, Dataset images) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits =
          SafeTensors.read(folder.resolve("outputs.safetensors")).tensors().get(part + "logits");
      double[] decisions = Tensors.toDoubles(logits.argmax(new LongOptional(1), false));
      int right = 0;
      for (int i = 0; i < images.size(); i++) {
        right += decisions[i] == images.label(i) ? 1 : 0;
      }
      return (double) right / images.size();
    }
  }

  private Path network() {
    return NoiseImages.untrained(folder.resolve("teacher.safetensors"), DATA);
  }

  /** Writes down what the network says of the images as they are. */
  private void record(Path network, boolean allParts) {
    try (TensorScope scope = TensorScope.open()) {
      Teacher teacher =
          ModelSource.parse(network.toString(), folder)
              .teacher(TeacherView.standard(), DATA, Precision.FP32, Device.CPU);
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      said(teacher, DATA.train(), "", outputs);
      if (allParts) {
        said(teacher, DATA.validation(), "validation.", outputs);
        said(teacher, DATA.test(), "test.", outputs);
      }
      SafeTensors.write(folder.resolve("outputs.safetensors"), outputs, Map.of());
    }
  }

  private static void said(
      Teacher teacher, Dataset images, String part, Map<String, Tensor> outputs) {
    try (BatchStream stream =
        BatchStream.evaluation(
            images, NoiseImages.SHAPE, DATA.statistics(), images.size(), Precision.FP32)) {
      Activations said =
          teacher.activations(stream.all().iterator().next(), Set.of(Activations.EMBEDDING));
      outputs.put(part + "logits", said.logits());
      outputs.put(part + "embedding", said.get(Activations.EMBEDDING));
    }
  }

  private Path study(String out, String teacher, String augmentation) throws IOException {
    String methods =
        "[hinton, rkd, {name: adversarial, objectives: [hinton, {adversary: {on: [logits,"
            + " embedding]}}]}]";
    return study(out, teacher, augmentation, methods);
  }

  private Path study(String out, String teacher, String augmentation, String methods)
      throws IOException {
    Path file = folder.resolve(out + ".yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        teacher: TEACHER
        student: STUDENT
        training: {epochs: 2, batchSize: 8, TRAINING, threads: 1, augmentation: VARIED}
        seeds: [1]
        cache: {gigabytes: 0}
        methods: METHODS
        """
            .replace("TEACHER", teacher)
            .replace("STUDENT", student)
            .replace("TRAINING", training)
            .replace("VARIED", augmentation)
            .replace("METHODS", methods));
    Path target = folder.resolve(out);
    Study.read(file).data(DATA).resume(true).run(target);
    return target;
  }

  private static Map<String, List<Byte>> tensors(Path file) {
    Map<String, List<Byte>> tensors = new LinkedHashMap<>();
    for (String name : SafeTensors.header(file).tensors().keySet()) {
      byte[] bytes = SafeTensors.bytes(file, name);
      tensors.put(name, IntStream.range(0, bytes.length).mapToObj(i -> bytes[i]).toList());
    }
    return tensors;
  }

  /** The losses and the discriminators' judgement, without how long it took. */
  private static List<JsonNode> metrics(Path out, String run) throws IOException {
    JsonMapper json = new JsonMapper();
    return Files.readAllLines(out.resolve(run + "metrics.jsonl")).stream()
        .map(
            line -> {
              try {
                JsonNode epoch = json.readTree(line);
                ((ObjectNode) epoch).remove("seconds");
                return epoch;
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            })
        .toList();
  }

  private static JsonNode json(Path out, String file) throws IOException {
    return new JsonMapper().readTree(Files.readAllBytes(out.resolve(file)));
  }
}
