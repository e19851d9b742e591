package dev.retort.cli;

/** What the process tells the one that started it; docs/command.md lists them. */
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

  /** What a shell reports of a process that SIGINT ended. */
  static final int KEYBOARD_INTERRUPT = 130;

  /** What a shell reports of a process that SIGTERM ended. */
  static final int TERMINATED = 143;

  private ExitCode() {}
}
