package dev.retort.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The process's two outputs: results go to stdout, everything else to stderr. On a terminal, stderr
 * has a status line at its bottom that the lines printed above it do not tear. Safe to use from
 * many threads.
 */
final class Terminal {
  private static final String CLEAR_LINE = "\r\033[2K";

  /** Where a terminal does not say: some have a width of 0. */
  private static final int USUAL_COLUMNS = 80;

  private final LossyStream results;
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
      OutputStream out,
      OutputStream err,
      boolean outIsTerminal,
      boolean errIsTerminal,
      int columns) {
    this.results = new LossyStream(out);
    this.out = new PrintStream(results, false, StandardCharsets.UTF_8);
    this.err = new PrintStream(err, false, StandardCharsets.UTF_8);
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
    this.columns = columns < 2 ? USUAL_COLUMNS : columns;
  }

  /**
   * This process's own. The launcher knows which of the two is a terminal, and how wide it is, and
   * says so in system properties; Java cannot tell them apart.
   */
  static Terminal ofProcess() {
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    return new Terminal(
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        !dumb && Boolean.getBoolean("retort.stdout.terminal"),
        !dumb && Boolean.getBoolean("retort.stderr.terminal"),
        Integer.getInteger("retort.columns", USUAL_COLUMNS));
  }

  /** Remembers why something was not written, which a {@link PrintStream} keeps to itself. */
  private static final class LossyStream extends FilterOutputStream {
    private @Nullable IOException loss;

    LossyStream(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        loss = e;
        throw e;
      }
    }
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
      String fitting = text.length() <= statusWidth() ? text : text.substring(0, statusWidth());
      err.print(CLEAR_LINE + fitting);
      err.flush();
      status = fitting;
    }
  }

  /** Says what is begun: in the status line, or as a line where there is none. */
  void announce(String text) {
    if (errIsTerminal) {
      status(text);
    } else {
      println(text);
    }
  }

  /** The most characters that a status line shows. */
  int statusWidth() {
    return columns - 1;
  }

  /**
   * Why results were not written, as on a full disk; null where they were, and where their reader
   * had enough of them, like {@code head}.
   */
  synchronized @Nullable IOException loss() {
    IOException loss = results.loss;
    return loss == null || String.valueOf(loss.getMessage()).contains("Broken pipe") ? null : loss;
  }

  /** Takes the status line away and hands everything printed to the operating system. */
  synchronized void finish() {
    status("");
    out.flush();
    err.flush();
  }
}
