package dev.retort.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The process's two outputs: results go to stdout, everything else to stderr. On a terminal, stderr
 * has a status line at its bottom that the lines printed above it do not tear. Safe to use from
 * many threads.
 */
final class Terminal {
  private static final String CLEAR_LINE = "\r\033[2K";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean outIsTerminal;
  private final boolean errIsTerminal;
  private final int columns;
  private String status = "";

  /**
   * A pair of outputs.
   *
   * @param columns the terminal's width in characters
   */
  Terminal(
      PrintStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal, int columns) {
    this.out = out;
    this.err = err;
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
    this.columns = columns;
  }

  /**
   * This process's own. The launcher knows which of the two is a terminal, and how wide it is, and
   * says so in system properties; Java cannot tell them apart.
   */
  static Terminal ofProcess() {
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    return new Terminal(
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        !dumb && Boolean.getBoolean("retort.stdout.terminal"),
        !dumb && Boolean.getBoolean("retort.stderr.terminal"),
        Integer.getInteger("retort.columns", 80));
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }

  /** Where results go. */
  PrintStream out() {
    return out;
  }

  /** Whether results are read by a person, and may have colours. */
  boolean hasColours() {
    String noColour = System.getenv("NO_COLOR");
    return outIsTerminal && (noColour == null || noColour.isEmpty());
  }

  /** Whether {@link #status} shows. */
  boolean showsStatus() {
    return errIsTerminal;
  }

  /** Prints a line to stderr. */
  synchronized void println(String line) {
    if (status.isEmpty()) {
      err.println(line);
    } else {
      err.println(CLEAR_LINE + line);
      err.print(status);
    }
    err.flush();
  }

  /**
   * Replaces the status line; an empty text takes it away. What is wider than the terminal is cut
   * off. Does nothing where stderr is not a terminal.
   */
  synchronized void status(String text) {
    if (errIsTerminal && !text.equals(status)) {
      String fitting = text.length() < columns ? text : text.substring(0, columns - 1);
      err.print(CLEAR_LINE + fitting);
      err.flush();
      status = fitting;
    }
  }

  /** Takes the status line away and hands everything printed to the operating system. */
  synchronized void finish() {
    status("");
    out.flush();
    err.flush();
  }
}
