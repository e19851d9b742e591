package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.training.CheckpointFolder;
import dev.retort.training.StopRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several processes train one student, and none waits for one that has ended. */
@NullUnmarked
class LaunchCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void writeData() throws IOException {
    IdxNoise.write(folder, 1600, 20);
  }

  @Test
  void whenOneRankIsKilledTheOthersEndAndOneProcessGoesOnFromTheCheckpoint() throws Exception {
    Path training = training();
    Path out = folder.resolve("out");
    String[] train = {
      "train", training.toString(), "--out", out.toString(), "--rank-timeout", "60"
    };
    CompletableFuture<CommandRun> launched =
        CompletableFuture.supplyAsync(() -> CommandRun.of(after("launch --nproc 2 --", train)));
    Path run = out.resolve("runs/resnet8-cross-entropy-seed1");
    while (!launched.isDone()
        && new CheckpointFolder(run.resolve("checkpoints")).latestStep() == 0) {
      Thread.sleep(20);
    }

    Children.withArgument(training.toString())
        .filter(child -> Children.hasVariable(child, "RANK=0"))
        .findFirst()
        .orElseThrow()
        .destroyForcibly();

    assertThat(launched.get().exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(launched.get().err())
        .contains("rank 1: retort: rank 1 of 2 stops, because another one has ended")
        .contains("start all of them again with --resume");
    assertThat(run.resolve("result.json")).doesNotExist();
    CommandRun resumed =
        CommandRun.of(after("train", after(train[1], "--resume", "--out", out.toString())));
    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.err()).doesNotContain("epoch 1/2").contains("epoch 2/2");
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(2);
  }

  /** They would train on, and hold their run, for as long as it takes. */
  @Test
  void ranksDoNotOutliveTheirLauncher() throws Exception {
    Path training = training();
    Path out = folder.resolve("out");
    Process launcher =
        ChildProcess.builder(
                new Main(Terminal.ofProcess()),
                List.of(),
                List.of(
                    after(
                        "launch --nproc 2 --",
                        after(
                            "train",
                            training.toString(),
                            "--out",
                            out.toString(),
                            "-o",
                            "training.epochs=10000"))))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Path metrics = out.resolve("runs/resnet8-cross-entropy-seed1/metrics.jsonl");
    while (launcher.isAlive() && Files.notExists(metrics)) {
      Thread.sleep(20);
    }
    List<ProcessHandle> ranks = launcher.children().toList();

    launcher.destroyForcibly().waitFor();

    assertThat(ranks).hasSize(2);
    for (ProcessHandle rank : ranks) {
      assertThat(rank.onExit().completeOnTimeout(rank, 60, TimeUnit.SECONDS).join().isAlive())
          .isFalse();
    }
    assertThat(new CheckpointFolder(metrics.resolveSibling("checkpoints")).latestStep())
        .isPositive();
  }

  /** One that failed before they met would leave the others waiting for it. */
  @Test
  void aRankThatFailsAtItsStartIsNotWaitedForByTheOthers() throws Exception {
    Process failed = new ProcessBuilder("sh", "-c", "exit 4").start();
    Process waiting = new ProcessBuilder("sleep", "600").start();
    LaunchCommand.await(List.of(waiting, failed), new StopRequest(), Duration.ofMillis(100));
    assertThat(waiting.exitValue()).isEqualTo(143);
    assertThat(LaunchCommand.exitCode(List.of(waiting, failed), false)).isEqualTo(4);
  }

  /** Who tries again where something was saved would try for ever. */
  @Test
  void aRankThatWasAskedToStopSinceAnotherFailedIsNotWhatEndedThem() throws Exception {
    Process killed = new ProcessBuilder("sh", "-c", "kill -9 $$").start();
    Process stopped = new ProcessBuilder("sh", "-c", "exit 75").start();
    LaunchCommand.await(List.of(stopped, killed), new StopRequest(), Duration.ofMillis(100));
    assertThat(LaunchCommand.exitCode(List.of(stopped, killed), false)).isEqualTo(ExitCode.FAILURE);
  }

  /** Before it has begun to listen for the signal. */
  @Test
  void aRankThatDiesOfTheRequestToStopIsNoFailure() throws Exception {
    Process beginning = new ProcessBuilder("sh", "-c", "kill -TERM $$").start();
    beginning.waitFor();
    assertThat(LaunchCommand.exitCode(List.of(beginning), true)).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(LaunchCommand.exitCode(List.of(beginning), false)).isEqualTo(ExitCode.FAILURE);
  }

  /** A rank that saves is asked, as one that waits, and takes no notice. */
  @Test
  void aRankThatWasStoppedAndSavedIsNoFailure() throws Exception {
    Process saving = new ProcessBuilder("sh", "-c", "trap '' TERM; echo; sleep 1; exit 75").start();
    assertThat(saving.getInputStream().read()).isEqualTo('\n'); // it saves from here on
    Process stopped = new ProcessBuilder("sh", "-c", "exit 75").start();
    LaunchCommand.await(List.of(stopped, saving), new StopRequest(), Duration.ofMillis(100));
    assertThat(saving.exitValue()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(LaunchCommand.exitCode(List.of(stopped, saving), false))
        .isEqualTo(ExitCode.INTERRUPTED);
  }

  /** One that was stopped before they met would leave the others waiting for it. */
  @Test
  void aRankThatIsStoppedAtItsStartIsNotWaitedForByTheOthers() throws Exception {
    Process stopped = new ProcessBuilder("sh", "-c", "exit 75").start();
    Process waiting = new ProcessBuilder("sleep", "600").start();
    LaunchCommand.await(List.of(waiting, stopped), new StopRequest(), Duration.ofMillis(100));
    assertThat(waiting.exitValue()).isEqualTo(143);
  }

  @Test
  void allRanksLeaveARunThatDivergesAndDoTheNext() throws IOException {
    Path study =
        Files.writeString(
            folder.resolve("study.yaml"),
            """
            data: idx:data
            student: resnet8
            test: false
            seeds: [1]
            training: {epochs: 1, batchSize: 200}
            methods: [{name: steep, objectives: [{cross-entropy: {weight: 1e37}}]}, cross-entropy]
            """);
    Path out = folder.resolve("out");

    CommandRun launched =
        CommandRun.of(
            after("launch --nproc 2 --", "compare", study.toString(), "--out", out.toString()));

    assertThat(launched.exitCode()).isEqualTo(ExitCode.DIVERGED);
    assertThat(out.resolve("runs/resnet8-steep-seed1/diverged.json")).exists();
    assertThat(out.resolve("runs/resnet8-cross-entropy-seed1/result.json")).exists();
    assertThat(launched.out())
        .contains("resnet8-steep-seed1 is left out: training diverged at step 0");
    assertThat(launched.err())
        .contains("resnet8-cross-entropy-seed1 (2 of 2)")
        .doesNotContain("rank 1:");
  }

  @Test
  void optionsOfEveryCommandReachTheRanks() {
    String missing = folder.resolve("none.yaml").toString();
    CommandRun launched =
        CommandRun.of(after("launch --debug --nproc 2 --", "train", missing, "--out", "out"));
    assertThat(launched.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(launched.err()).contains("rank 1: retort: ").contains("rank 1: \tat dev.retort.");
  }

  /** Each would start its own, in one folder. */
  @Test
  void ranksDoNotStartWorkers() throws IOException {
    String study =
        Files.writeString(
                folder.resolve("study.yaml"),
                """
                data: idx:data
                student: resnet8
                seeds: [1, 2]
                training: {epochs: 1, batchSize: 20, threads: 1}
                methods: [cross-entropy]
                """)
            .toString();
    Path out = folder.resolve("out");
    CommandRun launched =
        CommandRun.of(
            after("launch --nproc 2 --", "compare", study, "--jobs", "2", "--out", out.toString()));
    assertThat(launched.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(launched.err())
        .contains("retort: --jobs is for one process that may start others; under launch");
    assertThat(out).doesNotExist();
  }

  /** Under torchrun or srun, which start any command; they begin nothing. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "demo | demo | retort compare examples/demo.yaml",
        "tune study.yaml | a search | its two studies, by retort compare",
        "shrink --teacher bundled:cifar10 --data cifar10-mini --p50 1ms"
            + " | shrink | the study that it wrote: retort compare OUT/study.yaml",
      })
  void commandsThatAreForOneProcessSayWhatRanksCanDo(String command, String what, String instead)
      throws Exception {
    Path out = folder.resolve("out");
    Path said = folder.resolve("said");
    ProcessBuilder rank =
        ChildProcess.builder(
            new Main(Terminal.ofProcess()),
            List.of(),
            List.of(after(command, "--out", out.toString())));
    rank.environment()
        .putAll(
            Map.of("WORLD_SIZE", "2", "RANK", "0", "MASTER_ADDR", "127.0.0.1", "MASTER_PORT", "1"));
    int code = rank.redirectErrorStream(true).redirectOutput(said.toFile()).start().waitFor();

    assertThat(said)
        .hasContent(
            "retort: %s is for one process that may start others; under launch or torchrun do %s"
                .formatted(what, instead));
    assertThat(code).isEqualTo(ExitCode.USAGE);
    assertThat(out).doesNotExist();
  }

  @Test
  void ranksWaitForEachOtherAtLeastASecond() throws IOException {
    Path out = folder.resolve("out");
    CommandRun run =
        CommandRun.of(
            "train", training().toString(), "--out", out.toString(), "--rank-timeout", "0");
    assertThat(run)
        .isEqualTo(
            new CommandRun(
                ExitCode.USAGE, "", "retort: --rank-timeout must be at least 1, not 0\n"));
    assertThat(out).doesNotExist();
  }

  @Test
  void ranksThatCannotShareABatchEvenlyAreRefusedBeforeAnythingIsWritten() throws IOException {
    Path out = folder.resolve("out");
    CommandRun launched =
        CommandRun.of(
            after("launch --nproc 3 --", "train", training().toString(), "--out", out.toString()));
    assertThat(launched.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(launched.err())
        .contains("training.batchSize is 20, which 3 ranks cannot share evenly");
    assertThat(out).doesNotExist();
  }

  private Path training() throws IOException {
    return Files.writeString(
        folder.resolve("training.yaml"),
        """
        data: idx:data
        network: resnet8
        test: false
        training: {epochs: 2, batchSize: 20, learningRate: 0.1, schedule: one-cycle}
        """);
  }

  private static String[] after(String words, String... more) {
    String[] first = words.split(" ");
    String[] all = java.util.Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }
}
