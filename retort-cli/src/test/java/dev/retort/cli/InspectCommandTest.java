package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.export.OnnxExport;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.system.Build;
import dev.retort.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code retort inspect}, of a model that always says "cat". */
class InspectCommandTest {
  @TempDir static Path folder;

  private static String model;

  @BeforeAll
  static void makeTheModel() {
    model = MadeModel.cat(folder);
  }

  @Test
  void aModelIsInspectedWithItsLayersTapsAndOrigin() throws IOException {
    CommandRun run = CommandRun.of("inspect", model, "--student", model, "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode result = run.json();
    assertThat(result.get("network").asText()).isEqualTo("resnet8");
    assertThat(result.get("parameters").asLong()).isEqualTo(78_042);
    assertThat(result.get("representations").get("stage:2")).hasToString("[32,16,16]");
    assertThat(result.get("provenance").get("configuration").asText()).isEqualTo("none");
    assertThat(result.get("student").asText()).startsWith("not heterogeneous");
  }

  /** Projections beside a block are no hidden layers, as in Retort's own count. */
  @Test
  void anOnnxFileIsComparedWithAStudentAndAProgramsCostIsUnknown() throws IOException {
    for (String network : List.of("resnet8", "wrn_16_2", "torchvision-mobilenet_v2")) {
      String own = folder.resolve(network + ".safetensors").toString();
      String onnx = folder.resolve(network + "-layers.onnx").toString();
      save(network, Path.of(own), Path.of(onnx));

      CommandRun ofOnnx = CommandRun.of("inspect", onnx, "--student", onnx, "--json");
      CommandRun ofOwn = CommandRun.of("inspect", own, "--student", own, "--json");

      assertThat(ofOnnx.err()).isEmpty();
      assertThat(ofOnnx.json().at("/provenance/retort").asText()).isEqualTo(Build.version());
      assertThat(ofOnnx.json().get("student")).isEqualTo(ofOwn.json().get("student"));
    }
    String program = folder.resolve("unseen.pt").toString();
    CommandRun.of("export", model, "--to=torchscript", "--out", program);
    CommandRun inspected = CommandRun.of("inspect", program);
    CommandRun compared = CommandRun.of("inspect", program, "--student", model);

    assertThat(inspected.out())
        .startsWith("network      unseen.pt, 78,042 parameters, unknown MMAC an image")
        .containsPattern("\nconfiguration none\n")
        .containsPattern("logits +output +10 +– +–");
    assertThat(CommandRun.of("inspect", program, "--json").json()).anyMatch(JsonNode::isNull);
    assertThat(compared.exitCode()).isEqualTo(2);
    assertThat(compared.err()).contains("those of " + program + " are not seen");
  }

  @Test
  void saysInWhichWayTwoNetworksAreHeterogeneous() {
    List<Long> resnet8 = neurons("resnet8");
    assertThat(InspectCommand.heterogeneity(neurons("resnet20"), resnet8))
        .isEqualTo(
            "heterogeneous in the number of hidden layers and of neurons in them:"
                + " the teacher has 19 hidden layers with 688 neurons, the student 7 with 240");
    assertThat(InspectCommand.heterogeneity(neurons("resnet8x4"), resnet8))
        .startsWith("heterogeneous in the number of neurons in the hidden layers: ");
    assertThat(InspectCommand.heterogeneity(resnet8, resnet8)).startsWith("not heterogeneous");
  }

  private static List<Long> neurons(String name) {
    try (TensorScope scope = TensorScope.open()) {
      return NetworkSummary.of(create(name)).neurons();
    }
  }

  private static void save(String name, Path own, Path onnx) throws IOException {
    try (TensorScope scope = TensorScope.open()) {
      MadeModel.save(create(name), Map.of(), own);
      Files.write(onnx, new OnnxExport(false).bytes(ModelFile.load(own)));
    }
  }

  private static Network create(String name) {
    return MadeModel.create(name, RandomSource.of(1, "test"));
  }

  @Test
  void aFolderThatIsNoRunsIsABadModel() {
    CommandRun run = CommandRun.of("inspect", folder.toString());

    assertThat(run.exitCode()).isEqualTo(4);
    assertThat(run.err()).contains("has no student.safetensors");
  }

  @Test
  void aStudysFolderAsAModelIsAnsweredWithThoseOfItsRuns() throws IOException {
    Path study = Files.createDirectories(folder.resolve("study/runs/resnet8-cross-entropy-seed1"));
    Files.copy(Path.of(model), study.resolve("student.safetensors"));
    Files.createDirectories(folder.resolve("study/runs/resnet8-cross-entropy-seed2"));

    CommandRun run = CommandRun.of("inspect", folder.resolve("study").toString());

    assertThat(run)
        .isEqualTo(
            new CommandRun(
                4,
                "",
                "retort: %s: the folder of a study, not of a run; one of its models is %s\n"
                    .formatted(folder.resolve("study"), study)));
  }

  @Test
  void aStateDictionaryTakesItsClassesFromTheData() {
    CommandRun alone = CommandRun.of("inspect", "resnet8:" + model);
    CommandRun withData = CommandRun.of("inspect", "resnet8:" + model, "--data", "cifar10-mini");

    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).contains("give the data (--data DATA)");
    assertThat(withData.out())
        .contains("classes      10: airplane, automobile")
        .contains("truck (assumed: the data's)\n")
        .containsPattern(
            "input        3x32x32 \\(assumed: the data's\\), .* \\(assumed: the data's\\)\n");
    assertThat(withData.err()).isEmpty();
  }

  /** The view is not assumed, so that nothing else is needed to list the layers. */
  @Test
  void aStateDictionaryIsInspectedInItsViewWithoutData() throws IOException {
    Files.writeString(folder.resolve("letters.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    Path view =
        Files.writeString(
            folder.resolve("view.yaml"),
            "{size: 64, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], classes: letters.txt}");

    JsonNode result =
        CommandRun.of("inspect", "resnet8:" + model, "--view", view.toString(), "--json").json();

    assertThat(result.get("input").asText()).isEqualTo("3x64x64");
    assertThat(result.get("representations").get("stage:2")).hasToString("[32,32,32]");
    assertThat(result.get("classes")).hasSize(10);
    assertThat(result.get("mean").get(2).asDouble()).isEqualTo(0.5);
    assertThat(result.get("assumed")).allMatch(JsonNode::isNull);
  }

  /** As evaluate refuses it: what is shown would not be what the file reads. */
  @Test
  void aViewThatAProgramDoesNotReadIsRefused() throws IOException {
    Path size = Files.writeString(folder.resolve("size.yaml"), "{size: 64}");
    Path file = folder.resolve("fixed.onnx");
    CommandRun.of("export", model, "--to=onnx", "--out", file.toString());

    CommandRun grey = CommandRun.of("inspect", file.toString(), "--mean=0.5", "--std=0.5");
    CommandRun large = CommandRun.of("inspect", file.toString(), "--view", size.toString());

    assertThat(grey.exitCode()).isEqualTo(4);
    assertThat(grey.err()).contains("mean and std of 1 channels for 3");
    assertThat(large.exitCode()).isEqualTo(4);
    assertThat(large.err()).contains("it reads images of size 32 only, not 64");
  }

  /** Data are for the model whose file does not say what its images are, and read for no other. */
  @Test
  void dataThatNoModelNeedsAreRefused() {
    CommandRun needed =
        CommandRun.of("inspect", "resnet8:" + model, "--data", "cifar10-mini", "--student", model);
    CommandRun unneeded =
        CommandRun.of("inspect", model, "--data", "folder:none", "--student", model);

    assertThat(needed.out()).contains("student      not heterogeneous");
    assertThat(unneeded)
        .isEqualTo(
            new CommandRun(
                2,
                "",
                "retort: %s records its classes and how its images are made: leave --data out\n"
                    .formatted(model)));
  }

  /** As JSON, what the file does not say is null or empty, and stands elsewhere. */
  @Test
  void whatIsAssumedOfAStateDictionaryIsToldFromWhatAFileSays() throws IOException {
    CommandRun run =
        CommandRun.of("inspect", "resnet8:" + model, "--data", "cifar10-mini", "--json");

    JsonNode result = run.json();
    assertThat(result.get("mean").isNull()).isTrue();
    assertThat(result.get("classes")).isEmpty();
    assertThat(result.get("assumed").get("mean").get(0).asDouble()).isCloseTo(0.49, within(0.01));
    assertThat(result.get("assumed").get("classes").get(MadeModel.CAT).asText()).isEqualTo("cat");
  }
}
