package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The command lines that the README and the pages beside it show are ones that can be typed. */
class DocumentedCommandsTest {
  private static final Pattern COMMAND =
      Pattern.compile("^ *(?:\\$ )?\\./retort (.*?)(?: +#.*)?$", Pattern.MULTILINE);

  @Test
  void everyCommandLineIsUnderstood() throws IOException {
    List<String> commands = new ArrayList<>();
    try (Stream<Path> pages = Files.list(Path.of("../docs"))) {
      for (Path page : Stream.concat(Stream.of(Path.of("../README.md")), pages).toList()) {
        if (page.toString().endsWith(".md")) {
          COMMAND
              .matcher(Files.readString(page))
              .results()
              .map((MatchResult found) -> found.group(1).strip())
              .forEach(commands::add);
        }
      }
    }
    assertThat(commands).hasSizeGreaterThan(20);
    for (String command : commands) {
      // Of safetensors|onnx, the first.
      String[] arguments = command.replaceAll("\\|\\S+", "").split(" +");
      Terminal none =
          new Terminal(
              CommandRun.stream(new ByteArrayOutputStream()),
              CommandRun.stream(new ByteArrayOutputStream()),
              false,
              false,
              80);
      assertThatCode(() -> new Main(none).commandLine(new Failures(none)).parseArgs(arguments))
          .as(command)
          .doesNotThrowAnyException();
    }
  }
}
