package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The command lines that the pages show are ones that can be typed. */
class DocumentedCommandsTest {
  private static final Pattern COMMAND =
      Pattern.compile("^ *(?:\\$ )?(?:\\./|bin/)retort (.*?)(?: +#.*)?$", Pattern.MULTILINE);

  @Test
  void everyCommandLineIsUnderstood() throws IOException {
    List<String> commands = new ArrayList<>();
    for (Path page : PagesTest.pages()) {
      // A line that ends in a backslash goes on in the next.
      COMMAND
          .matcher(Files.readString(page).replaceAll("\\\\\n\\s*", ""))
          .results()
          .map((MatchResult found) -> found.group(1).strip())
          .forEach(commands::add);
    }
    assertThat(commands).hasSizeGreaterThan(60);
    CommandLine retort = CommandPageTest.retort();
    for (String command : commands) {
      // Of safetensors|onnx, the first.
      String[] arguments = command.replaceAll("\\|\\S+", "").split(" +");
      assertThatCode(() -> retort.parseArgs(arguments)).as(command).doesNotThrowAnyException();
    }
  }
}
