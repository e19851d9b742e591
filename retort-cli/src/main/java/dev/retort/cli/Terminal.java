package dev.retort.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The process's two outputs: results go to stdout, everything else to stderr. On a terminal, stderr
 * has status lines at its bottom that the lines printed above them do not tear. Safe to use from
 * many threads.
 */
final class Terminal {
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\u0080-\u009f&&[^\\n\\t]]");

  static final String CLEAR_LINE = "\r\033[2K";

  /** Between these a line that is wider than the terminal, as one that was narrowed, is cut off. */
  private static final List<String> CUT = List.of("\033[?7l", "\033[?7h");

  private static final String CLEAR_LINE_ABOVE = "\033[1A" + CLEAR_LINE;

  /** Where a terminal does not say: some have a width of 0. */
  private static final int USUAL_COLUMNS = 80;

  private static final int USUAL_ROWS = 24;

  private final LossyStream results;
  private final PrintStream out;
  private final PrintStream err;
  private final boolean outIsTerminal;
  private final boolean errIsTerminal;
  private final int columns;
  private final int rows;
  private List<String> status = List.of();

  /**
   * A pair of outputs.
   *
   * @param columns the terminal's width in characters
   * @param rows its height in lines
   */
  Terminal(
      OutputStream out,
      OutputStream err,
      boolean outIsTerminal,
      boolean errIsTerminal,
      int columns,
      int rows) {
    this.results = new LossyStream(out);
    this.out = new PrintStream(results, false, StandardCharsets.UTF_8);
    this.err = new PrintStream(err, false, StandardCharsets.UTF_8);
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
    this.columns = columns < 2 ? USUAL_COLUMNS : columns;
    this.rows = rows < 2 ? USUAL_ROWS : rows;
  }

  /**
   * This process's own. The launcher knows which of the two is a terminal, and its size, and says
   * so in system properties; Java cannot tell them apart.
   */
  static Terminal ofProcess() {
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    return new Terminal(
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        !dumb && Boolean.getBoolean("retort.stdout.terminal"),
        !dumb && Boolean.getBoolean("retort.stderr.terminal"),
        Integer.getInteger("retort.columns", USUAL_COLUMNS),
        Integer.getInteger("retort.rows", USUAL_ROWS));
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

  /** Without what would command a terminal: a name in a file may have it. */
  static String plain(String line) {
    return CONTROL.matcher(line).replaceAll("\ufffd");
  }

  /** Prints a line to stderr. */
  synchronized void println(String line) {
    err.println((status.isEmpty() ? "" : clearing()) + plain(line));
    err.print(shown(status));
    err.flush();
  }

  /** From the end of the last status line to the beginning of the first, with nothing left. */
  private String clearing() {
    return CLEAR_LINE + CLEAR_LINE_ABOVE.repeat(Math.max(0, status.size() - 1));
  }

  private static String shown(List<String> status) {
    return status.isEmpty() ? "" : CUT.get(0) + String.join("\n", status) + CUT.get(1);
  }

  /** What another process has printed, without what cuts its status off. */
  static String uncut(String printed) {
    return printed.replace(CUT.get(0), "").replace(CUT.get(1), "");
  }

  /** Replaces the status lines by one; an empty text takes them away. */
  void status(String text) {
    status(text.isEmpty() ? List.of() : List.of(text));
  }

  /**
   * Replaces the status lines. What is wider than the terminal is cut off, and of more lines than
   * it has rows the first are left out: none could be cleared above its top. Does nothing where
   * stderr is not a terminal.
   */
  synchronized void status(List<String> lines) {
    List<String> fitting =
        lines.stream()
            .skip(Math.max(0, lines.size() - (rows - 1)))
            .map(line -> Table.cut(line, statusWidth()))
            .toList();
    if (errIsTerminal && !fitting.equals(status)) {
      err.print(clearing() + shown(fitting));
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

  /** The most columns that a status line takes. */
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

  /** Whether nobody gets further results: their reader has left, or their disk is full. */
  synchronized boolean hasLostResults() {
    out.flush();
    return results.loss != null;
  }

  /** Takes the status line away and hands everything printed to the operating system. */
  synchronized void finish() {
    status(List.of());
    out.flush();
    err.flush();
  }
}
