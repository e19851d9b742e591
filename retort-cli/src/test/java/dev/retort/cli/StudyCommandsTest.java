package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StudyCommandsTest {
  @TempDir Path folder;

  private Path out;
  private Path training;
  private Path study;

  @BeforeEach
  void writeConfigurations() throws IOException {
    out = folder.resolve("out");
    IdxNoise.write(folder, 1000, 20);
    training =
        Files.writeString(
            folder.resolve("training.yaml"),
            """
            data: idx:data
            network: resnet8
            test: false
            training: {epochs: 1, batchSize: 20, learningRate: 0.1, schedule: one-cycle}
            """);
    study =
        Files.writeString(
            folder.resolve("study.yaml"),
            """
            data: cifar10-mini
            teacher: no-such-teacher
            student: resnet8
            training: {epochs: 1}
            methods: [cross-entropy, hinton]
            """);
  }

  @Test
  void aTrainingWritesItsFolderItsTableAndItsReportAndIsNotDoneTwice() {
    CommandRun first = CommandRun.of("train", training.toString(), "--out", out.toString());
    CommandRun second = CommandRun.of("train", training.toString(), "--out", out.toString());
    CommandRun resumed =
        CommandRun.of("train", training.toString(), "--out", out.toString(), "--resume");

    String run = "resnet8-cross-entropy-seed1";
    assertThat(first.exitCode()).isZero();
    assertThat(first.err())
        .containsPattern(run + " epoch 1/1, loss \\d\\.\\d{4}, validation \\d+\\.\\d\\d %, \\d+ im")
        .containsPattern(run + ": \\d+\\.\\d\\d % of the validation images, in ");
    assertThat(first.out())
        .startsWith("student  method         seeds  validation %  sd  seconds\n")
        .contains("report   " + out.resolve("report.html"));
    assertThat(out.resolve("runs").resolve(run))
        .isDirectoryContaining("glob:**/metrics.jsonl")
        .isDirectoryContaining("glob:**/student.safetensors");
    assertThat(out.resolve("report.html")).isNotEmptyFile();
    assertThat(second.exitCode()).isEqualTo(2);
    assertThat(second.err()).contains("is not empty, and a run never overwrites another");
    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.err()).startsWith(run + ": done before, ");
  }

  @Test
  void theRecordsOfRunsWithoutWeightsGiveTheSameSummaryAgain() throws IOException {
    CommandRun.of("train", training.toString(), "--out", out.toString());
    Path json = out.resolve("summary.json");
    Path table = out.resolve("summary.md");
    byte[] before = Files.readAllBytes(json);
    String tableBefore = Files.readString(table);
    Files.delete(json);
    Files.delete(table);
    Files.delete(out.resolve("runs/resnet8-cross-entropy-seed1/student.safetensors"));

    CommandRun report = CommandRun.of("report", out.toString());

    assertThat(report.exitCode()).isZero();
    assertThat(json).hasBinaryContent(before);
    assertThat(table).hasContent(tableBefore);
    assertThat(report.err()).doesNotContain("warn");

    Path resolved = out.resolve("resolved.yaml");
    Files.writeString(resolved, Files.readString(resolved) + "# another\n");
    CommandRun ofAnother = CommandRun.of("report", out.toString());
    assertThat(ofAnother.exitCode()).isZero();
    assertThat(ofAnother.err()).contains("warn: resolved.yaml was changed since");
  }

  /** The first Ctrl-C, and a terminal that is closed. */
  @ParameterizedTest
  @ValueSource(strings = {"INT", "HUP"})
  @EnabledOnOs(OS.LINUX)
  void aTrainingThatIsAskedToStopLeavesWithItsCodeAndSaysHowToGoOn(String signal) throws Exception {
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        ChildProcess.builder(
            new Main(Terminal.ofProcess()),
            List.of(),
            List.of(
                "train", training.toString(), "-o", "training.epochs=20", "--out", out.toString()));
    // Of a build in the background, SIGINT is ignored.
    builder.command().addAll(0, List.of("env", "--default-signal=INT,HUP"));
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    while (process.isAlive() && !Files.readString(log).contains("epoch 1/20")) {
      Thread.sleep(20);
    }

    new ProcessBuilder("sh", "-c", "kill -" + signal + " " + process.pid()).start().waitFor();
    boolean ended = process.waitFor(30, TimeUnit.SECONDS);
    process.destroyForcibly();

    assertThat(ended).isTrue();
    assertThat(process.exitValue()).isEqualTo(75);
    assertThat(Files.readString(log)).endsWith("retort: stopped on request; go on with --resume\n");
    assertThat(out.resolve("runs/resnet8-cross-entropy-seed1/checkpoints"))
        .as("what a training goes on from")
        .isNotEmptyDirectory();
  }

  @Test
  void aWrongKeyIsNamedWithFileAndLineAndNothingIsWritten() throws IOException {
    Files.writeString(study, Files.readString(study).replace("epochs", "epoch"));

    CommandRun run = CommandRun.of("compare", study.toString(), "--out", out.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("retort: " + study + ":4")
        .contains("did you mean 'epochs'?")
        .hasLineCount(1);
    assertThat(out).doesNotExist();
  }

  @Test
  void aMissingConfigurationIsWrongUsage() {
    CommandRun run = CommandRun.of("compare", "no-such.yaml", "--out", out.toString());

    assertThat(run)
        .isEqualTo(new CommandRun(2, "", "retort: there is no configuration file no-such.yaml\n"));
  }

  @Test
  void missingDataAndAMissingTeacherAreBadFilesAndLeaveNoFolder() {
    CommandRun noData =
        CommandRun.of(
            "compare",
            study.toString(),
            "--out",
            out.toString(),
            "-o",
            "teacher=bundled:cifar10",
            "-o",
            "data=cifar10:" + folder.resolve("none"));
    CommandRun noTeacher = CommandRun.of("compare", study.toString(), "--out", out.toString());

    assertThat(noData.exitCode()).isEqualTo(4);
    assertThat(noData.err()).startsWith("retort: " + folder.resolve("none"));
    assertThat(noTeacher.exitCode()).isEqualTo(4);
    assertThat(noTeacher.err()).contains("no-such-teacher: no such file or folder");
    CommandRun noClasses =
        CommandRun.of(
            "compare",
            study.toString(),
            "--out",
            out.toString(),
            "-o",
            "teacher={model: bundled:cifar10, classes: none.txt}",
            "-o",
            "data=cifar10:" + folder.resolve("none"));
    assertThat(noClasses.exitCode()).isEqualTo(4);
    assertThat(noClasses.err()).contains("none.txt: no such file of classes");
    assertThat(out).doesNotExist();
  }

  @Test
  void anUnknownMethodAndAWrongShareAreRefusedBeforeAnythingIsRead() {
    CommandRun method =
        CommandRun.of("compare", study.toString(), "--out", out.toString(), "--only", "hintn");
    CommandRun share =
        CommandRun.of("compare", study.toString(), "--out", out.toString(), "--shard", "3/2");
    CommandRun noShare =
        CommandRun.of("compare", study.toString(), "--out", out.toString(), "--shard", "one");

    assertThat(method.exitCode()).isEqualTo(2);
    assertThat(method.err()).contains("the study has no method 'hintn'; did you mean hinton");
    assertThat(share.exitCode()).isEqualTo(2);
    assertThat(share.err()).contains("a shard is I/N with 1 <= I <= N");
    assertThat(noShare.exitCode()).isEqualTo(2);
    assertThat(noShare.err()).contains("'one' is no share such as 2/3");
    assertThat(out).doesNotExist();
  }

  @Test
  void aTrainingThatDivergesEndsWithItsCode() {
    CommandRun run =
        CommandRun.of(
            "train",
            training.toString(),
            "-o",
            "training.learningRate=1e30",
            "--out",
            out.toString());

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .contains("resnet8-cross-entropy-seed1: training diverged at step 1, before its update")
        .endsWith(
            "retort: 1 of 1 runs diverged: resnet8-cross-entropy-seed1; diverged.json in a run's"
                + " folder says at which step, and by which term\n");
    assertThat(out.resolve("runs/resnet8-cross-entropy-seed1/result.json")).doesNotExist();
  }

  @Test
  void ofTheSharesOfAStudyThatWithTheRunThatDivergedEndsWithItsCode() throws IOException {
    Files.writeString(
        study,
        """
        data: idx:data
        student: resnet8
        test: false
        seeds: [1]
        training: {epochs: 1, batchSize: 200}
        methods: [{name: steep, objectives: [{cross-entropy: {weight: 1e37}}]}, cross-entropy]
        """);
    String[] line = {"compare", study.toString(), "--out", out.toString(), "--resume", "--shard"};

    CommandRun diverging = CommandRun.of(List.of("1/2"), line);
    CommandRun other = CommandRun.of(List.of("2/2"), line);

    assertThat(diverging.exitCode()).isEqualTo(3);
    assertThat(diverging.err()).contains("retort: 1 of 1 runs diverged: resnet8-steep-seed1; ");
    assertThat(other.exitCode()).isZero();
    assertThat(other.out())
        .containsPattern("resnet8  cross-entropy +1 ")
        .contains("resnet8-steep-seed1 is left out: training diverged at step 0");
    assertThat(out.resolve("report.html"))
        .content()
        .contains("resnet8-steep-seed1 is left out: training diverged at step 0");
  }

  /** All seeds of the file are registered by whichever of them is done first. */
  @Test
  void seedsOfTheFileAreDoneInAnyOrderAndOthersAreExploratory() throws IOException {
    Files.writeString(
        study,
        """
        data: idx:data
        students: [resnet8]
        seeds: [1, 2]
        test: false
        training: {epochs: 1, batchSize: 20, learningRate: 0.1, schedule: one-cycle}
        methods: [cross-entropy]
        """);
    String[] line = {"compare", study.toString(), "--out", out.toString(), "--resume", "--seeds"};
    for (String seed : List.of("2", "1", "3")) {
      CommandRun run = CommandRun.of(List.of(seed), line);
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.err()).contains("resnet8-cross-entropy-seed" + seed + " begins");
      assertThat(run.err().contains("lacks some of the seeds [3] for cross-entropy: such runs"))
          .isEqualTo(seed.equals("3"));
    }
    assertThat(out.resolve("summary.md"))
        .content()
        .contains("| cross-entropy | 2 + 1 exploratory |");
  }

  @Test
  void whatTheDataDoNotFitIsRefusedBeforeAnythingIsWritten() {
    // The training images are 1,000 of 8 x 8 pixels.
    assertRefused("training: batchSize is 1001, but ", "training.batchSize=1001");
    assertRefused(
        "training: a cutout of 9 is larger than images of 1x8x8; take at most 8",
        "training.augmentation.cutout=9");
    assertRefused(
        "training: a shift of 8 cannot be reflected in images of 1x8x8; take at most 7",
        "training.augmentation={shift: 8, padding: reflect}");
  }

  private void assertRefused(String sentence, String change) {
    for (List<String> resume : List.of(List.<String>of(), List.of("--resume"))) {
      CommandRun run =
          CommandRun.of(
              resume, "train", training.toString(), "-o", change, "--out", out.toString());

      assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains("retort: " + sentence).hasLineCount(1);
      assertThat(out).doesNotExist();
    }
  }
}
