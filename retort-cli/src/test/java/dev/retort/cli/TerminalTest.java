package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void aLineAboveTheStatusLineDoesNotTearIt() {
    Terminal terminal = terminal(true);

    terminal.status("epoch 1");
    terminal.println("warning");
    terminal.finish();

    assertThat(shown())
        .isEqualTo("\r\033[2Kepoch 1" + "\r\033[2Kwarning\n" + "epoch 1" + "\r\033[2K");
  }

  @Test
  void whatAnotherProcessWritesIsReadAsLinesAndAStatus() {
    Terminal terminal = CommandRun.terminal(err, true, 80);
    terminal.status("epoch 1");
    terminal.println("warning");

    assertThat(read())
        .containsExactly("line: warning", "status: epoch 1", "line: epoch 1", "status: ");

    terminal.finish();
    assertThat(read()).containsExactly("line: warning", "status: ", "status: ");
  }

  private String shown() {
    return Terminal.uncut(err.toString(StandardCharsets.UTF_8));
  }

  private List<String> read() {
    List<String> read = new ArrayList<>();
    WorkerProcess.readLines(
        new ByteArrayInputStream(err.toByteArray()),
        line -> read.add("line: " + line),
        status -> read.add("status: " + status));
    return read;
  }

  @Test
  void aStatusWiderThanTheTerminalIsCutOffSoThatItStaysOnOneLine() {
    terminal(true).status("0123456789ABC");

    assertThat(shown()).isEqualTo("\r\033[2K012345678");
  }

  /** By the terminal itself (DECAWM), since its width was asked for at the start. */
  @Test
  void aStatusIsCutOffWhereTheTerminalHasBecomeNarrower() {
    terminal(true).status("epoch 1");

    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("\r\033[2K" + "\033[?7l" + "epoch 1" + "\033[?7h");
  }

  /** Each of these letters takes two columns; of five columns one is left for the cursor. */
  @Test
  void aStatusOfWideLettersIsCutByColumns() {
    CommandRun.terminal(err, true, 5).status("很长的图片");

    assertThat(shown()).isEqualTo("\r\033[2K很长");
  }

  /** None could be cleared above the top; the last line is that of all workers. */
  @Test
  void ofMoreLinesThanRowsTheLastAreShown() {
    new Terminal(OutputStream.nullOutputStream(), err, true, true, 80, 3)
        .status(List.of("1: a", "2: b", "all"));

    assertThat(shown()).isEqualTo("\r\033[2K2: b\nall");
  }

  @Test
  void severalStatusLinesAreReplacedTogether() {
    Terminal terminal = terminal(true);

    terminal.status(List.of("1: epoch 1", "2: epoch 2"));
    terminal.println("warning");
    terminal.status("all");

    String up = "\r\033[2K" + "\033[1A\r\033[2K";
    assertThat(shown())
        .isEqualTo(
            "\r\033[2K"
                + "1: epoch \n2: epoch "
                + up
                + "warning\n1: epoch \n2: epoch "
                + up
                + "all");
  }

  @Test
  void offATerminalThereIsNoStatusLine() {
    Terminal terminal = terminal(false);

    terminal.status("epoch 1");
    terminal.println("warning");
    terminal.finish();

    assertThat(shown()).isEqualTo("warning\n");
  }

  @Test
  void aWidthThatTheTerminalDoesNotKnowIsTheUsualOne() {
    CommandRun.terminal(err, true, 0).status("x".repeat(99));

    assertThat(shown()).isEqualTo("\r\033[2K" + "x".repeat(79));
  }

  @Test
  void aResultThatIsLostOnAFullDiskIsAFailureAndOneThatNobodyReadsToItsEndIsNone() {
    assertThat(listing("No space left on device")).isEqualTo(ExitCode.FAILURE);
    assertThat(shown()).isEqualTo("retort: stdout cannot be written: No space left on device\n");
    assertThat(listing("Broken pipe")).isEqualTo(ExitCode.DONE);
  }

  @Test
  void whoComputesOnCanAskWhetherAnyoneGetsIt() throws IOException {
    PipedInputStream reader = new PipedInputStream();
    Terminal terminal = new Terminal(new PipedOutputStream(reader), err, false, false, 80, 24);
    terminal.out().println("first");
    assertThat(terminal.hasLostResults()).isFalse();
    reader.close();
    terminal.out().println("second");
    assertThat(terminal.hasLostResults()).isTrue();
  }

  private int listing(String failure) {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException(failure);
          }
        };
    return new Main(new Terminal(full, err, false, false, 80, 24)).run("list", "datasets");
  }

  private Terminal terminal(boolean isTerminal) {
    return CommandRun.terminal(err, isTerminal, 10);
  }
}
