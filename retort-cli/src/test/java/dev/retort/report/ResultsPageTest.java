package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tables in docs/results are those that the committed records of the studies' runs give. {@code
 * -Dretort.results=write} writes the pages anew, after {@code retort report} has summed up the
 * records. The short tables of docs/results.md and of the README have the same figures.
 */
class ResultsPageTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path PAGE = DOCS.resolve("results.md");
  private static final Path RESULTS = DOCS.resolve("results");
  private static final Pattern TABLE =
      Pattern.compile(
          "(<!-- (\\S+)/summary\\.md: begin -->\n)(.*?)(<!-- \\2/summary\\.md: end -->)",
          Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  @Test
  void theCommittedSummariesAreThoseOfTheCommittedRuns(@TempDir Path copies) throws IOException {
    for (Path study : studies()) {
      Path copy = copies.resolve(study.getFileName());
      copy(study, copy);
      StudyFolder.open(copy).summarize();
      for (String file : List.of("summary.json", "summary.md")) {
        assertThat(copy.resolve(file))
            .as(study + " " + file)
            .hasSameTextualContentAs(study.resolve(file));
      }
    }
  }

  @Test
  void thePagesTablesAreTheSummaries() throws IOException {
    for (Path page : pages()) {
      String text = Files.readString(page);
      Matcher table = TABLE.matcher(text);
      StringBuilder expected = new StringBuilder();
      while (table.find()) {
        String summary =
            Files.readString(RESULTS.resolve(table.group(2) + "/summary.md"))
                .replaceFirst("^# ", "### ");
        table.appendReplacement(
            expected,
            Matcher.quoteReplacement(table.group(1) + "\n" + summary + "\n" + table.group(4)));
      }
      table.appendTail(expected);
      if ("write".equals(System.getProperty("retort.results"))) {
        Files.writeString(page, expected);
      } else {
        assertThat(text).as(page.toString()).isEqualTo(expected.toString());
      }
    }
  }

  @Test
  void everyStudyOfTheRecordsHasATableAndEveryLinkLeadsSomewhere() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path page : pages()) {
      String text = Files.readString(page);
      all.append(text);
      Matcher link = LINK.matcher(text);
      while (link.find()) {
        assertThat(page.resolveSibling(link.group(1))).exists();
      }
    }
    for (Path study : studies()) {
      assertThat(all).contains("`" + study.getFileName() + "`");
    }
  }

  /** The page of findings, and those beside the records. */
  private static List<Path> pages() throws IOException {
    try (Stream<Path> beside = Files.list(RESULTS)) {
      return Stream.concat(
              Stream.of(PAGE), beside.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  /** Rows of the short tables: what they call a method, and its and its baseline's name. */
  private static final List<List<String>> ANSWERS =
      List.of(
          List.of("an adversary of pairs and the labels,", "adversarial-pair", "cross-entropy"),
          List.of("the same with a teacher", "adversarial-pair-shuffled-teacher", "cross-entropy"),
          List.of(
              "the same with a discriminator that never learns",
              "adversarial-pair-random-discriminator",
              "cross-entropy"),
          List.of("regression of the logits", "logit-regression", "cross-entropy"),
          List.of("the talk's method,", "adversarial", "cross-entropy"),
          List.of("what the talk's title names", "adversarial-weights", "cross-entropy"),
          List.of("Hinton's distillation |", "hinton", "cross-entropy"),
          List.of("Hinton's with standardised logits |", "hinton-standardized", "cross-entropy"),
          List.of("the adversary of pairs added to TTM", "adversarial-pair-ttm", "ttm"),
          List.of("the adversary of pairs added to DIST", "adversarial-pair-dist", "dist"),
          List.of("TTM and the adversary |", "adversarial-pair-ttm", "hinton"),
          List.of("DIST and the adversary |", "adversarial-pair-dist", "hinton"));

  /** Where the second study's rows of the README's table begin. */
  private static final String SECOND_STUDY = "*a second study, with other seeds:* ";

  private static final int ROWS_OF_FIRST = 9;
  private static final int ROWS_OF_SECOND = 4;

  private static final Map<String, String> README_METHODS =
      Map.of(
          "cross-entropy",
          "cross-entropy",
          "the talk's adversary, on logits and embedding",
          "adversarial",
          "an adversary of pairs",
          "adversarial-pair",
          "the adversary of pairs, strengthened",
          "adversarial-pair-stronger",
          "Hinton's distillation",
          "hinton",
          "regression of the logits",
          "logit-regression",
          "TTM",
          "ttm",
          "TTM and the adversary of pairs",
          "adversarial-pair-ttm",
          "DIST",
          "dist",
          "DIST and the adversary of pairs",
          "adversarial-pair-dist");

  @Test
  void theAnswersAreTheStudys() throws IOException {
    JsonNode summary = summary("resnet8");
    List<String> answer = rows(Files.readString(PAGE).split("\n\\*\\*", 2)[0]);
    assertThat(answer).hasSize(2 + ANSWERS.size());
    for (int i = 0; i < ANSWERS.size(); i++) {
      List<String> expected = ANSWERS.get(i);
      JsonNode comparison = comparison(summary, expected.get(1), expected.get(2));
      double p = comparison.get("adjustedPValue").asDouble();
      assertThat(answer.get(2 + i))
          .startsWith("| " + expected.get(0))
          .contains("| " + difference(comparison) + " |")
          .endsWith(
              "| " + (p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p)) + " |");
    }
  }

  @Test
  void theReadmesTableIsTheStudys() throws IOException {
    String readme = Files.readString(DOCS.resolve("../README.md"));
    List<String> rows = rows(readme.split("```", 2)[0]);
    assertThat(rows).hasSize(2 + ROWS_OF_FIRST + ROWS_OF_SECOND);
    assertThat(rows.get(2 + ROWS_OF_FIRST)).startsWith("| " + SECOND_STUDY);
    for (int i = 2; i < rows.size(); i++) {
      String row = rows.get(i);
      List<String> cells = List.of(row.substring(2).replace(SECOND_STUDY, "").split(" \\| *", -1));
      String method = README_METHODS.getOrDefault(cells.get(0), "unknown");
      JsonNode summary = summary(i < 2 + ROWS_OF_FIRST ? "resnet8" : "resnet8-stronger");
      JsonNode measured =
          StreamSupport.stream(summary.get("methods").spliterator(), false)
              .filter(of -> of.get("name").asText().equals(method))
              .findFirst()
              .orElseThrow();
      assertThat(cells.get(1))
          .as(row)
          .isEqualTo(
              String.format(
                  Locale.ROOT,
                  "%.2f ± %.2f",
                  100 * measured.get("mean").asDouble(),
                  100 * measured.get("sd").asDouble()));
      if (cells.get(2).contains(" against ")) {
        String baseline =
            cells.get(2).substring(cells.get(2).lastIndexOf(' ') + 1).toLowerCase(Locale.ROOT);
        assertThat(cells.get(2))
            .as(row)
            .startsWith(difference(comparison(summary, method, baseline)) + " against ");
      }
    }
  }

  private static JsonNode summary(String study) throws IOException {
    return new ObjectMapper().readTree(DOCS.resolve("results/" + study + "/summary.json").toFile());
  }

  private static JsonNode comparison(JsonNode summary, String method, String baseline) {
    return StreamSupport.stream(summary.get("comparisons").spliterator(), false)
        .filter(
            of ->
                of.get("method").asText().equals(method)
                    && of.get("baseline").asText().equals(baseline))
        .findFirst()
        .orElseThrow();
  }

  private static String difference(JsonNode comparison) {
    return points(comparison.get("meanDifference").asDouble())
        + " ("
        + points(comparison.get("ci95").get(0).asDouble())
        + " … "
        + points(comparison.get("ci95").get(1).asDouble())
        + ")";
  }

  private static String points(double difference) {
    return String.format(Locale.ROOT, "%+.2f", 100 * difference).replace('-', '−');
  }

  private static List<String> rows(String page) {
    return page.lines().filter(line -> line.startsWith("| ") || line.startsWith("|--")).toList();
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
