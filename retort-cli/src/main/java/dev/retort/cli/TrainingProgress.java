package dev.retort.cli;

import dev.retort.report.ClockTime;
import dev.retort.training.TrainingListener;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows how a training goes: on a terminal as a status line, elsewhere as a line when it begins, a
 * line an epoch, and one a minute in longer epochs. Both go to stderr.
 */
final class TrainingProgress implements TrainingListener {
  private static final long NANOSECONDS = 1_000_000_000L;
  private static final long BETWEEN_UPDATES = NANOSECONDS / 4;
  private static final long BETWEEN_LINES = 60 * NANOSECONDS;

  /** Of a run's name, at least, before anything else is left out. */
  private static final int OF_THE_NAME = 16;

  private final Terminal terminal;
  private final LongSupplier clock;
  private final String run;
  private int epochs;
  private long steps;
  private int batchSize;

  /** Where the epoch before this one began: what it took tells how long the rest will take. */
  private long start;

  private long firstStep;
  private long epochStart;
  private long epochFirstStep;
  private long shown;
  private @Nullable EpochResult last;

  /**
   * The view of one training.
   *
   * @param run what to call it: {@code resnet8-hinton-seed1 (2 of 12)}
   * @param clock in nanoseconds
   */
  TrainingProgress(Terminal terminal, LongSupplier clock, String run) {
    this.terminal = terminal;
    this.clock = clock;
    this.run = run;
  }

  @Override
  public void begins(int epochs, int stepsPerEpoch, int batchSize, long stepsDone) {
    this.epochs = epochs;
    this.steps = (long) epochs * stepsPerEpoch;
    this.batchSize = batchSize;
    this.firstStep = stepsDone;
    this.epochFirstStep = stepsDone;
    this.start = clock.getAsLong();
    this.epochStart = start;
    this.shown = start;
    terminal.announce(
        "%s begins: %d epoch%s of %d step%s of %d images"
            .formatted(
                run,
                epochs,
                epochs == 1 ? "" : "s",
                stepsPerEpoch,
                stepsPerEpoch == 1 ? "" : "s",
                batchSize));
  }

  @Override
  public void afterStep(long step, int epoch) {
    long now = clock.getAsLong();
    if (now - shown < (terminal.showsStatus() ? BETWEEN_UPDATES : BETWEEN_LINES)) {
      return;
    }
    shown = now;
    long done = step + 1;
    double secondsPerStep = (double) (now - start) / NANOSECONDS / (done - firstStep);
    terminal.announce(
        line(
            (double) done / steps,
            epoch + 1,
            batchSize / secondsPerStep,
            (steps - done) * secondsPerStep));
  }

  /** The run's name is shortened first, then throughput, bar and loss are left out. */
  private String line(double share, int epoch, double imagesPerSecond, double secondsLeft) {
    String bar = terminal.showsStatus() ? " " + ProgressText.bar(share) : "";
    String throughput = format(", %.0f images/s", imagesPerSecond);
    String loss = last == null ? "" : format(", loss %.4f", last.trainLoss());
    String left = ", " + ClockTime.of(secondsLeft) + " left";
    String known = format(" epoch %d/%d", epoch, epochs);
    int width = terminal.showsStatus() ? terminal.statusWidth() : Integer.MAX_VALUE;
    int room = width - known.length() - accuracy().length() - left.length();
    int name = Math.min(run.length(), OF_THE_NAME);
    if (name + bar.length() + loss.length() + throughput.length() > room) {
      throughput = "";
    }
    if (name + bar.length() + loss.length() + throughput.length() > room) {
      bar = "";
    }
    if (name + loss.length() > room) {
      loss = "";
    }
    room -= bar.length() + loss.length() + throughput.length();
    return ProgressText.shortened(run, room) + bar + known + loss + accuracy() + throughput + left;
  }

  private String accuracy() {
    return last == null ? "" : format(", validation %.2f %%", 100 * last.validation().accuracy());
  }

  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  @Override
  public void afterEpoch(EpochResult result) {
    last = result;
    long now = clock.getAsLong();
    start = epochStart;
    firstStep = epochFirstStep;
    epochStart = now;
    epochFirstStep = result.step();
    if (terminal.showsStatus()) {
      return;
    }
    shown = now;
    terminal.println(
        format(
            "%s epoch %d/%d, loss %.4f%s, %.0f images/s%s",
            run,
            result.epoch(),
            epochs,
            result.trainLoss(),
            accuracy(),
            result.images() / result.epochSeconds(),
            timeLeft(now, result.step())));
  }

  /** Unknown where a resumed run had no step left of its epoch, but only the evaluation. */
  private String timeLeft(long now, long step) {
    if (step == firstStep) {
      return "";
    }
    double elapsed = (double) (now - start) / NANOSECONDS;
    double left = elapsed / (step - firstStep) * (steps - step);
    return ", " + ClockTime.of(left) + " left";
  }
}
