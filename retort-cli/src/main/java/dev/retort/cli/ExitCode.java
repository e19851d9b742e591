package dev.retort.cli;

/**
 * What the process tells the one that started it; docs/command.md lists them. One that a signal
 * ends has no code of its own: shells report 129 for SIGHUP, 130 for SIGINT and 143 for SIGTERM.
 */
final class ExitCode {
  static final int DONE = 0;
  static final int FAILURE = 1;

  /** Wrong usage or configuration. */
  static final int USAGE = 2;

  /** A loss, gradient or parameter was not finite any more. */
  static final int DIVERGED = 3;

  /** Bad data, weights or checkpoint. */
  static final int BAD_FILE = 4;

  /** Interrupted, and saved: {@code --resume} goes on. EX_TEMPFAIL of sysexits.h. */
  static final int INTERRUPTED = 75;

  private ExitCode() {}
}
