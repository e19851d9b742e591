package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.retort.cli.JobsOption.Jobs;
import dev.retort.cli.JobsOption.Sharing;
import dev.retort.study.config.RunName;
import dev.retort.training.StopRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study's runs are shared out among processes. */
class WorkersTest {
  private static final long PLENTY = 64_000_000_000L;

  @TempDir Path folder;

  @Test
  void autoIsTheCoresButNoMoreThanRunsAndMemoryAllow() {
    Jobs auto = new Jobs(0);
    assertThat(workersAndThreads(JobsOption.sharing(auto, 12, 0, null, 8, PLENTY)))
        .isEqualTo("8 of 1");
    assertThat(workersAndThreads(JobsOption.sharing(auto, 3, 0, null, 8, PLENTY)))
        .isEqualTo("3 of 2");
    assertThat(workersAndThreads(JobsOption.sharing(auto, 12, 0, null, 8, 6_100_000_000L)))
        .isEqualTo("4 of 2");
    assertThat(workersAndThreads(JobsOption.sharing(auto, 12, 0, null, 8, 100)))
        .isEqualTo("1 of 8");
    assertThat(workersAndThreads(JobsOption.sharing(auto, 12, 2, null, 8, PLENTY)))
        .isEqualTo("2 of 4");
  }

  @Test
  void threadsThatAreKnownDecideHowManyWorkersTheCoresCanFeed() {
    assertThat(workersAndThreads(JobsOption.sharing(new Jobs(0), 12, 0, 3, 8, PLENTY)))
        .isEqualTo("2 of 3");
    assertThat(workersAndThreads(JobsOption.sharing(new Jobs(0), 12, 0, 16, 8, PLENTY)))
        .isEqualTo("1 of 16");
    assertThat(workersAndThreads(JobsOption.sharing(new Jobs(4), 12, 0, 3, 8, PLENTY)))
        .isEqualTo("4 of 3");
  }

  @Test
  void aNumberIsTakenAsItIsButForRunsThatAreNotThere() {
    assertThat(workersAndThreads(JobsOption.sharing(new Jobs(5), 12, 0, null, 2, 100)))
        .isEqualTo("5 of 1");
    assertThat(workersAndThreads(JobsOption.sharing(new Jobs(5), 4, 0, null, 8, PLENTY)))
        .isEqualTo("4 of 2");
  }

  private static String workersAndThreads(Sharing sharing) {
    return sharing.workers() + " of " + sharing.threads();
  }

  /**
   * Another process has two runs. It ends one of them, and is killed during the other one, which it
   * saves for a while. Then that is done here.
   */
  @Test
  void aRunThatAnotherProcessHadIsAskedForAgain() throws Exception {
    Path asked = folder.resolve("asked");
    String worker =
        """
        echo '@retort ready'
        while read request run rest; do
          [ $request = run ] && echo $run >> "$0"
          case "$request $(grep -c "^$run$" "$0")" in
            'run 1' | 'run 2') echo '@retort TAKEN' ;;
            end*) exit 0 ;;
            run*) echo '@retort DONE' ;;
            *) echo '@retort ' ;;
          esac
        done
        """;
    RunName ended = new RunName("resnet8", "hinton", 1);
    RunName killed = new RunName("resnet8", "hinton", 2);

    work(worker, asked, List.of(ended, killed), ended, ExitCode.DONE);

    assertThat(asked)
        .hasContent(
            String.join(
                "\n", ended.toString(), killed.toString(), killed.toString(), killed.toString()));
  }

  /** Several would else wake each other up, and take the cores from who saves it. */
  @Test
  void aRunThatAnotherProcessHasIsAskedForOnceASecond() throws Exception {
    Path asked = folder.resolve("asked");
    String worker =
        """
        echo '@retort ready'
        while read request run rest; do
          [ $request = run ] && echo $run >> "$0"
          case $request in
            run) echo '@retort TAKEN' ;;
            end) exit 0 ;;
            *) echo '@retort ' ;;
          esac
        done
        """;
    List<RunName> runs =
        List.of(new RunName("resnet8", "hinton", 1), new RunName("resnet8", "hinton", 2));

    assertThatThrownBy(() -> work(worker, asked, runs, 2, run -> false, Duration.ofMillis(2500), 0))
        .hasMessageStartingWith("other processes work on resnet8-hinton-seed");
    assertThat(Files.readAllLines(asked).size())
        .as("the first time, and after one, two and perhaps three seconds")
        .isBetween(4, 8);
  }

  /** As one that a guard of the memory signals. All runs are done before what comes last. */
  @Test
  void aWorkerThatAloneIsAskedToStopIsReplaced() throws Exception {
    Path asked = folder.resolve("asked");
    String worker =
        """
        echo '@retort ready'
        while read request run rest; do
          echo $request $run >> "$0"
          case "$request $(grep -c "^run " "$0")" in
            'run 1') exit 75 ;;
            end*) exit 0 ;;
            run*) echo '@retort DONE' ;;
            *) echo '@retort ' ;;
          esac
        done
        """;
    RunName run = new RunName("resnet8", "hinton", 1);

    assertThat(work(worker, asked, List.of(run), run, ExitCode.DONE))
        .contains("worker 1 alone was asked to stop during: " + run + "; another takes its place");
    assertThat(Files.readAllLines(asked))
        .containsSubsequence("run " + run, "run " + run, "finish", "end");
  }

  /** The line comes after the exit code, as where the machine is busy. */
  @Test
  void aWorkerThatFailsAfterItsLastRunSaysWhy() throws Exception {
    String worker =
        """
        echo '@retort ready'
        while read request rest; do
          case $request in
            run) echo '@retort DONE' ;;
            end) (sleep 1; echo 'retort: the disk is full' >&2) & exit 1 ;;
            *) echo '@retort ' ;;
          esac
        done
        """;
    RunName run = new RunName("resnet8", "hinton", 1);

    assertThat(work(worker, folder, List.of(run), run, ExitCode.FAILURE))
        .contains("1: retort: the disk is full");
  }

  /** One worker, which is a shell's program, does runs of which one has ended; what is said. */
  private static String work(
      String worker, Path asked, List<RunName> runs, RunName ended, int expected) throws Exception {
    return work(worker, asked, runs, 1, ended::equals, Duration.ofSeconds(60), expected);
  }

  private static String work(
      String worker,
      Path asked,
      List<RunName> runs,
      int workers,
      Predicate<RunName> hasEnded,
      Duration patience,
      int expected)
      throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int code =
        new Workers(
                new Terminal(new ByteArrayOutputStream(), said, false, false, 80, 24),
                new StopRequest(),
                new Sharing(workers, 1, PLENTY, "a test"),
                number -> new ProcessBuilder("sh", "-c", worker, asked.toString()),
                runs,
                hasEnded,
                patience)
            .work();
    assertThat(code).isEqualTo(expected);
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void twoWorkersOfWhichOneIsKilledAndTwoSharesFindWhatOneProcessDoes() throws Exception {
    Path study =
        NoiseStudy.write(
            folder,
            """
            test: false
            seeds: [1, 2]
            methods: [cross-entropy, hinton]
            comparisons: [[hinton, cross-entropy]]
            """);
    Path two = folder.resolve("two");
    CompletableFuture<CommandRun> shared =
        CompletableFuture.supplyAsync(() -> compare(study, two, "--jobs", "2"));
    Path begun = two.resolve("runs/resnet8-hinton-seed1/checkpoints");
    while (!shared.isDone() && !Files.exists(begun)) {
      Thread.sleep(10);
    }
    // The file is edited for the next study: another worker begins all the same.
    String text = Files.readString(study);
    Files.writeString(study, "methods: [dist]");
    // The first, which works on a run; the second may still begin.
    Children.withArgument(two.toString())
        .min(Comparator.comparing(child -> child.info().startInstant().orElseThrow()))
        .orElseThrow()
        .destroyForcibly();

    CommandRun ended = shared.get();
    assertThat(ended.err()).contains("was ended by signal 9 during: resnet8-");
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(ended.err()).contains("4 of 4 runs done");
    assertThat(Children.withArgument(two.toString())).isEmpty();
    Files.writeString(study, text);
    Path one = folder.resolve("one");
    assertThat(compare(study, one, "--jobs", "1").exitCode()).isZero();
    assertEqual(two, one);
    Path shares = folder.resolve("shares");
    assertThat(compare(study, shares, "--shard", "1/2").exitCode()).isZero();
    assertThat(NoiseStudy.students(shares)).hasSize(2);
    assertThat(compare(study, shares, "--shard", "2/2", "--resume").exitCode()).isZero();
    assertEqual(shares, one);
  }

  private static CommandRun compare(Path study, Path out, String... options) {
    return CommandRun.of(List.of(options), "compare", study.toString(), "--out", out.toString());
  }

  private static void assertEqual(Path study, Path other) throws IOException {
    assertThat(withoutSeconds(study)).isEqualTo(withoutSeconds(other));
    assertThat(NoiseStudy.students(study)).hasSize(4).isEqualTo(NoiseStudy.students(other));
  }

  private static JsonNode withoutSeconds(Path study) throws IOException {
    JsonNode summary = new ObjectMapper().readTree(study.resolve("summary.json").toFile());
    for (JsonNode method : (ArrayNode) summary.get("methods")) {
      ((ObjectNode) method).remove("seconds");
    }
    return summary;
  }
}
