package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tables in docs/results.md are those that the committed records of the studies' runs give.
 * {@code -Dretort.results=write} writes the page anew, after {@code retort report} has summed up
 * the records.
 */
class ResultsPageTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path PAGE = DOCS.resolve("results.md");
  private static final Pattern TABLE =
      Pattern.compile(
          "(<!-- results/(\\S+)/summary\\.md: begin -->\n)(.*?)(<!-- results/\\2/summary\\.md: end -->)",
          Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\((results/[^)#]+)\\)");

  @Test
  void theCommittedSummariesAreThoseOfTheCommittedRuns(@TempDir Path copies) throws IOException {
    for (Path study : studies()) {
      Path copy = copies.resolve(study.getFileName());
      copy(study, copy);
      StudyFolder folder = StudyFolder.open(copy);
      folder.summarize(folder.configuration());
      for (String file : List.of("summary.json", "summary.md")) {
        assertThat(copy.resolve(file))
            .as(study + " " + file)
            .hasSameTextualContentAs(study.resolve(file));
      }
    }
  }

  @Test
  void thePagesTablesAreTheSummaries() throws IOException {
    if (!Files.exists(PAGE)) {
      assertThat(studies()).isEmpty();
      return;
    }
    String page = Files.readString(PAGE);
    Matcher table = TABLE.matcher(page);
    StringBuilder expected = new StringBuilder();
    while (table.find()) {
      String summary =
          Files.readString(DOCS.resolve("results/" + table.group(2) + "/summary.md"))
              .replaceFirst("^# ", "#### ");
      table.appendReplacement(
          expected,
          Matcher.quoteReplacement(table.group(1) + "\n" + summary + "\n" + table.group(4)));
    }
    table.appendTail(expected);
    if ("write".equals(System.getProperty("retort.results"))) {
      Files.writeString(PAGE, expected);
    } else {
      assertThat(page).isEqualTo(expected.toString());
    }
    Matcher link = LINK.matcher(page);
    while (link.find()) {
      assertThat(DOCS.resolve(link.group(1))).exists();
    }
  }

  private static List<Path> studies() throws IOException {
    Path results = DOCS.resolve("results");
    if (!Files.isDirectory(results)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(results)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("summary.json")))
          .sorted()
          .toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
  }
}
