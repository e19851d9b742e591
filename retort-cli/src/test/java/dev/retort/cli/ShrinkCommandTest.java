package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.serve.Classifier;
import dev.retort.shrink.Budget;
import dev.retort.shrink.Shrink;
import dev.retort.shrink.ShrunkStudent;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShrinkCommandTest {
  @TempDir Path folder;

  private CommandRun shrink(String... more) {
    return CommandRun.of(
        List.of(more),
        "shrink",
        "--teacher",
        "bundled:cifar10",
        "--data",
        "cifar10-mini",
        "--out",
        out().toString());
  }

  private Path out() {
    return folder.resolve("out");
  }

  @Test
  void aLimitThatIsNoneIsWrongUsage() {
    CommandRun run = shrink("--p50", "1");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("'1' is not a time such as 1ms or 800us");
    assertThat(shrink().err()).contains("--p50");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "methods=[hinton]",
        "students=[resnet8]",
        "student=resnet8",
        "seeds=[1,2,3]",
        "serving.threads=2",
        "methods[0].name=mine",
        " methods =[ttm, hinton]"
      })
  void whatItDecidesItselfCannotBeChanged(String change) {
    CommandRun run = shrink("--p50", "1ms", "-o", change);

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains(change + ": shrink itself decides students, methods, seeds and serving");
    assertThat(out()).doesNotExist();
  }

  @Test
  void whatItIsGivenIsNotGivenTwice() {
    for (String change :
        List.of("data=cifar10-mini", "teacher=null", "teacher.model=bundled:cifar10")) {
      assertThat(shrink("--p50", "1ms", "-o", change).err())
          .contains(change + ": shrink is given its teacher and its data by themselves");
    }
    assertThat(shrink("--p50", "1ms", "--students", "resnet20").err())
        .contains("resnet20 is a candidate in any case: these students are networks of your own");
    assertThat(out()).doesNotExist();
  }

  @Test
  void aFolderWithSomethingInItIsLeftAlone() throws IOException {
    Files.createDirectories(out());
    Files.writeString(out().resolve("notes.txt"), "mine");

    CommandRun run = shrink("--p50", "1ms");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("is not empty");
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Files.writeString(out(), "mine");

    CommandRun run = shrink("--p50", "1ms");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(out() + " is a file; results need a folder");
  }

  /** What is there may be another study's file, or a student that another command wrote. */
  @ParameterizedTest
  @ValueSource(strings = {"study.yaml", "student.onnx"})
  void aFolderThatItDidNotBeginIsNotGoneOnWith(String file) throws IOException {
    Files.createDirectories(out());
    Files.writeString(out().resolve(file), "mine");

    CommandRun run = shrink("--p50", "1ms", "--resume");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("is not empty, and shrink has not begun in it");
    assertThat(out().resolve(file)).hasContent("mine");
  }

  /** The candidates' times take minutes; that a study of 16 images cannot be done takes none. */
  @Test
  void whatTheStudyWouldRefuseIsRefusedBeforeAnythingIsTimed() throws IOException {
    Path data = IdxNoise.write(folder, 20, 10);

    CommandRun run =
        CommandRun.of(
            "shrink",
            "--teacher=bundled:cifar10",
            "--data=idx:" + data,
            "--p50=1s",
            "--out=" + out(),
            "-otraining.batchSize=64");

    assertThat(run.err()).contains("batchSize is 64, but").contains("images; take at most as many");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(out()).isEmptyDirectory();
  }

  /** No network takes a nanosecond. */
  @Test
  void whereNoNetworkMeetsTheLimitsTheNearestIsNamedAndNothingIsTrained() throws IOException {
    CommandRun run = shrink("--p50", "0.001us", "--json");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.err())
        .containsPattern(
            "no network meets the limits, and nothing was trained\\. The nearest is [\\w-]+: p50 > ")
        .containsPattern("airnet95 +\\S+ ms .* the teacher\n")
        .containsPattern(
            "left out: .*resnet110.*\\(more multiply-accumulates than any core does in 0.000 ms\\)");
    assertThat(out()).isDirectoryContaining("glob:**/candidates.json");
    assertThat(out().toFile().list()).hasSize(1);
    JsonNode costs = new ObjectMapper().readTree(out().resolve("candidates.json").toFile());
    assertThat(costs.path("teacher").path("network").asText()).isEqualTo("airnet95");
    JsonNode smallest = costs.path("candidates").get(0);
    assertThat(smallest.path("network").asText()).isEqualTo("resnet8");
    assertThat(costs.path("teacher").path("timing").path("p50").asDouble())
        .as("of 24 times as many multiply-accumulates")
        .isGreaterThan(2 * smallest.path("timing").path("p50").asDouble())
        .isPositive();
    assertThat(costs.path("request").toString())
        .isEqualTo(
            "{\"teacher\":\"bundled:cifar10\",\"data\":\"cifar10-mini\",\"size\":\"none\","
                + "\"students\":\"none\",\"try\":\"2\",\"p50\":\"0.000000001 s\","
                + "\"max-bytes\":\"none\",\"max-loss\":\"none\",\"override\":\"none\"}");
    assertThat(run.json().get("student").isNull()).isTrue();
    assertThat(run.json().get("candidates")).isEqualTo(costs.path("candidates"));
  }

  @Test
  void aFolderThatWasBegunWithOtherOptionsIsNotGoneOnWith() throws IOException {
    Files.createDirectories(out());
    Files.writeString(out().resolve("study.yaml"), "is not read");
    Files.writeString(
        out().resolve("candidates.json"),
        """
        {"request": {"teacher": "bundled:cifar10", "data": "cifar10-mini", "size": "none",
                     "students": "none", "try": "2", "p50": "0.001 s", "max-bytes": "5000000 B",
                     "max-loss": "none"}}
        """);

    CommandRun run = shrink("--p50", "2ms", "--max-bytes", "5MB", "--max-loss", "2", "--resume");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains(
            "out was begun with --p50 0.001 s, not 0.002 s; --max-loss none, not 2.0: go on in it"
                + " with the same options, or choose another folder");
  }

  /** Whose options are not known, any would be gone on with. */
  @Test
  void aFolderThatDoesNotSayWhatWasAskedForIsDamaged() throws IOException {
    Files.createDirectories(out());
    Files.writeString(out().resolve("study.yaml"), "is not read");
    Files.writeString(out().resolve("candidates.json"), "{}");

    CommandRun run = shrink("--p50", "2ms", "--resume");

    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_FILE);
    assertThat(run.err()).contains("candidates.json is damaged: it does not say what was asked");
  }

  @Test
  void anInfiniteLossIsNoLimit() {
    CommandRun run = shrink("--p50", "2ms", "--max-loss", "Infinity");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("from 0 to 100 points, but is Infinity");
    assertThat(out()).doesNotExist();
  }

  /** From a teacher to the served file, and once more from what is in the folder. */
  @Test
  void aStudentWithinTheLimitsIsTrainedWrittenAndDescribed() throws IOException {
    Path data = IdxNoise.write(folder, 160, 40);
    // One label is wrong: who decides all alike, or all right, has another accuracy there.
    Path labels = data.resolve("t10k-labels-idx1-ubyte");
    byte[] swapped = Files.readAllBytes(labels);
    swapped[8] ^= 1;
    Files.write(labels, swapped);
    Path study =
        Files.writeString(
            folder.resolve("teacher.yaml"),
            """
            data: idx:data
            network: resnet8
            training: {epochs: 1, batchSize: 8}
            """);
    Path teacher = folder.resolve("teacher");
    CommandRun.of("train", study.toString(), "--out", teacher.toString());
    String[] arguments = {
      "shrink",
      "--teacher=" + teacher.resolve("runs/resnet8-cross-entropy-seed1"),
      "--data=idx:" + data,
      "--p50=1s",
      "--max-bytes=2MB",
      "--max-loss=100",
      "--try=1",
      "--out=" + out(),
      "-otraining.epochs=2",
      "-otraining.batchSize=8"
    };

    CommandRun run = CommandRun.of(arguments);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains(
            "mobilenetv2, torchvision-resnet18, torchvision-resnet34, torchvision-resnet50, torchvision-mobilenet_v2 (more multiply-accumulates than the teacher)");
    assertTheCostsAreThoseOfTheRecord(run.out());
    assertTheAccuraciesAreThoseOfTheRecords(run.out());
    assertThat(out().resolve("model-card.md"))
        .content()
        .contains("# student.onnx: resnet8\n")
        .containsPattern("\\| resnet8 \\| .* \\| the teacher \\|")
        .contains("p50 1000.0 ms, file 2.00 MB, loss 100 points): met")
        .contains("`retort export " + out() + "/study/runs/resnet8-");
    try (Classifier classifier = Classifier.open(out().resolve("student.onnx"))) {
      BufferedImage bright = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      bright.setRGB(0, 0, 8, 8, new int[64], 0, 0);
      assertThat(classifier.classify(bright)).hasSize(2);
      assertThat(out().resolve("classes.txt"))
          .hasContent(String.join("\n", classifier.classes()) + "\n");
    }
    byte[] before = Files.readAllBytes(out().resolve("student.onnx"));

    // As if all but the last step had been done on another machine.
    Path serving = out().resolve("study/serving.json");
    String measured = Files.readString(serving);
    String elsewhere =
        measured.replaceFirst("\"processor\" ?: ?\"[^\"]*\"", "\"processor\": \"Elsewhere\"");
    assertThat(elsewhere).isNotEqualTo(measured);
    Files.writeString(serving, elsewhere);

    CommandRun resumed = CommandRun.of(List.of("--resume"), arguments);

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(Files.readAllBytes(out().resolve("student.onnx"))).isEqualTo(before);
    assertThat(serving).content().doesNotContain("Elsewhere");
    assertThat(out().resolve("study/summary.md")).content().doesNotContain("Elsewhere");
    // The library goes on in the same folder, and not with another request.
    Budget budget = new Budget(1, 2_000_000L);
    List<String> changes = List.of("training.epochs=2", "training.batchSize=8");
    String model = teacher.resolve("runs/resnet8-cross-entropy-seed1").toString();
    String images = "idx:" + data;
    ShrunkStudent student =
        new Shrink(model, images, null, budget, 100.0, 1, Set.of(), changes)
            .run(out())
            .orElseThrow();
    assertThat(student.best().student()).isEqualTo("resnet8");
    assertThat(student.best().bytes()).isEqualTo(before.length);
    assertThatThrownBy(
            () -> new Shrink(model, images, null, budget, 100.0, 1, Set.of(), List.of()).run(out()))
        .hasMessageContaining("--override training.epochs=2 training.batchSize=8, not none");
  }

  private JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(out().resolve(file).toFile());
  }

  /** The cells of the row that ends so. */
  private static String[] cells(String printed, String end) {
    List<String> rows = printed.lines().filter(line -> line.endsWith("  " + end)).toList();
    assertThat(rows).as(end).hasSize(1);
    return rows.get(0).split(" {2,}");
  }

  /** A time with three digits, of those below 1 ms with three decimals. */
  private static void assertIsTime(String printed, double milliseconds) {
    assertThat(printed).endsWith(" ms");
    assertThat(Double.parseDouble(printed.replace(" ms", "")))
        .isCloseTo(milliseconds, within(Math.max(0.0006, 0.006 * milliseconds)));
  }

  /** The teacher is a resnet8, too. */
  private void assertTheCostsAreThoseOfTheRecord(String printed) throws IOException {
    JsonNode costs = json("candidates.json");
    JsonNode tried = null;
    for (JsonNode candidate : costs.path("candidates")) {
      tried = candidate.path("network").asText().equals("resnet8") ? candidate : tried;
    }
    Map<String, JsonNode> rows =
        Map.of("the teacher", costs.path("teacher"), "is tried", Objects.requireNonNull(tried));
    for (Map.Entry<String, JsonNode> row : rows.entrySet()) {
      String[] cells = cells(printed, row.getKey());
      JsonNode recorded = row.getValue();
      assertThat(cells).hasSize(6).startsWith("resnet8");
      assertIsTime(cells[1], 1e3 * recorded.path("timing").path("p50").asDouble());
      assertIsTime(cells[2], 1e3 * recorded.path("timing").path("p99").asDouble());
      assertThat(cells[3]).isEqualTo(Math.round(recorded.path("bytes").asDouble() / 1e3) + " kB");
      assertThat(cells[4])
          .isEqualTo(String.format(Locale.ROOT, "%.1f", recorded.path("macs").asDouble() / 1e6));
    }
  }

  private void assertTheAccuraciesAreThoseOfTheRecords(String printed) throws IOException {
    JsonNode teacher = json("study/serving.json").at("/models/0");
    JsonNode student = json("study/serving.json").at("/models/2"); // after the teacher's int8
    assertThat(teacher.path("student").isNull()).isTrue();
    assertThat(student.path("student").asText()).isEqualTo("resnet8");
    assertThat(List.of(teacher, student))
        .extracting(model -> model.path("numbers").asText())
        .containsOnly("fp32");
    double accuracy = 100 * student.path("accuracy").asDouble();
    double ofTeacher = 100 * teacher.path("accuracy").asDouble();
    String result = "study/runs/" + student.path("name").asText() + "/result.json";
    double validation = 100 * json(result).path("validationAccuracy").asDouble();
    double ofTeacherThere = 100 * json("study/teacher.json").path("validationAccuracy").asDouble();
    String[] cells = cells(printed, "is written, meets the limits");
    assertThat(cells)
        .hasSize(8)
        .startsWith(
            "resnet8",
            String.format(Locale.ROOT, "%.2f", validation),
            String.format(Locale.ROOT, "%+.2f", validation - ofTeacherThere),
            String.format(Locale.ROOT, "%.2f", accuracy),
            String.format(Locale.ROOT, "%+.2f", accuracy - ofTeacher));
    assertIsTime(cells[5], student.path("p50Milliseconds").asDouble());
    assertThat(cells[6])
        .isEqualTo(Math.round(Files.size(out().resolve("student.onnx")) / 1e3) + " kB");
    assertThat(out().resolve("model-card.md"))
        .content()
        .containsPattern(
            String.format(
                Locale.ROOT,
                "\\| 40 test \\| %.2f \\(.* … .*\\) \\| %.2f \\(.* … .*\\) \\| \\Q%+.2f\\E \\(",
                accuracy,
                ofTeacher,
                accuracy - ofTeacher));
  }
}
