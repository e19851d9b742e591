package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The messages on the page are those in the sources, but for what differs from case to case. */
class TroubleshootingPageTest {
  private static final Pattern MESSAGE = Pattern.compile("(?m)^    (.+)$");

  @Test
  void everyQuotedMessageStandsInTheSources() throws IOException {
    String sources = sources();
    List<MatchResult> messages =
        MESSAGE.matcher(GeneratedPart.page("how-to/troubleshooting.md")).results().toList();
    assertThat(messages).hasSizeGreaterThanOrEqualTo(20);
    for (MatchResult message : messages) {
      for (String part : message.group(1).split("…", -1)) {
        assertThat(sources.contains(part.strip())).as(message.group(1) + ": " + part).isTrue();
      }
    }
  }

  /** With texts that go on in another line or literal put together. */
  private static String sources() throws IOException {
    return javaSources()
        .replaceAll("\"\\s*\\+\\s*\"", "")
        .replaceAll("\\\\\n\\s*", "")
        .replace("\\\"", "\"");
  }

  /** The library and the command. */
  static String javaSources() throws IOException {
    StringBuilder sources = new StringBuilder();
    for (String module : List.of("retort-core", "retort-image", "retort-cli")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          sources.append(Files.readString(file));
        }
      }
    }
    return sources.toString();
  }
}
