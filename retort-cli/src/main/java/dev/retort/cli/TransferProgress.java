package dev.retort.cli;

import dev.retort.data.fetch.FetchProgress;
import dev.retort.report.ClockTime;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how a data set arrives: on a terminal as a status line with rate and time left, elsewhere
 * as one line for each activity. Both go to stderr.
 */
final class TransferProgress implements FetchProgress {
  private static final long NANOSECONDS = 1_000_000_000L;
  private static final long BETWEEN_UPDATES = NANOSECONDS / 8;
  private static final double MEGABYTE = 1e6;

  private final Terminal terminal;
  private final LongSupplier clock;
  private String activity = "";
  private long begun;
  private long doneBefore;
  private long shown;

  TransferProgress(Terminal terminal, LongSupplier clock) {
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public void at(String activity, long done, long total) {
    long now = clock.getAsLong();
    if (!activity.equals(this.activity)) {
      this.activity = activity;
      begun = now;
      doneBefore = done;
      shown = now - BETWEEN_UPDATES;
      if (!terminal.showsStatus()) {
        terminal.println(activity + (total > 0 ? " " + megabytes(total) : "") + " …");
      }
    }
    if (terminal.showsStatus() && now - shown >= BETWEEN_UPDATES) {
      shown = now;
      terminal.status(line(done, total, (double) (now - begun) / NANOSECONDS));
    }
  }

  private String line(long done, long total, double seconds) {
    double rate = seconds > 0 ? (done - doneBefore) / seconds : 0;
    String text =
        total > 0
            ? String.format(
                Locale.ROOT,
                "%s %s %.1f of %s",
                activity,
                ProgressText.bar((double) done / total),
                done / MEGABYTE,
                megabytes(total))
            : activity + " " + megabytes(done);
    if (rate > 0) {
      text += String.format(Locale.ROOT, ", %.1f MB/s", rate / MEGABYTE);
      if (total > 0) {
        text += ", " + ClockTime.of((total - done) / rate) + " left";
      }
    }
    return text;
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / MEGABYTE);
  }
}
