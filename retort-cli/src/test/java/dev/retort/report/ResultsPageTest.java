package dev.retort.report;

import static dev.retort.report.CommittedResults.FOLDER;
import static dev.retort.report.CommittedResults.PAGE;
import static dev.retort.report.CommittedResults.difference;
import static dev.retort.report.CommittedResults.rows;
import static dev.retort.report.CommittedResults.summary;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.Statistics;
import dev.retort.study.StudyFolder;
import dev.retort.study.TuningFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tables in docs/results are those that the committed records of the studies' runs give. {@code
 * -Dretort.results=write} writes the pages anew, after {@code retort report} has summed up the
 * records. So is the short table of docs/results.md.
 */
class ResultsPageTest {
  private static final Pattern TABLE =
      Pattern.compile(
          "(<!-- (\\S+/(?:summary|trials)\\.md): begin -->\n)(.*?)(<!-- \\2: end -->)",
          Pattern.DOTALL);

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

  /** Its trials, its choice and the study of what it chose, from the records of its runs alone. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "equal-tuning",
        "cifar10-equal-tuning",
        "pair-condition",
        "tuned-sums",
        "tuned-sums-regression"
      })
  void theCommittedSearchIsThatOfTheCommittedRuns(String name, @TempDir Path copy)
      throws IOException {
    Path search = FOLDER.resolve(name);
    copy(search, copy);
    TuningFolder.open(copy).finish();
    for (String file : List.of("trials.json", "trials.md", "tuned.yaml")) {
      if ("write".equals(System.getProperty("retort.results"))) {
        Files.copy(copy.resolve(file), search.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
      assertThat(copy.resolve(file)).hasSameTextualContentAs(search.resolve(file));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"equal-tuning", "cifar10-equal-tuning"})
  void theTableOfChosenSettingsIsThatOfTheTrials(String name) throws IOException {
    String page = Files.readString(FOLDER.resolve(name + ".md"));
    List<String> rows = rows(page);
    Map<String, List<Double>> chosen = new HashMap<>();
    JsonNode trials = new ObjectMapper().readTree(FOLDER.resolve(name + "/trials.json").toFile());
    int row = 2;
    for (JsonNode trial : trials) {
      if (trial.get("chosen").asBoolean()) {
        List<Double> accuracies = new ArrayList<>();
        trial.get("validationAccuracy").forEach(value -> accuracies.add(value.asDouble()));
        chosen.put(trial.get("method").asText(), accuracies);
        double defaults =
            StreamSupport.stream(trials.spliterator(), false)
                .filter(of -> of.get("method").equals(trial.get("method")))
                .filter(of -> of.get("trial").asInt() == 1)
                .mapToDouble(of -> of.get("validationAccuracy").get(0).asDouble())
                .findFirst()
                .orElseThrow();
        assertThat(rows.get(row++))
            .startsWith(
                String.format(
                    Locale.ROOT,
                    "| `%s` | %d | %.2f | %.2f | %.2f ± %.2f | %d |",
                    trial.get("method").asText(),
                    trial.get("settings").size(),
                    100 * defaults,
                    100 * accuracies.get(0),
                    100 * Objects.requireNonNull(Statistics.mean(accuracies)),
                    100 * Objects.requireNonNull(Statistics.standardDeviation(accuracies)),
                    trial.get("trial").asInt()));
      }
    }
    assertThat(row).isEqualTo(2 + 8);
    assertThat(page)
        .contains(
            apart(chosen, "adversarial-pair", "cross-entropy", "points from the labels"),
            apart(chosen, "adversarial-pair", "hinton", "from Hinton's loss"),
            apart(chosen, "adversarial", "cross-entropy", "points"));
    if (name.startsWith("cifar10")) {
      assertThat(page)
          .contains(
              apart(chosen, "logit-regression", "hinton", "points from Hinton's loss"),
              apart(chosen, "ttm", "hinton", "points"));
    }
  }

  private static String apart(
      Map<String, List<Double>> chosen, String method, String baseline, String words) {
    List<Double> above = Objects.requireNonNull(chosen.get(method));
    List<Double> below = Objects.requireNonNull(chosen.get(baseline));
    Statistics.PairedDifference paired =
        Statistics.paired(
            IntStream.range(0, 3).mapToObj(i -> above.get(i) - below.get(i)).toList());
    List<Double> interval = Objects.requireNonNull(paired.interval());
    return String.format(
            Locale.ROOT,
            "%+.1f %s (%+.1f … %+.1f)",
            100 * Objects.requireNonNull(paired.mean()),
            words,
            100 * interval.get(0),
            100 * interval.get(1))
        .replace('-', '−');
  }

  /** Studies of one figure, which the page of performance has in a sentence. */
  private static final Set<String> WITHOUT_TABLE = Set.of("precision-bf16", "precision-fp32");

  @Test
  void thePagesTablesAreTheSummariesAndEachHasOne() throws IOException {
    List<String> tables = new ArrayList<>();
    for (Path page : pages()) {
      String text = Files.readString(page);
      Matcher table = TABLE.matcher(text);
      StringBuilder expected = new StringBuilder();
      while (table.find()) {
        tables.add(table.group(2));
        String summary =
            Files.readString(FOLDER.resolve(table.group(2))).replaceFirst("^# ", "### ");
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
    assertThat(tables).containsExactlyInAnyOrderElementsOf(recordedTables());
  }

  /** What studies and searches leave for a page. */
  private static List<String> recordedTables() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders
          .filter(folder -> !WITHOUT_TABLE.contains(folder.getFileName().toString()))
          .flatMap(folder -> Stream.of(folder.resolve("summary.md"), folder.resolve("trials.md")))
          .filter(Files::exists)
          .map(file -> FOLDER.relativize(file).toString())
          .toList();
    }
  }

  @Test
  void everyStudyOfTheRecordsIsNamed() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path page : pages()) {
      all.append(Files.readString(page));
    }
    for (Path study : studies()) {
      assertThat(all).contains("`" + study.getFileName() + "`");
    }
  }

  /** The page of findings, and those beside the records. */
  private static List<Path> pages() throws IOException {
    try (Stream<Path> beside = Files.list(FOLDER)) {
      return Stream.concat(
              Stream.of(PAGE), beside.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  /** The first table has every comparison of the study by equal budgets, in its order. */
  @Test
  void theAnswersAreTheStudys() throws IOException {
    List<String> answers = rows(Files.readString(PAGE).split("\n\\*\\*", 2)[0]);
    JsonNode comparisons = summary("cifar10-equal-tuning-compared").get("comparisons");
    assertThat(answers).hasSize(2 + comparisons.size());
    for (int i = 0; i < comparisons.size(); i++) {
      JsonNode comparison = comparisons.get(i);
      double p = comparison.get("adjustedPValue").asDouble();
      assertThat(answers.get(2 + i))
          .isEqualTo(
              "| `%s` | `%s`%s | %s | %s |"
                  .formatted(
                      comparison.get("method").asText(),
                      comparison.get("baseline").asText(),
                      comparison.path("primary").asBoolean() ? " (primary)" : "",
                      difference(comparison),
                      p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p)));
    }
  }

  private static List<Path> studies() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER)) {
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
