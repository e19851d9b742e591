package dev.retort.cli;

import dev.retort.report.ClockTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/** What the terminal shows of {@link Workers}, who guards it. Workers have numbers from 0. */
final class WorkersStatus {
  private static final double NANOSECONDS = 1e9;

  private final Terminal terminal;
  private final LongSupplier clock;
  private final int runs;
  private final String[] status;

  /** By the clock; 0 for a worker that does no run. */
  private final long[] runBegan;

  private int runsDone;
  private int runsTimed;
  private double secondsOfRuns;

  /**
   * @param runs that are to be done by all of them
   * @param clock in nanoseconds
   */
  WorkersStatus(Terminal terminal, int workers, int runs, LongSupplier clock) {
    this.terminal = terminal;
    this.clock = clock;
    this.runs = runs;
    this.status = new String[workers];
    this.runBegan = new long[workers];
    Arrays.fill(status, "");
  }

  void runBegins(int number) {
    runBegan[number] = clock.getAsLong();
  }

  /**
   * @param whole whether it was trained to its end, and says how long others take
   */
  void runIsDone(int number, boolean whole) {
    runsDone++;
    if (whole) {
      runsTimed++;
      secondsOfRuns += (clock.getAsLong() - runBegan[number]) / NANOSECONDS;
    }
    rests(number);
  }

  /** A worker does nothing any more, until it begins something else. */
  void rests(int number) {
    runBegan[number] = 0;
  }

  /**
   * A worker's own status line has changed.
   *
   * @param waiting runs that nobody has begun
   * @param workers that there still are
   */
  void show(int number, String text, long waiting, int workers) {
    status[number] = text;
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < status.length; i++) {
      if (!status[i].isEmpty()) {
        lines.add("%d: %s".formatted(i + 1, status[i]));
      }
    }
    lines.add(total(waiting, workers));
    terminal.status(lines);
  }

  /** Where no status line shows it, a line after each run does. */
  void sayTotal(long waiting, int workers) {
    if (!terminal.showsStatus()) {
      terminal.println(total(waiting, workers));
    }
  }

  /**
   * How far the study is. Runs of one study are much alike; where one under way has taken longer
   * than the others did, nothing is said of the time left.
   */
  private String total(long waiting, int workers) {
    String done = "%d of %d runs done".formatted(runsDone, runs);
    if (runsTimed == 0 || runsDone == runs || workers == 0) {
      return done;
    }
    double mean = secondsOfRuns / runsTimed;
    long now = clock.getAsLong();
    PriorityQueue<Double> free = new PriorityQueue<>();
    for (long began : runBegan) {
      if (began != 0) {
        double left = mean - (now - began) / NANOSECONDS;
        if (left < 0) {
          return done;
        }
        free.add(left);
      }
    }
    while (free.size() < workers) {
      free.add(0.0);
    }
    double end = free.stream().max(Double::compare).orElse(0.0);
    for (long run = 0; run < waiting; run++) { // each goes to who is free first
      double ends = free.remove() + mean;
      free.add(ends);
      end = Math.max(end, ends);
    }
    return done + ", " + ClockTime.of(end) + " left";
  }
}
