package dev.retort.faults;

import java.io.PrintStream;

/** Counts what held and what did not; safe to use from many threads. */
final class Tally {
  private final PrintStream log;
  private int passed;
  private int failed;
  private boolean skipped;

  Tally(PrintStream log) {
    this.log = log;
  }

  /** Counts one check, and says what was wrong. */
  synchronized void check(boolean holds, String whatIsWrong) {
    if (holds) {
      passed++;
    } else {
      failed++;
      log.println("FAILED: " + whatIsWrong);
    }
  }

  void pass() {
    check(true, "");
  }

  /** Says why nothing of it can be tried on this machine. */
  void skip(String why) {
    skipped = true;
    note("skipped, for " + why);
  }

  boolean isSkipped() {
    return skipped;
  }

  void fail(String whatIsWrong) {
    check(false, whatIsWrong);
  }

  /** Says what is going on. */
  void note(String line) {
    log.println(line);
  }

  synchronized int passed() {
    return passed;
  }

  synchronized int failed() {
    return failed;
  }

  @Override
  public synchronized String toString() {
    return passed + " passed, " + failed + " failed";
  }
}
