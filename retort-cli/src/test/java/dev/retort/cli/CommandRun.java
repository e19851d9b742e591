package dev.retort.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** One run of the command in this process, off a terminal. */
record CommandRun(int exitCode, String out, String err) {
  /** With more arguments behind the others. */
  static CommandRun of(List<String> last, String... first) {
    return of(Stream.concat(Stream.of(first), last.stream()).toArray(String[]::new));
  }

  static CommandRun of(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal = new Terminal(out, err, false, false, 80, 24);
    int exitCode = new Main(terminal).run(arguments);
    return new CommandRun(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** What it printed with {@code --json}. */
  JsonNode json() throws JsonProcessingException {
    return new ObjectMapper().readTree(out);
  }

  /** Two outputs, on a terminal or off it; what goes to stdout is thrown away. */
  static Terminal terminal(ByteArrayOutputStream err, boolean isTerminal, int columns) {
    return new Terminal(new ByteArrayOutputStream(), err, isTerminal, isTerminal, columns, 24);
  }
}
