package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code retort tune}, with trainings of a second. */
class TuneCommandTest {
  @TempDir Path folder;

  private Path configuration(String changes) throws IOException {
    return NoiseStudy.write(
        folder,
        """
        seeds: [1]
        views: 1
        methods: [cross-entropy, hinton]
        tune:
          trials: 2
          confirm: {best: 1, seeds: [102]}
        """
            + changes);
  }

  private static JsonNode read(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static JsonNode withoutSeconds(Path trials) throws IOException {
    JsonNode read = read(trials);
    read.forEach(trial -> ((ObjectNode) trial).remove("seconds"));
    return read;
  }

  @Test
  void aSearchThatIsKilledAndResumedEndsAsAnUndisturbedOneAndItsStudyRunsAsItIs() throws Exception {
    Path configuration = configuration("");
    Path killed = folder.resolve("killed");
    Path whole = folder.resolve("whole");
    Process process =
        ChildProcess.builder(
                new Main(Terminal.ofProcess()),
                List.of(),
                List.of("tune", configuration.toString(), "--out", killed.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    Path begun = killed.resolve("search/runs/resnet8-hinton-01-seed101/checkpoints");
    while (process.isAlive() && !Files.exists(begun)) {
      Thread.sleep(10);
    }
    process.destroyForcibly().waitFor();
    assertThat(killed.resolve("trials.json")).doesNotExist();
    assertThat(CommandRun.of("report", killed.toString()).exitCode()).isZero();
    assertThat(killed.resolve("report.html")).content().contains("The search is not done");

    CommandRun again = CommandRun.of("tune", configuration.toString(), "--out", killed.toString());
    CommandRun resumed =
        CommandRun.of("tune", configuration.toString(), "--out", killed.toString(), "--resume");
    CommandRun undisturbed =
        CommandRun.of("tune", configuration.toString(), "--out", whole.toString(), "--jobs", "2");

    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err()).contains("is not empty, and a run never overwrites another");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("resnet8-cross-entropy-01-seed101: done before");
    assertThat(undisturbed.exitCode()).as(undisturbed.err()).isZero();
    assertThat(withoutSeconds(killed.resolve("trials.json")))
        .isEqualTo(withoutSeconds(whole.resolve("trials.json")))
        .hasSize(4);
    assertThat(killed.resolve("tuned.yaml")).hasSameTextualContentAs(whole.resolve("tuned.yaml"));
    assertThat(resumed.out()).contains("hinton.temperature", "chosen", "tuned.yaml");
    assertThat(whole.resolve("figures"))
        .isDirectoryContaining("glob:**/settings.svg")
        .isDirectoryContaining("glob:**/expected-best.png");
    assertThat(whole.resolve("report.html")).content().contains("Chosen settings", "</html>");
    // Test images are left unread by both studies.
    for (String study : List.of("search", "confirm")) {
      JsonNode summary = read(whole.resolve(study + "/summary.json"));
      assertThat(summary.get("measuredOn").textValue()).isEqualTo("validation");
      assertThat(summary.get("teacher").get("testAccuracy").isNull()).isTrue();
    }
    compares(whole);
    changes(whole, configuration);
  }

  private void compares(Path search) throws IOException {
    Path out = folder.resolve("compared");
    CommandRun compared =
        CommandRun.of("compare", search.resolve("tuned.yaml").toString(), "--out", out.toString());
    assertThat(compared.exitCode()).as(compared.err()).isZero();
    // Two trials of one seed and one of another, of two epochs each.
    assertThat(compared.out()).contains("2 trials, 6 epochs").doesNotContain("†");
    JsonNode methods = read(out.resolve("summary.json")).get("methods");
    assertThat(
            StreamSupport.stream(methods.spliterator(), false)
                .map(method -> method.get("budget").toString()))
        .containsExactly("{\"trials\":2,\"epochs\":6}", "{\"trials\":2,\"epochs\":6}");
    assertThat(out.resolve("report.html")).content().contains("<td>2 trials, 6 epochs</td>");
    Path unequal = folder.resolve("unequal");
    CommandRun marked =
        CommandRun.of(
            "compare",
            search.resolve("tuned.yaml").toString(),
            "--out",
            unequal.toString(),
            "-o",
            "methods.hinton.budget={trials: 31, epochs: 372}");
    assertThat(marked.out())
        .contains("31 trials, 372 epochs", "cross-entropy †")
        .contains("† The settings of the two methods were tuned by unequal budgets");
    assertThat(read(unequal.resolve("summary.json")).at("/comparisons/0/unequalBudgets"))
        .isEqualTo(BooleanNode.TRUE);
    assertThat(unequal.resolve("summary.md")).content().contains("| cross-entropy † |");
    assertThat(unequal.resolve("report.html"))
        .content()
        .contains("<td>cross-entropy †</td>", "(settings tuned by unequal budgets)");
  }

  @Test
  void theListOfMethodsHasTheSpaceThatIsSearchedUnlessToldForPrograms() throws IOException {
    JsonNode methods = CommandRun.of("list", "methods", "--json").json().get("methods");
    JsonNode hinton =
        StreamSupport.stream(methods.spliterator(), false)
            .filter(method -> method.get("name").textValue().equals("hinton"))
            .findFirst()
            .orElseThrow();
    assertThat(hinton.get("space"))
        .hasToString(
            "{\"hinton.temperature\":[1,2,4,8,16],\"hinton.weight\":{\"log\":[0.1,10.0]}}");
  }

  /** What is done stays, and another search needs another folder. */
  private void changes(Path search, Path configuration) throws IOException {
    CommandRun done =
        CommandRun.of("tune", configuration.toString(), "--out", search.toString(), "--resume");
    assertThat(done.exitCode()).isZero();
    assertThat(done.err()).doesNotContain("begins", "done before");
    CommandRun other =
        CommandRun.of(
            "tune",
            configuration.toString(),
            "--out",
            search.toString(),
            "--resume",
            "-o",
            "tune.trials=3");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("was begun with another configuration: tune.trials was 2");
    CommandRun report = CommandRun.of("report", search.toString());
    assertThat(report.exitCode()).isZero();
    assertThat(report.out()).isEqualTo(search.resolve("report.html") + "\n");
    CommandRun serving = CommandRun.of("report", search.toString(), "--serving");
    assertThat(serving.exitCode()).isEqualTo(2);
    assertThat(serving.err())
        .contains(
            search
                + " is the folder of a search; --serving and --other-length are about the students of a study");
    wasOfOtherSettings(search, configuration);
  }

  /** As if another build had drawn others: their results would be taken for those of today's. */
  private void wasOfOtherSettings(Path search, Path configuration) throws IOException {
    Path resolved = search.resolve("search/resolved.yaml");
    String before = Files.readString(resolved);
    assertThat(before).contains("weight: 0.9");
    Files.writeString(resolved, before.replace("weight: 0.9", "weight: 7.5"));
    CommandRun refused =
        CommandRun.of("tune", configuration.toString(), "--out", search.toString(), "--resume");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("search was begun with another configuration: methods");
    // Of a search that is done, trials.json has the settings.
    assertThat(CommandRun.of("report", search.toString()).exitCode()).isZero();
    Files.move(search.resolve("trials.md"), search.resolve("trials"));
    CommandRun report = CommandRun.of("report", search.toString());
    assertThat(report.exitCode()).isEqualTo(4);
    assertThat(report.err())
        .contains("another build drew the settings of its trials", "weight was 7.5 and is 0.9");
    Files.move(search.resolve("trials"), search.resolve("trials.md"));
    Files.writeString(resolved, before);
    confirmsByTheTeacherOfTheSearch(search, configuration);

    Files.writeString(search.resolve("tune.yaml"), "");
    CommandRun emptied =
        CommandRun.of("tune", configuration.toString(), "--out", search.toString(), "--resume");
    assertThat(emptied.exitCode()).isEqualTo(4);
    assertThat(emptied.err()).contains("tune.yaml: the file is empty: the configuration was lost");
  }

  /** As if its file had been replaced when the search was done: before a run of more seeds. */
  private void confirmsByTheTeacherOfTheSearch(Path search, Path configuration) throws IOException {
    Path inputs = search.resolve("search/inputs.json");
    String before = Files.readString(inputs);
    Path confirmation = search.resolve("confirm");
    Files.move(confirmation, search.resolve("confirmed"));
    Files.writeString(inputs, before.replaceFirst("(\"teacher\" : \")\\w", "$1x"));
    CommandRun refused =
        CommandRun.of("tune", configuration.toString(), "--out", search.toString(), "--resume");
    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(refused.err())
        .contains("the teacher is not what %s was begun with".formatted(confirmation));
    assertThat(confirmation.resolve("runs")).isEmptyDirectory();
    Files.writeString(inputs, before);
    // One whose runs are of another teacher already.
    CommandRun still =
        CommandRun.of("tune", configuration.toString(), "--out", search.toString(), "--resume");
    assertThat(still.exitCode()).isEqualTo(4);
    assertThat(still.err())
        .contains("the teacher is not what %s was begun with".formatted(confirmation));
  }

  @Test
  void aMethodAllOfWhoseTrialsDivergeHasNoChoiceAndTheCommandSaysSo() throws IOException {
    Path configuration =
        configuration(
            "  space: {cross-entropy: {cross-entropy.weight: {log: [1.0e+36, 1.0e+37]}}}\n");
    Path out = folder.resolve("out");
    CommandRun run =
        CommandRun.of(
            "tune",
            configuration.toString(),
            "--out",
            out.toString(),
            "-o",
            "methods=[{name: cross-entropy, objectives: [cross-entropy: {weight: 1.0e+37}]}]");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
    assertThat(run.err())
        .contains("none of the best settings of cross-entropy could be trained to its end");
    JsonNode trials = read(out.resolve("trials.json"));
    assertThat(trials).hasSize(2);
    trials.forEach(trial -> assertThat(trial.get("mean").isNull()).isTrue());
    assertThat(out.resolve("tuned.yaml")).doesNotExist();
    assertThat(out.resolve("report.html")).content().contains("diverged");
  }

  @Test
  void whatCannotBeSearchedIsSaidInOneLineAndLeavesNoFolder() throws IOException {
    String configuration = configuration("").toString();
    Path out = folder.resolve("out");
    CommandRun key =
        CommandRun.of(
            "tune",
            configuration,
            "--out",
            out.toString(),
            "-o",
            "tune.space={hinton: {hinton.wight: [1, 2]}}");
    assertThat(key.exitCode()).isEqualTo(2);
    assertThat(key.err())
        .startsWith("retort: -o tune.space=")
        .contains("did you mean 'hinton.weight'?")
        .hasLineCount(1);
    CommandRun teacher =
        CommandRun.of(
            "tune", configuration, "--out", out.toString(), "-o", "teacher=no-such-teacher");
    assertThat(teacher.exitCode()).isEqualTo(4);
    assertThat(out).doesNotExist();
  }
}
