package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.report.ClockTime;
import dev.retort.study.RunResult;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.RunName;
import dev.retort.training.Evaluation;
import dev.retort.training.TrainingListener.EpochResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
  private static final EpochResult FIRST_EPOCH = epoch(1);

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();

  /** Of 100 steps, which took 8 seconds. */
  private static EpochResult epoch(int epoch) {
    return new EpochResult(
        epoch,
        100L * epoch,
        8,
        10_000,
        8,
        0.1,
        1.25,
        Map.of(),
        new Evaluation(new int[] {1, 1, 0, 0}, new int[] {1, 1, 1, 0}, 0.1),
        Map.of(),
        List.of());
  }

  /** The teacher looks at each view once, so the first epochs take longer than the others. */
  @Test
  void theLastEpochTellsHowLongTheRestWillTake() {
    TrainingProgress progress = progress(false);

    clock.set(100_000_000_000L);
    progress.afterEpoch(epoch(1));
    // 100 steps in 10 s, so that 200 more take 20.
    clock.set(110_000_000_000L);
    progress.afterEpoch(epoch(2));
    // 150 steps in 70 s, so that 150 more take as long.
    clock.set(170_000_000_000L);
    progress.afterStep(249, 2);

    assertThat(
            err.toString(StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .map(line -> line.replaceFirst(".*, ", "")))
        .containsExactly("5:00 left", "0:20 left", "1:10 left");
  }

  @Test
  void offATerminalTheBeginningEachMinuteAndEachEpochAreALine() {
    TrainingProgress progress = progress(false);

    progress.afterStep(0, 0);
    // 10 of 400 steps of 100 images in a minute leave 39.
    clock.set(60_000_000_000L);
    progress.afterStep(9, 0);
    clock.set(61_000_000_000L);
    progress.afterStep(10, 0);
    // 100 of 400 steps in 10 s, evaluation included, leave 30 s.
    clock.set(10_000_000_000L);
    progress.afterEpoch(FIRST_EPOCH);

    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            hinton begins: 4 epochs of 100 steps of 100 images
            hinton epoch 1/4, 17 images/s, 39:00 left
            hinton epoch 1/4, loss 1.2500, validation 75.00 %, 1250 images/s, 0:30 left
            """);
  }

  @Test
  void onATerminalAStatusLineSaysHowFarItIsAndHowLongItTakes() {
    TrainingProgress progress = progress(true);

    progress.afterEpoch(FIRST_EPOCH);
    // 200 of 400 steps of 100 images in 20 s.
    clock.set(20_000_000_000L);
    progress.afterStep(199, 1);

    assertThat(Terminal.uncut(err.toString(StandardCharsets.UTF_8)))
        .endsWith(
            "\r\033[2Khinton ██████░░░░░░ epoch 2/4, loss 1.2500, validation 75.00 %,"
                + " 1000 images/s, 0:20 left");
  }

  /**
   * The whole line is 82 characters longer than the name; bar, throughput and loss are 41 of them.
   */
  @Test
  void aNarrowTerminalKeepsEpochAccuracyAndTimeLeft() {
    String run = "torchvision-mobilenet_v2-adversarial-hinton-seed1 (2 of 12)";

    assertThat(status(run, 160))
        .isEqualTo(
            run
                + " ██████░░░░░░ epoch 2/4, loss 1.2500, validation 75.00 %, 1000 images/s, 0:20"
                + " left");
    assertThat(status(run, 120))
        .isEqualTo(
            "…2-adversarial-hinton-seed1 (2 of 12) ██████░░░░░░ epoch 2/4, loss 1.2500, validation"
                + " 75.00 %, 1000 images/s, 0:20 left")
        .hasSize(119);
    assertThat(status(run, 80))
        .isEqualTo(
            "…l-hinton-seed1 (2 of 12) epoch 2/4, loss 1.2500, validation 75.00 %, 0:20 left")
        .hasSize(79);
    assertThat(status(run, 60))
        .isEqualTo("…n-seed1 (2 of 12) epoch 2/4, validation 75.00 %, 0:20 left")
        .hasSize(59);
  }

  private String status(String run, int columns) {
    err.reset();
    clock.set(0);
    Terminal terminal = CommandRun.terminal(err, true, columns);
    TrainingProgress progress = new TrainingProgress(terminal, clock::get, run);
    progress.begins(4, 100, 100, 0);
    progress.afterEpoch(FIRST_EPOCH);
    clock.set(20_000_000_000L);
    progress.afterStep(199, 1);
    String shown = Terminal.uncut(err.toString(StandardCharsets.UTF_8));
    return shown.substring(shown.lastIndexOf("\033[2K") + 4);
  }

  @Test
  void aTrainingThatResumesIsTimedFromWhereItBegan() {
    TrainingProgress progress = new TrainingProgress(terminal(true), clock::get, "hinton");
    progress.begins(4, 100, 100, 100);

    clock.set(20_000_000_000L);
    progress.afterStep(199, 1);

    assertThat(Terminal.uncut(err.toString(StandardCharsets.UTF_8)))
        .endsWith("500 images/s, 0:40 left");
  }

  /** A run that was stopped while its epoch was evaluated has no step left of it. */
  @Test
  void withoutAStepSinceItResumedATrainingCannotSayHowLongItTakes() {
    TrainingProgress progress = new TrainingProgress(terminal(false), clock::get, "hinton");
    progress.begins(4, 100, 100, 100);

    clock.set(1_000_000_000L);
    progress.afterEpoch(FIRST_EPOCH);

    assertThat(err.toString(StandardCharsets.UTF_8)).endsWith(" images/s\n");
  }

  @Test
  void aTeacherIsAnnouncedBeforeItClassifiesAndAnUnknownAccuracyHasNoUnit() {
    StudyProgress progress =
        new StudyProgress(terminal(false), clock::get, Path.of("/out/report.html"));

    progress.teacherClassifies("airnet95", 5000);
    progress.teacherLoaded(
        new TeacherRecord("airnet95", "ab12", null, null, 6_000_000L, 500L, null, null));
    progress.teacherLoaded(
        new TeacherRecord("airnet95", "ab12", 0.9375, null, 6_000_000L, 500L, null, null));

    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            teacher airnet95 classifies 5,000 validation images …
            teacher airnet95: – of the validation images
            teacher airnet95: 93.75 % of the validation images
            """);
  }

  private static RunResult result(double seconds) {
    return new RunResult(
        "resnet8", "hinton", 1, null, null, 0.5, seconds, 100, 1, 1, List.of(), null);
  }

  /** Ten runs of an hour each; the first was resumed five minutes before its end. */
  @Test
  void aRunThatWasResumedCountsAsAWholeOneForThoseToCome() {
    StudyProgress progress =
        new StudyProgress(terminal(false), clock::get, Path.of("/out/report.html"));
    RunName name = new RunName("resnet8", "hinton", 1);

    progress.runBegins(name, 3, 10, 12);
    clock.set(300_000_000_000L);
    progress.runEnds(result(3600));
    // Another process had it before: there is none behind it.
    progress.runBegins(name, 10, 10, 12);
    progress.runBegins(name, 1, 10, 12);
    progress.runEnds(result(3600));

    assertThat(err.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains(", in ")))
        .containsExactly(
            "resnet8-hinton-seed1 (3 of 10): 50.00 % of the validation images, in 5:00, 7:00:00 left in all",
            "resnet8-hinton-seed1 (1 of 10): 50.00 % of the validation images, in 0:00");
  }

  @Test
  void timesLookLikeAClocks() {
    assertThat(ClockTime.of(7.4)).isEqualTo("0:07");
    assertThat(ClockTime.of(750)).isEqualTo("12:30");
    assertThat(ClockTime.of(3723)).isEqualTo("1:02:03");
  }

  private TrainingProgress progress(boolean isTerminal) {
    TrainingProgress progress = new TrainingProgress(terminal(isTerminal), clock::get, "hinton");
    progress.begins(4, 100, 100, 0);
    return progress;
  }

  private Terminal terminal(boolean isTerminal) {
    return CommandRun.terminal(err, isTerminal, 120);
  }
}
