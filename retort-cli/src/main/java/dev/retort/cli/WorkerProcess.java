package dev.retort.cli;

import dev.retort.system.ProcFile;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The other end of a {@link WorkerCommand}: asks one thing at a time, and waits for the answer. */
final class WorkerProcess {
  private final Process process;
  private final BufferedWriter requests;

  /** Nothing when there will be no more. */
  private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();

  private final Thread reader;

  /**
   * Starts it.
   *
   * @param lines hears each line that it prints
   * @param status hears each change of its status line; empty for none
   */
  WorkerProcess(ProcessBuilder builder, Consumer<String> lines, Consumer<String> status)
      throws IOException {
    process = builder.start();
    requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    start("retort-answers", this::readAnswers);
    reader = start("retort-lines", () -> readLines(process.getErrorStream(), lines, status));
  }

  private static Thread start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void readAnswers() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines
          .lines()
          .filter(line -> line.startsWith(WorkerCommand.ANSWER))
          .forEach(line -> answers.add(Optional.of(line.substring(WorkerCommand.ANSWER.length()))));
    } catch (IOException | UncheckedIOException e) {
      // The process has ended.
    } finally {
      answers.add(Optional.empty());
    }
  }

  /** What {@link Terminal} writes: lines, and status lines that begin by clearing the line. */
  static void readLines(InputStream from, Consumer<String> lines, Consumer<String> status) {
    StringBuilder pending = new StringBuilder();
    char[] room = new char[4096];
    try (Reader text = new InputStreamReader(from, StandardCharsets.UTF_8)) {
      for (int read = text.read(room); read >= 0; read = text.read(room)) {
        pending.append(room, 0, read);
        for (int end = pending.indexOf("\n"); end >= 0; end = pending.indexOf("\n")) {
          String line = lastPart(pending.substring(0, end));
          pending.delete(0, end + 1);
          lines.accept(line);
        }
        // A run's status lines have no end: only the last one is kept.
        pending.delete(0, Math.max(0, pending.lastIndexOf(Terminal.CLEAR_LINE)));
        status.accept(lastPart(pending.toString()));
      }
      if (!lastPart(pending.toString()).isEmpty()) { // it died in the middle of a line
        lines.accept(lastPart(pending.toString()));
      }
    } catch (IOException e) {
      // The process has ended.
    } finally {
      status.accept("");
    }
  }

  private static String lastPart(String text) {
    int cleared = text.lastIndexOf(Terminal.CLEAR_LINE);
    return Terminal.uncut(
        cleared < 0 ? text : text.substring(cleared + Terminal.CLEAR_LINE.length()));
  }

  /**
   * Waits for the next answer.
   *
   * @return null if the process ends without one
   */
  @Nullable String answer() throws InterruptedException {
    Optional<String> answer = answers.take();
    if (answer.isEmpty()) {
      answers.add(answer);
      awaitEnd();
    }
    return answer.orElse(null);
  }

  /** Waits until the process has ended, and everything that it printed was heard. */
  void awaitEnd() throws InterruptedException {
    process.waitFor();
    reader.join();
  }

  /** Asks, and waits for the answer; null if the process ends without one. */
  @Nullable String ask(String request) throws InterruptedException {
    tell(request);
    return answer();
  }

  /** Says something to which there is no answer. */
  synchronized void tell(String request) {
    try {
      requests.write(request);
      requests.newLine();
      requests.flush();
    } catch (IOException e) {
      // The process has ended, which is noticed when it does not answer.
    }
  }

  /** How the process ended; waits for it. */
  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /** The most memory that it has held so far, in bytes; 0 where the system does not say. */
  long peakMemory() {
    return ProcFile.bytes(Path.of("/proc/%d/status".formatted(process.pid())), "VmHWM").orElse(0);
  }

  /** Ends it at once. */
  void kill() {
    process.destroyForcibly();
  }
}
