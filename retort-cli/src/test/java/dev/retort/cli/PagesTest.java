package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.retort.study.config.ConfigurationReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Of every page: its links, their anchors, and the options that it mentions. */
class PagesTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern LINK =
      Pattern.compile("\\]\\(([^)\\s]+)\\)|(?:src|srcset)=\"([^\"\\s]+)\"");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```");
  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
  private static final Pattern OPTION = Pattern.compile("(?:^|[\\s(\\[])(--[a-z][a-z0-9-]*)");

  /** Options of other programs that pages mention outside a command line of theirs. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "--base-temp",
          "--enable-native-access",
          "--kd-weight",
          "--sun-misc-unsafe-memory-access");

  /** The README, the pages beside it, and those in docs. */
  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> beside = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      Stream.concat(beside, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.endsWith("summary.md") && !file.endsWith("trials.md"))
          .sorted()
          .forEach(pages::add);
    }
    assertThat(pages).contains(ROOT.resolve("README.md"), ROOT.resolve("docs/command.md"));
    return pages;
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    Map<Path, Set<String>> anchors = new HashMap<>();
    for (Path page : pages()) {
      String text = withoutBlocks(Files.readString(page));
      for (MatchResult link : LINK.matcher(text).results().toList()) {
        URI target = URI.create(link.group(1) == null ? link.group(2) : link.group(1));
        if (target.getScheme() == null) {
          Path file =
              target.getPath().isEmpty() ? page : page.resolveSibling(target.getPath()).normalize();
          assertThat(file).as("%s: %s", page, link.group()).exists();
          if (target.getFragment() != null) {
            if (!anchors.containsKey(file)) {
              anchors.put(file, anchors(Files.readString(file)));
            }
            assertThat(anchors.get(file))
                .as("%s: %s", page, link.group())
                .contains(target.getFragment());
          }
        }
      }
    }
  }

  /** A page that no other one links to is not found. */
  @Test
  void everyPageOfDocsIsInTheIndexOrBelowAPageThatIs() throws IOException {
    String index =
        Files.readString(ROOT.resolve("docs/README.md"))
            + Files.readString(ROOT.resolve("docs/results.md"));
    for (Path page : pages()) {
      if (page.startsWith(ROOT.resolve("docs")) && !page.endsWith("docs/README.md")) {
        String name = ROOT.resolve("docs").relativize(page).toString().replace('\\', '/');
        assertThat(index).as(name).contains("](" + name);
      }
    }
  }

  private static String withoutBlocks(String page) {
    return BLOCK.matcher(page).replaceAll("").replaceAll("(?m)^(?:    |\t).*$", "");
  }

  /** As the usual hosts make them of headings. */
  private static Set<String> anchors(String page) {
    return HEADING
        .matcher(BLOCK.matcher(page).replaceAll(""))
        .results()
        .map(
            heading ->
                heading
                    .group(1)
                    .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                    .replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  /** In a line of text, between `…`, without the name of another program before it. */
  @Test
  void everyOptionThatAPageMentionsIsOne() throws IOException {
    Set<String> options = new LinkedHashSet<>();
    collect(CommandPageTest.retort(), options);
    for (Path page : pages()) {
      for (MatchResult code :
          CODE.matcher(withoutBlocks(Files.readString(page))).results().toList()) {
        if (!code.group(1)
            .matches("(?:python3|/usr/bin/python3|mvn|torchrun|retort bench|retort-bench).*")) {
          OPTION
              .matcher(code.group(1))
              .results()
              .map(option -> option.group(1))
              .filter(option -> !OF_OTHERS.contains(option))
              .forEach(
                  option -> assertThat(options).as(page + ": " + code.group()).contains(option));
        }
      }
    }
  }

  /** Of the blocks marked as YAML, those with methods. */
  @Test
  void everyStudyThatAPageShowsCanBeRead(@TempDir Path folder) throws IOException {
    Pattern yaml = Pattern.compile("(?ms)^```yaml[^\n]*\n(.*?)^```");
    int studies = 0;
    for (Path page : pages()) {
      for (MatchResult block : yaml.matcher(Files.readString(page)).results().toList()) {
        String study = block.group(1);
        boolean needsJar = page.endsWith("own-loss.md");
        if (study.contains("data:") && study.contains("methods:") && !needsJar) {
          Path file = Files.writeString(folder.resolve("study.yaml"), study);
          assertThatCode(() -> ConfigurationReader.standard().readStudy(file, List.of()))
              .as(page + ": " + study)
              .doesNotThrowAnyException();
          studies++;
        }
      }
    }
    assertThat(studies).isGreaterThan(3);
  }

  private static void collect(CommandLine command, Set<String> options) {
    command.getCommandSpec().options().forEach(option -> options.addAll(List.of(option.names())));
    command.getSubcommands().values().forEach(below -> collect(below, options));
  }
}
