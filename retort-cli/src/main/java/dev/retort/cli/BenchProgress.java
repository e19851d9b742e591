package dev.retort.cli;

import dev.retort.bench.Progress;
import dev.retort.report.ClockTime;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Shows on stderr how far the measuring is. */
final class BenchProgress implements Progress {
  private static final double NANOSECONDS = 1e9;

  private final Terminal terminal;
  private final LongSupplier clock;
  private long began;
  private double planned;

  /**
   * @param clock in nanoseconds
   */
  BenchProgress(Terminal terminal, LongSupplier clock) {
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public void trying(String name, int done, int total) {
    terminal.status("first steps, " + (done + 1) + " of " + total + ": " + name);
  }

  @Override
  public void begins(int measurements, double seconds) {
    began = clock.getAsLong();
    planned = seconds;
    terminal.println(
        String.format(
            Locale.ROOT, "%d measurements, in about %s", measurements, ClockTime.of(seconds)));
  }

  @Override
  public void measuring(String name, int done, int total) {
    double share = (double) done / total;
    double passed = (clock.getAsLong() - began) / NANOSECONDS;
    // At first by the plan, then ever more by what it has taken so far.
    double left = (1 - share) * (passed + (1 - share) * planned);
    terminal.status(ProgressText.bar(share) + "  " + ClockTime.of(left) + " left  " + name);
  }
}
