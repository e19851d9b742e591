package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingTable;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
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
          "(<!-- (\\S+/(?:summary|trials)\\.md): begin -->\n)(.*?)(<!-- \\2: end -->)",
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

  /** Its trials, its choice and the study of what it chose, from the records of its runs alone. */
  @Test
  void theCommittedSearchIsThatOfTheCommittedRuns(@TempDir Path copy) throws IOException {
    Path search = RESULTS.resolve("equal-tuning");
    copy(search, copy);
    TuningFolder.open(copy).finish();
    for (String file : List.of("trials.json", "trials.md", "tuned.yaml")) {
      if ("write".equals(System.getProperty("retort.results"))) {
        Files.copy(copy.resolve(file), search.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
      assertThat(copy.resolve(file)).hasSameTextualContentAs(search.resolve(file));
    }
  }

  @Test
  void theTableOfChosenSettingsIsThatOfTheTrials() throws IOException {
    String page = Files.readString(RESULTS.resolve("equal-tuning.md"));
    List<String> rows = rows(page);
    Map<String, List<Double>> chosen = new HashMap<>();
    JsonNode trials =
        new ObjectMapper().readTree(RESULTS.resolve("equal-tuning/trials.json").toFile());
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

  @Test
  void thePagesTablesAreTheSummaries() throws IOException {
    for (Path page : pages()) {
      String text = Files.readString(page);
      Matcher table = TABLE.matcher(text);
      StringBuilder expected = new StringBuilder();
      while (table.find()) {
        String summary =
            Files.readString(RESULTS.resolve(table.group(2))).replaceFirst("^# ", "### ");
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
          List.of(
              "that adversary with a teacher",
              "adversarial-pair-shuffled-teacher",
              "cross-entropy"),
          List.of(
              "that adversary with a discriminator that never learns",
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

  /** Rows of the README's table: their beginning, the study, the method. */
  private static final List<List<String>> README_ROWS =
      List.of(
          List.of("| resnet20, taught by [DIST](docs/methods.md#dist) |", "resnet20", "dist"),
          List.of("| resnet8, taught by [TTM](docs/methods.md#ttm) |", "resnet8", "ttm"));

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
  void theReadmesFiguresAreTheStudys() throws IOException {
    String readme = Files.readString(DOCS.resolve("../README.md"));
    List<String> rows = rows(readme.split("```", 2)[0]);
    assertThat(rows).hasSize(3 + README_ROWS.size());
    JsonNode teacher = summary("resnet8").get("teacher");
    assertThat(rows.get(2))
        .isEqualTo(
            "| the teacher (airnet95) | %s | | %,d | %.1f million | %s |"
                .formatted(
                    percent(teacher.get("testAccuracy")),
                    teacher.get("parameters").asLong(),
                    teacher.get("macs").asLong() / 1e6,
                    served(null)));
    for (int i = 0; i < README_ROWS.size(); i++) {
      JsonNode summary = summary(README_ROWS.get(i).get(1));
      JsonNode student = summary.get("students").get(0);
      assertThat(rows.get(3 + i))
          .isEqualTo(
              "%s %s | %s | %,d | %.1f million | %s |"
                  .formatted(
                      README_ROWS.get(i).get(0),
                      measured(summary, README_ROWS.get(i).get(2)),
                      measured(summary, "cross-entropy"),
                      student.get("parameters").asLong(),
                      student.get("macs").asLong() / 1e6,
                      served(student.get("name").asText())));
    }
    for (JsonNode method : summary("demo").get("methods")) {
      double seconds = method.get("seconds").asDouble();
      assertThat(readme)
          .containsPattern(
              "\nresnet8 +%s +3 +%s +%s +%.0f\n"
                  .formatted(
                      method.get("name").asText(),
                      percent(method.get("mean")),
                      percent(method.get("sd")),
                      seconds));
    }
    assertThat(readme)
        .contains(
            "a training of resnet8 on all of CIFAR-10 took %d minutes on one core, and one of resnet20 %d minutes"
                .formatted(minutes("resnet8"), minutes("resnet20")));
    JsonNode study = summary("resnet8");
    String control =
        differenceOf(summary("bounded-control"), "random-discriminator-fixed", "cross-entropy");
    assertThat(readme)
        .contains(differenceOf(study, "adversarial", "cross-entropy"))
        .contains(differenceOf(study, "adversarial-pair", "cross-entropy"))
        .contains(
            differenceOf(summary("resnet8-stronger"), "adversarial-pair-stronger", "cross-entropy"))
        .contains(difference(comparison(study, "adversarial-pair-ttm", "ttm")).substring(1))
        .contains(difference(comparison(study, "adversarial-pair-dist", "dist")).substring(1))
        .contains(control.substring(0, control.length() - 1) + ", three seeds)")
        .contains(differenceOf(summary("resnet20"), "adversarial-pair-dist", "dist"))
        .contains(behind(study, "adversarial-pair", "logit-regression"))
        .contains(
            differenceOf(
                summary("resnet8-stronger"), "adversarial-pair-stronger", "logit-regression"))
        .contains(
            "lost %.2f points, and %.2f with a bound"
                .formatted(
                    lost(study, "adversarial-pair-random-discriminator"),
                    lost(summary("bounded-control"), "random-discriminator-ratio")));
  }

  /** What equal budgets gave, and what TTM and DIST are apart, on every page that has it. */
  @Test
  void theFiguresOfTheComparisonByEqualBudgetsAreThoseOfItsRecords() throws IOException {
    JsonNode compared = summary("equal-tuning-compared");
    String readme = Files.readString(DOCS.resolve("../README.md"));
    String results = Files.readString(DOCS.resolve("results.md"));
    String guide = Files.readString(DOCS.resolve("how-to/which-method.md"));
    String page = Files.readString(RESULTS.resolve("equal-tuning.md"));
    String primary = differenceOf(compared, "adversarial-pair", "hinton");
    String gain = differenceOf(compared, "adversarial-pair", "cross-entropy").substring(1);
    assertThat(readme).contains(primary.replace(")", ", ten seeds)")).contains(gain);
    assertThat(results).contains(differenceOf(compared, "adversarial", "cross-entropy"), gain);
    String dist = ahead(compared, "dist");
    assertThat(page)
        .contains(dist.replace("ahead", "ahead of DIST"))
        .contains(ahead(compared, "logit-regression").replace("points ahead", "of the regression"))
        .contains(ahead(compared, "hinton").replace("points ahead", "of Hinton's loss"));
    String onAll = ahead(summary("resnet8"), "dist");
    for (String text : List.of(readme, guide)) {
      for (String difference : List.of(dist, onAll)) {
        String[] parts = difference.split(" \\(|\\)", -1);
        assertThat(text).contains(parts[0]).contains("(" + parts[1] + ", ten seeds)");
      }
    }
  }

  @Test
  void theFiguresOfTheAdversaryOfTheKernelsAreThoseOfItsRecords() throws IOException {
    JsonNode summary = summary("weights-adversary");
    String late = differenceOf(summary, "late", "cross-entropy");
    assertThat(Files.readString(RESULTS.resolve("weights-adversary.md")))
        .contains(late, differenceOf(summary, "from-the-start", "cross-entropy"));
    assertThat(Files.readString(PAGE)).contains(late.replace(")", ", ten seeds)"));
  }

  @Test
  void theFiguresOfFewLabelsAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("few-labels");
    String talk = differenceOf(summary, "adversarial-0.03", "cross-entropy");
    String hinton =
        differenceOf(summary, "hinton", "cross-entropy").substring(1).replace(" (", " points (");
    assertThat(Files.readString(RESULTS.resolve("few-labels.md")))
        .contains(talk.replace(" (", " points ("), hinton);
    assertThat(Files.readString(PAGE))
        .contains("(" + talk.replace(" (", ", ").replace(")", ", three seeds)"), hinton);
  }

  @Test
  void theFiguresOfShrinksMethodAreThoseOfTheirRecords() throws IOException {
    JsonNode ten = summary("shrink-method-cifar10");
    JsonNode hundred = summary("shrink-method-cifar100");
    String ofTen = differenceOf(ten, "dist", "ttm");
    String ofHundred = differenceOf(hundred, "dist", "ttm");
    assertThat(Files.readString(RESULTS.resolve("shrink-method.md")))
        .contains("| " + ofTen + " | `ttm` |", "| " + ofHundred + " | `dist` |")
        .contains(differenceOf(hundred, "dist", "cross-entropy").substring(1))
        .contains(differenceOf(ten, "ttm", "cross-entropy").substring(1));
    String ahead = ofHundred.substring(1).replace(" (", " points ahead of TTM (");
    assertThat(Files.readString(PAGE))
        .contains(ahead.replace(")", ", five seeds, validation images)"), ofTen);
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md")))
        .contains(ahead.replace("TTM", "`ttm`"), ofTen);
  }

  private static String ahead(JsonNode summary, String than) {
    Statistics.PairedDifference difference = paired(summary, "ttm", summary, than);
    List<Double> interval = Objects.requireNonNull(difference.interval());
    return "%s points ahead (%s … %s)"
        .formatted(
            points(Objects.requireNonNull(difference.mean())).substring(1),
            points(interval.get(0)),
            points(interval.get(1)));
  }

  private static double lost(JsonNode summary, String method) {
    return -100 * comparison(summary, method, "cross-entropy").get("meanDifference").asDouble();
  }

  /** How many points another method is ahead, a comparison that the study did not list. */
  private static String behind(JsonNode summary, String method, String baseline) {
    Statistics.PairedDifference difference = paired(summary, method, summary, baseline);
    List<Double> interval = Objects.requireNonNull(difference.interval());
    return String.format(
        Locale.ROOT,
        "is %.2f points ahead of it (%.2f … %.2f",
        -100 * Objects.requireNonNull(difference.mean()),
        -100 * interval.get(1),
        -100 * interval.get(0));
  }

  /** Of a method less another one, perhaps of another study of the same seeds. */
  private static Statistics.PairedDifference paired(
      JsonNode summary, String method, JsonNode of, String baseline) {
    JsonNode own = find(summary, method);
    JsonNode other = find(of, baseline);
    List<Double> differences = new ArrayList<>();
    int pairs = Math.min(own.get("seeds").size(), other.get("seeds").size());
    for (int i = 0; i < pairs; i++) {
      assertThat(own.get("seeds").get(i)).isEqualTo(other.get("seeds").get(i));
      differences.add(
          own.get("testAccuracy").get(i).asDouble() - other.get("testAccuracy").get(i).asDouble());
    }
    return Statistics.paired(differences);
  }

  private static String difference(Statistics.PairedDifference paired) {
    List<Double> interval = Objects.requireNonNull(paired.interval());
    return "%s (%s … %s)"
        .formatted(
            points(Objects.requireNonNull(paired.mean())),
            points(interval.get(0)),
            points(interval.get(1)));
  }

  /** The study of CIFAR-10 that a comparison of CIFAR-100 repeats, where it is not the main one. */
  private static final Map<List<String>, String> ON_CIFAR10 =
      Map.of(
          List.of("adversarial-pair", "cross-entropy"), "resnet8-stronger",
          List.of("adversarial-pair", "hinton"), "resnet8-stronger");

  /** Confirmed: the interval excludes 0 on the side that CIFAR-10's mean has. */
  @Test
  void theComparisonsOnCifar100AreThoseOfTheRecords() throws IOException {
    JsonNode summary = summary("cifar100");
    List<String> rows = rows(Files.readString(RESULTS.resolve("cifar100.md")));
    int row = 2;
    for (JsonNode comparison : summary.get("comparisons")) {
      String method = comparison.get("method").asText();
      String baseline = comparison.get("baseline").asText();
      String study = ON_CIFAR10.getOrDefault(List.of(method, baseline), "resnet8");
      JsonNode before = summary(study);
      String named = study.equals("resnet8-stronger") ? method + "-stronger" : method;
      Statistics.PairedDifference paired = paired(before, named, before, baseline);
      double side = Math.signum(Objects.requireNonNull(paired.mean()));
      boolean confirmed =
          side * comparison.get("ci95").get(0).asDouble() > 0
              && side * comparison.get("ci95").get(1).asDouble() > 0;
      boolean opposite =
          side * comparison.get("ci95").get(0).asDouble() < 0
              && side * comparison.get("ci95").get(1).asDouble() < 0;
      assertThat(rows.get(row++))
          .startsWith("| `%s` | `%s` |".formatted(method, baseline))
          .contains("| " + difference(paired) + " |", "| " + difference(comparison) + " |")
          .endsWith(confirmed ? "| yes |" : opposite ? "| no, the opposite |" : "| no |");
    }
    assertThat(row).isEqualTo(2 + 9);
    String readme = Files.readString(DOCS.resolve("../README.md"));
    String results = Files.readString(PAGE);
    for (String baseline : List.of("ttm", "dist")) {
      String added = differenceOf(summary, "adversarial-pair-" + baseline, baseline);
      assertThat(readme).contains(added);
      assertThat(results).contains(added);
    }
    String ofDist = differenceOf(summary, "dist", "cross-entropy");
    assertThat(readme)
        .contains(
            differenceOf(summary, "adversarial-pair", "cross-entropy")
                .replace(")", ", five seeds)"));
    assertThat(results).contains(ofDist);
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md")))
        .contains(ofDist, differenceOf(summary, "ttm", "cross-entropy"));
  }

  @Test
  void theFiguresOfLargerWeightsAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("weights-by-classes");
    String page = Files.readString(RESULTS.resolve("cifar100.md"));
    for (JsonNode comparison : summary.get("comparisons")) {
      assertThat(page)
          .contains(
              "| `%s` | `%s` | %s |"
                  .formatted(
                      comparison.get("method").asText(),
                      comparison.get("baseline").asText(),
                      difference(comparison)));
    }
    String ttm = differenceOf(summary, "ttm-900", "cross-entropy").replace(" (", ", ");
    assertThat(Files.readString(PAGE)).contains("(" + ttm);
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md"))).contains("(" + ttm);
  }

  /** Study, method, the other study and its method: the rows of the page's first table. */
  private static final List<List<String>> LONGER =
      List.of(
          List.of("48", "cross-entropy", "12", "hinton"),
          List.of("12", "hinton", "12", "cross-entropy"),
          List.of("48", "hinton", "48", "cross-entropy"),
          List.of("pairs-48", "adversarial-pair", "48", "cross-entropy"),
          List.of("pairs-48", "ttm", "48", "cross-entropy"),
          List.of("pairs-48", "adversarial-pair", "48", "hinton"),
          List.of("pairs-12", "adversarial-pair", "12", "cross-entropy"),
          List.of("pairs-12", "ttm", "12", "cross-entropy"),
          List.of("pairs-12", "adversarial-pair", "12", "hinton"));

  private static String probability(Statistics.PairedDifference paired) {
    double p = Objects.requireNonNull(paired.pValue());
    return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
  }

  private static String mean(String study, String method) throws IOException {
    return percent(find(summary("longer-training-" + study), method).get("mean"));
  }

  @Test
  void theDifferencesBetweenTrainingsOfTwoLengthsAreThoseOfTheRecords() throws IOException {
    List<String> rows = rows(Files.readString(RESULTS.resolve("longer-training.md")));
    String readme = Files.readString(DOCS.resolve("../README.md"));
    List<Double> probabilities = new ArrayList<>();
    for (int i = 0; i < LONGER.size(); i++) {
      List<String> row = LONGER.get(i);
      Statistics.PairedDifference paired =
          paired(
              summary("longer-training-" + row.get(0)),
              row.get(1),
              summary("longer-training-" + row.get(2)),
              row.get(3));
      String difference = difference(paired);
      assertThat(rows.get(2 + i))
          .contains("`%s`".formatted(row.get(1)), "`%s`".formatted(row.get(3)), difference)
          .contains("| " + probability(paired) + " |");
      probabilities.add(Objects.requireNonNull(paired.pValue()));
      if (i == 0 || i == 2) {
        assertThat(readme).contains(difference);
      }
    }
    List<Double> adjusted = Statistics.holm(probabilities);
    assertThat(adjusted.subList(0, 5)).allMatch(p -> p < 0.05);
    assertThat(adjusted.get(6)).isLessThan(0.05);
    assertThat(adjusted.get(7)).isCloseTo(0.053, within(0.0005));
    assertThat(adjusted.get(8)).isCloseTo(0.097, within(0.0005));
    for (String accuracy :
        List.of(
            "for 48 epochs (%s %%)".formatted(mean("48", "cross-entropy")),
            "for 12 (%s %%)".formatted(mean("12", "hinton")),
            "Hinton's loss (%s %%) is ahead".formatted(mean("48", "hinton")))) {
      assertThat(readme).contains(accuracy);
    }
  }

  /**
   * The size of the file and the median time of an image in ONNX Runtime, as two cells.
   *
   * @param student null for the teacher
   */
  private static String served(@Nullable String student) throws IOException {
    ServingRecord record = StudyFolder.open(RESULTS.resolve("pareto")).serving().orElseThrow();
    ServingRecord.Model model =
        record.models().stream()
            .filter(of -> Objects.equals(of.student(), student))
            .filter(of -> of.numbers().equals(ServingRecord.FP32))
            .findFirst()
            .orElseThrow();
    return "%s | %s"
        .formatted(
            ServingTable.megabytes(model.bytes()),
            ServingTable.milliseconds(model.p50Milliseconds()));
  }

  /** What a training of the study of serving took. */
  private static long minutes(String student) throws IOException {
    Path run = RESULTS.resolve("pareto/runs/" + student + "-ttm-seed1/result.json");
    return Math.round(new ObjectMapper().readTree(run.toFile()).get("seconds").asDouble() / 60);
  }

  private static String differenceOf(JsonNode summary, String method, String baseline) {
    return difference(comparison(summary, method, baseline));
  }

  private static String measured(JsonNode summary, String method) {
    JsonNode row = find(summary, method);
    return percent(row.get("mean")) + " ± " + percent(row.get("sd"));
  }

  private static JsonNode find(JsonNode summary, String method) {
    return StreamSupport.stream(summary.get("methods").spliterator(), false)
        .filter(of -> of.get("name").asText().equals(method))
        .findFirst()
        .orElseThrow();
  }

  private static String percent(JsonNode fraction) {
    return String.format(Locale.ROOT, "%.2f", 100 * fraction.asDouble());
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
