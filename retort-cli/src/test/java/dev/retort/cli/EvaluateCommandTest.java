package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.data.ChannelStatistics;
import dev.retort.engine.TensorScope;
import dev.retort.export.OnnxExport;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelFile;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.TensorType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code retort evaluate}, of a model that always says "cat". */
class EvaluateCommandTest {
  @TempDir static Path folder;

  private static String model;

  @BeforeAll
  static void makeTheModel() {
    model = MadeModel.cat(folder);
  }

  @Test
  void theFiguresOfAConstantModelAreThoseThatCountingGives() throws IOException {
    CommandRun run =
        CommandRun.of("evaluate", model, "--data=cifar10-mini", "--threads=1", "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode result = run.json();
    assertThat(result.get("n").asInt()).isEqualTo(2000);
    assertThat(result.get("accuracy").asDouble()).isEqualTo(0.1);
    assertThat(result.get("perClass").get("cat").asDouble()).isEqualTo(1);
    assertThat(result.get("perClass").get("dog").asDouble()).isZero();
    assertThat(result.get("confusion").get(5).get(MadeModel.CAT).asInt()).isEqualTo(200);
    // Confident by 0.5, right in 0.1 of the cases.
    assertThat(result.get("calibrationError").asDouble()).isCloseTo(0.4, within(1e-6));
    assertThat(result.get("imagesPerSecond").asDouble()).isPositive();
  }

  /** As an export, which has it in its graph, and not with that of the data. */
  @Test
  void aModelSeesImagesInItsOwnNormalisation() {
    Path other = folder.resolve("other-view.safetensors");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel loaded = ModelSource.parse("bundled:cifar10", Path.of("")).open(null);
      ChannelStatistics view =
          new ChannelStatistics(new float[] {0.9f, 0.3f, 0.3f}, new float[] {0.5f, 0.25f, 0.25f});
      ModelInfo info = new ModelInfo(loaded.info().classNames(), view, Map.of());
      ModelFile.save(loaded.network(), info, other, TensorType.F32);
    }
    String export = folder.resolve("other-view.onnx").toString();
    CommandRun.of("export", other.toString(), "--to=onnx", "--preprocessing", "--out", export);

    String ofModel = accuracy(evaluateOnValidation(other.toString()));
    assertThat(ofModel).isEqualTo(accuracy(evaluateOnValidation(export)));
    assertThat(ofModel).isNotEqualTo(accuracy(evaluateOnValidation("bundled:cifar10")));
  }

  private static String accuracy(CommandRun evaluated) {
    return evaluated.out().split(" of ", 2)[0];
  }

  @Test
  void theSplitAndThePrecisionAreThoseAskedForInATurkishLocaleToo() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(new Locale("tr", "TR"));

      CommandRun run =
          CommandRun.of(
              "evaluate",
              model,
              "--data=cifar10-mini",
              "--split=validation",
              "--precision=bf16",
              "--threads=1");

      // In bf16, log 9 is 2.203125 and "cat" has probability 0.5015.
      assertThat(run.out())
          .startsWith("accuracy 10.00 % of 1,000 validation images, calibration error 0.4015, ")
          .contains("images/s in bf16");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void anOnnxFileIsInspectedAndEvaluatedLikeTheNetworkThatItWasMadeOf() throws IOException {
    String served = folder.resolve("served.onnx").toString();
    CommandRun.of("export", model, "--to=onnx", "--preprocessing", "--out", served);

    CommandRun evaluated = CommandRun.of("evaluate", served, "--data=cifar10-mini", "--threads=1");
    CommandRun inspected = CommandRun.of("inspect", served, "--json");
    CommandRun inBf16 =
        CommandRun.of("evaluate", served, "--data=cifar10-mini", "--precision=bf16");

    assertThat(inBf16.exitCode()).isEqualTo(2);
    assertThat(inBf16.err()).contains("--precision is that of Retort's networks");
    assertThat(evaluated.err()).isEmpty();
    assertThat(evaluated.out())
        .startsWith("accuracy 10.00 % of 2,000 test images")
        .containsPattern("images/s\n");
    JsonNode result = inspected.json();
    assertThat(result.get("input").asText()).isEqualTo("32x32x3");
    assertThat(result.get("representations").get("stage:2")).hasToString("[32,16,16]");
    assertThat(result.get("classes").get(3).asText()).isEqualTo("cat");
  }

  /** An ONNX file of the model with a word of where it comes from. */
  private static String exported(String key, String value) throws IOException {
    Path file = folder.resolve(key + ".onnx");
    try (TensorScope scope = TensorScope.open()) {
      LoadedModel loaded = ModelFile.load(Path.of(model));
      ModelInfo info =
          new ModelInfo(loaded.info().classNames(), loaded.info().statistics(), Map.of(key, value));
      Files.write(file, new OnnxExport(false).bytes(new LoadedModel(loaded.network(), info)));
    }
    return file.toString();
  }

  private static CommandRun evaluateOnValidation(String file) {
    return CommandRun.of(
        "evaluate", file, "--data=cifar10-mini", "--split=validation", "--threads=1");
  }

  /** Which are not scaled, whatever the pictures were that the model learnt from. */
  @Test
  void whatAnOnnxFileRecordsOfPicturesDoesNotRefuseArrays() throws IOException {
    CommandRun evaluated = evaluateOnValidation(exported(ModelInfo.RESIZE, "40"));
    assertThat(evaluated.err()).isEmpty();
    assertThat(evaluated.out()).startsWith("accuracy 10.00 % of 1,000 validation images");
  }

  @Test
  void anOnnxFileKnowsWhatItsTrainingHeldOut() throws IOException {
    String file = exported(ModelInfo.HELD_OUT, "the digest of other images");

    CommandRun evaluated = evaluateOnValidation(file);

    assertThat(evaluated.exitCode()).isZero();
    assertThat(evaluated.err())
        .contains(file + ": from its training other images were held out")
        .hasLineCount(1);
  }

  @Test
  void aTruncatedModelIsABadFileAndAMissingOneToo() throws IOException {
    Path cut = folder.resolve("cut.safetensors");
    Files.copy(Path.of(model), cut);
    try (RandomAccessFile file = new RandomAccessFile(cut.toFile(), "rw")) {
      file.setLength(file.length() - 1);
    }

    CommandRun truncated = CommandRun.of("evaluate", cut.toString(), "--data", "cifar10-mini");
    CommandRun missing = CommandRun.of("evaluate", "no-such-file", "--data", "cifar10-mini");

    assertThat(truncated.exitCode()).isEqualTo(4);
    assertThat(truncated.err()).startsWith("retort: " + cut).hasLineCount(1);
    assertThat(missing)
        .isEqualTo(new CommandRun(4, "", "retort: no-such-file: no such file or folder\n"));
  }
}
