package dev.retort.cli;

import dev.retort.data.InspectionProgress;
import dev.retort.report.ClockTime;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far the first look at all pictures is, if it takes longer than two seconds: on a
 * terminal as a status line, elsewhere as a line every half minute. Both go to stderr.
 */
final class ReadingProgress implements InspectionProgress {
  private static final long NANOSECONDS = 1_000_000_000L;
  private static final long BEFORE_THE_FIRST = 2 * NANOSECONDS;
  private static final long BETWEEN_UPDATES = NANOSECONDS / 4;
  private static final long BETWEEN_LINES = 30 * NANOSECONDS;

  private final Terminal terminal;
  private final LongSupplier clock;
  private String data = "";
  private long begun;
  private long next;
  private int most;

  /**
   * @param clock in nanoseconds
   */
  ReadingProgress(Terminal terminal, LongSupplier clock) {
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public synchronized void looked(String data, int done, int total) {
    long now = clock.getAsLong();
    if (!data.equals(this.data)) {
      this.data = data;
      begun = now;
      next = now + BEFORE_THE_FIRST;
      most = 0;
    }
    most = Math.max(most, done); // threads come in any order
    if (most == total) {
      terminal.status("");
    } else if (now >= next) {
      next = now + (terminal.showsStatus() ? BETWEEN_UPDATES : BETWEEN_LINES);
      terminal.announce(text(total, (double) (now - begun) / NANOSECONDS));
    }
  }

  private String text(int total, double seconds) {
    return String.format(
        Locale.ROOT,
        "reading pictures %s%,d of %,d, %s left: %s",
        terminal.showsStatus() ? ProgressText.bar((double) most / total) + " " : "",
        most,
        total,
        ClockTime.of(seconds / most * (total - most)),
        data);
  }
}
