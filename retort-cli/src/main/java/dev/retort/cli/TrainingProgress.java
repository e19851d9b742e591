package dev.retort.cli;

import dev.retort.training.TrainingListener;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how a training goes: on a terminal as a status line, elsewhere as one line an epoch. Both
 * go to stderr.
 */
final class TrainingProgress implements TrainingListener {
  private static final long NANOSECONDS = 1_000_000_000L;
  private static final long BETWEEN_UPDATES = NANOSECONDS / 4;

  private final Terminal terminal;
  private final LongSupplier clock;
  private final String run;
  private int epochs;
  private long steps;
  private int batchSize;
  private long start;
  private long firstStep;
  private long shown;
  private String lastEpoch = "";

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
    this.start = clock.getAsLong();
    this.shown = start - BETWEEN_UPDATES;
  }

  @Override
  public void afterStep(long step, int epoch) {
    long now = clock.getAsLong();
    if (!terminal.showsStatus() || now - shown < BETWEEN_UPDATES) {
      return;
    }
    shown = now;
    long done = step + 1;
    double secondsPerStep = (double) (now - start) / NANOSECONDS / (done - firstStep);
    terminal.status(
        String.format(
            Locale.ROOT,
            "%s %s epoch %d/%d%s, %.0f images/s, %s left",
            run,
            ProgressText.bar((double) done / steps),
            epoch + 1,
            epochs,
            lastEpoch,
            batchSize / secondsPerStep,
            ProgressText.clockTime((steps - done) * secondsPerStep)));
  }

  @Override
  public void afterEpoch(EpochResult result) {
    lastEpoch =
        String.format(
            Locale.ROOT,
            ", loss %.4f, validation %.2f %%",
            result.trainLoss(),
            100 * result.validation().accuracy());
    if (terminal.showsStatus()) {
      return;
    }
    terminal.println(
        String.format(
            Locale.ROOT,
            "%s epoch %d/%d%s, %.0f images/s%s",
            run,
            result.epoch(),
            epochs,
            lastEpoch,
            result.images() / result.epochSeconds(),
            timeLeft(result.step())));
  }

  /** Unknown where a resumed run had no step left of its epoch, but only the evaluation. */
  private String timeLeft(long step) {
    if (step == firstStep) {
      return "";
    }
    double elapsed = (double) (clock.getAsLong() - start) / NANOSECONDS;
    double left = elapsed / (step - firstStep) * (steps - step);
    return ", " + ProgressText.clockTime(left) + " left";
  }
}
