package dev.retort.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A script in Python that does the same work as Retort, in a process of its own. It gets a request
 * a line, in JSON, and answers likewise; between two requests it waits.
 */
final class Peer implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long FAREWELL_SECONDS = 10;

  private final String name;
  private final Path complaints;
  private final Process process;
  private final Writer requests;
  private final BufferedReader answers;

  /**
   * Starts a script.
   *
   * @param script its file; its name without the ending is the peer's
   * @param work a folder for what it prints on stderr
   */
  Peer(PythonInterpreter python, Path script, Path work) {
    this.name = script.getFileName().toString().replaceFirst("\\.py$", "");
    this.complaints = work.resolve(name + ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(python.executable().toString(), "-B", script.toString())
              .redirectError(complaints.toFile());
      // What is not the user's own: a peer runs as the user's shell would start it.
      if ("launcher".equals(System.getProperty("retort.allocator"))) {
        builder.environment().remove("GLIBC_TUNABLES");
      }
      if ("launcher".equals(System.getProperty("retort.waiting"))) {
        builder.environment().remove("GOMP_SPINCOUNT");
      }
      this.process = builder.start();
    } catch (IOException e) {
      throw new IllegalStateException(
          python.executable() + " could not be started: " + e.getMessage(), e);
    }
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** {@code plain} or {@code tuned}. */
  String name() {
    return name;
  }

  /**
   * Waits for the answer to a request.
   *
   * @throws IllegalStateException if there is none; the message says what it complained of last
   */
  JsonNode ask(Map<String, ?> request) {
    try {
      requests.write(JSON.writeValueAsString(request));
      requests.write('\n');
      requests.flush();
      String answer = answers.readLine();
      if (answer != null) {
        return JSON.readTree(answer);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the peer " + name + " ended: " + lastComplaint(), e);
    }
    throw new IllegalStateException("the peer " + name + " ended: " + lastComplaint());
  }

  private String lastComplaint() {
    try {
      process.waitFor(FAREWELL_SECONDS, TimeUnit.SECONDS);
      List<String> lines = new ArrayList<>(Files.readAllLines(complaints));
      lines.removeIf(String::isBlank);
      return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1).strip();
    } catch (IOException e) {
      return "what it said cannot be read";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** Tells it that there are no more requests, and sees that it ends. */
  @Override
  public void close() {
    try {
      requests.close();
      if (process.waitFor(FAREWELL_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (IOException e) {
      // It has ended before.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
