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
  /** On a line of its own, or in the text. */
  private static final Pattern COMMAND =
      Pattern.compile(
          "^ *(?:\\$ )?(?:\\./|bin/)retort (.*?)(?: +#.*)?$|`\\./retort ([^`\\s]+ [^`\\n]+)`",
          Pattern.MULTILINE);

  /** As a shell divides a line. */
  private static final Pattern WORD = Pattern.compile("(?:'[^']*'|[^\\s'])+");

  @Test
  void everyCommandLineIsUnderstood() throws IOException {
    List<String> commands = new ArrayList<>();
    for (Path page : PagesTest.pages()) {
      // A line that ends in a backslash goes on in the next.
      COMMAND
          .matcher(Files.readString(page).replaceAll("\\\\\n\\s*", ""))
          .results()
          .map(DocumentedCommandsTest::line)
          .forEach(commands::add);
    }
    assertThat(commands).hasSizeGreaterThan(100);
    CommandLine retort = CommandPageTest.retort();
    for (String command : commands) {
      // Of safetensors|onnx, the first; capitals stand for any.
      String concrete =
          command
              .replaceAll("\\|\\S+", "")
              .replaceAll("\\bDATA\\b", "cifar10-mini")
              .replaceAll("\\bN\\b", "64")
              .replace("COMMAND", "compare");
      String[] arguments =
          WORD.matcher(concrete)
              .results()
              .map(word -> word.group().replace("'", ""))
              .toArray(String[]::new);
      assertThatCode(() -> retort.parseArgs(arguments)).as(command).doesNotThrowAnyException();
    }
  }

  private static String line(MatchResult found) {
    String alone = found.group(1);
    return (alone == null ? found.group(2) : alone).strip();
  }
}
