package dev.retort.report;

import static dev.retort.report.CommittedResults.DOCS;
import static dev.retort.report.CommittedResults.FOLDER;
import static dev.retort.report.CommittedResults.comparison;
import static dev.retort.report.CommittedResults.difference;
import static dev.retort.report.CommittedResults.differenceOf;
import static dev.retort.report.CommittedResults.find;
import static dev.retort.report.CommittedResults.paired;
import static dev.retort.report.CommittedResults.percent;
import static dev.retort.report.CommittedResults.points;
import static dev.retort.report.CommittedResults.rows;
import static dev.retort.report.CommittedResults.summary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.serving.Estimate;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingTable;
import dev.retort.study.Statistics;
import dev.retort.study.StudyFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The figures in the sentences of README, docs/results.md and the pages of single studies are those
 * that the committed records give.
 */
class ResultFiguresTest {
  private static final Path PAGE = DOCS.resolve("results.md");

  /** Rows of the README's table: their beginning, the study, the method. */
  private static final List<List<String>> README_ROWS =
      List.of(
          List.of("| resnet20, taught by [DIST](docs/methods.md#dist) |", "resnet20", "dist"),
          List.of("| resnet8, taught by [TTM](docs/methods.md#ttm) |", "resnet8", "ttm"),
          List.of("| resnet8, taught by TTM for 48 epochs |", "after-convergence-48", "ttm"));

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
            "12 epochs of resnet8 on all of CIFAR-10 took %d minutes on one core, and of resnet20 %d minutes"
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
        .contains(behind(study, "adversarial-pair", "logit-regression"))
        .contains(
            differenceOf(
                summary("resnet8-stronger"), "adversarial-pair-stronger", "logit-regression"));
    assertThat(Files.readString(PAGE))
        .contains(control.replace(" (", " points (").replace(")", ", three seeds)"))
        .contains(differenceOf(summary("resnet20"), "adversarial-pair-dist", "dist"))
        .contains(
            "lost %.2f points".formatted(lost(study, "adversarial-pair-random-discriminator")))
        .contains(
            "it still loses %.2f ("
                .formatted(lost(summary("bounded-control"), "random-discriminator-ratio")));
  }

  /** What equal budgets gave, and what TTM and DIST are apart, on every page that has it. */
  @Test
  void theFiguresOfTheComparisonByEqualBudgetsAreThoseOfItsRecords() throws IOException {
    JsonNode compared = summary("equal-tuning-compared");
    String results = Files.readString(DOCS.resolve("results.md"));
    String guide = Files.readString(DOCS.resolve("how-to/which-method.md"));
    String page = Files.readString(FOLDER.resolve("equal-tuning.md"));
    String primary = differenceOf(compared, "adversarial-pair", "hinton");
    String gain = differenceOf(compared, "adversarial-pair", "cross-entropy").substring(1);
    assertThat(results)
        .contains(primary.replace(")", ", the primary comparison)"))
        .contains(differenceOf(compared, "adversarial", "cross-entropy"), gain);
    String dist = ahead(compared, "dist");
    assertThat(page)
        .contains(dist.replace("ahead", "ahead of DIST"))
        .contains(ahead(compared, "logit-regression").replace("points ahead", "of the regression"))
        .contains(ahead(compared, "hinton").replace("points ahead", "of Hinton's loss"));
    String onAll = ahead(summary("resnet8"), "dist");
    for (String difference : List.of(dist, onAll)) {
      String[] parts = difference.split(" \\(|\\)", -1);
      assertThat(guide).contains(parts[0]).contains("(" + parts[1] + ", ten seeds)");
    }
  }

  @Test
  void theFiguresOfTheAdversaryOfTheKernelsAreThoseOfItsRecords() throws IOException {
    JsonNode summary = summary("weights-adversary");
    String late = differenceOf(summary, "late", "cross-entropy");
    assertThat(Files.readString(FOLDER.resolve("weights-adversary.md")))
        .contains(late, differenceOf(summary, "from-the-start", "cross-entropy"));
    assertThat(Files.readString(PAGE)).contains(late.replace(")", ", ten seeds)"));
  }

  @Test
  void theFiguresOfFewLabelsAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("few-labels");
    String talk = differenceOf(summary, "adversarial-0.03", "cross-entropy");
    String hinton =
        differenceOf(summary, "hinton", "cross-entropy").substring(1).replace(" (", " points (");
    assertThat(Files.readString(FOLDER.resolve("few-labels.md")))
        .contains(talk.replace(" (", " points ("), hinton);
    assertThat(Files.readString(PAGE))
        .contains("(" + talk.replace(" (", ", ").replace(")", ", three seeds)"), hinton);
  }

  @Test
  void theFiguresOfWhatTheDiscriminatorKnowsAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("pair-condition-compared");
    String primary = differenceOf(summary, "pair", "label").substring(1);
    String gain = differenceOf(summary, "pair", "cross-entropy").substring(1);
    String ofLabel = differenceOf(summary, "label", "cross-entropy");
    String ofNothing = differenceOf(summary, "unconditioned", "cross-entropy");
    assertThat(Files.readString(FOLDER.resolve("pair-condition.md")))
        .contains("`pair` is " + primary + " points ahead of `label`, the primary comparison")
        .contains("alone**, by " + gain.replace(" (", " points ("))
        .contains(ofLabel, ofNothing)
        .contains(
            "`unconditioned`** ("
                + differenceOf(summary, "label", "unconditioned")
                    .replace(" (", ", ")
                    .replace(")", ","));
    String inSentence = primary.replace(" (", " points (").replace(")", ", ten seeds)");
    assertThat(Files.readString(PAGE))
        .contains(inSentence, gain)
        .contains(ofLabel.replace(" (", ", ").replace(")", ","), ofNothing.replace(" (", ", "));
  }

  private static void assertHasEveryComparison(String page, JsonNode summary) {
    for (JsonNode comparison : summary.get("comparisons")) {
      assertThat(page)
          .contains(
              "| `%s` | `%s` | %s |"
                  .formatted(
                      comparison.get("method").asText(),
                      comparison.get("baseline").asText(),
                      difference(comparison)));
    }
  }

  @Test
  void theFiguresOfATeacherOfTheSameImagesAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("same-images");
    String page = Files.readString(FOLDER.resolve("same-images.md"));
    assertHasEveryComparison(page, summary);
    JsonNode of45000 = summary("shrink-method-cifar10");
    for (String method : List.of("ttm", "dist")) {
      assertThat(page)
          .contains(
              "| `%s` | %s |"
                  .formatted(
                      method,
                      difference(paired(of45000, method, summary, method, "validationAccuracy"))));
    }
    assertThat(find(of45000, "cross-entropy").get("validationAccuracy"))
        .isEqualTo(find(summary, "cross-entropy").get("validationAccuracy"));
    String ttm = differenceOf(summary, "ttm", "cross-entropy").substring(1);
    assertThat(Files.readString(PAGE)).contains(ttm);
    assertThat(Files.readString(DOCS.resolve("../README.md")))
        .contains(ttm.replace(" (", " points over the labels (").replace(")", ","));
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md"))).contains(ttm);
  }

  @Test
  void theFiguresOfShrinksMethodAreThoseOfTheirRecords() throws IOException {
    JsonNode ten = summary("shrink-method-cifar10");
    JsonNode hundred = summary("shrink-method-cifar100");
    String ofTen = differenceOf(ten, "dist", "ttm");
    String ofHundred = differenceOf(hundred, "dist", "ttm");
    assertThat(Files.readString(FOLDER.resolve("shrink-method.md")))
        .contains("| " + ofTen + " | `ttm` |", "| " + ofHundred + " | `dist` |")
        .contains(differenceOf(hundred, "dist", "cross-entropy").substring(1))
        .contains(differenceOf(ten, "ttm", "cross-entropy").substring(1));
    String ahead = ofHundred.substring(1).replace(" (", " points ahead of TTM (");
    String ofTtm = differenceOf(ten, "ttm", "cross-entropy").substring(1);
    assertThat(Files.readString(PAGE))
        .contains(ahead.replace(")", ", five seeds, validation images)"), ofTen)
        .contains(ofTtm, differenceOf(ten, "dist", "cross-entropy").substring(1));
    assertThat(Files.readString(DOCS.resolve("../README.md")))
        .contains(
            ahead.replace("TTM", "`ttm`").replace(")", "; five seeds, validation images)"), ofTen);
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md")))
        .contains(ahead.replace("TTM", "`ttm`"), ofTen);
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
    List<String> rows = rows(Files.readString(FOLDER.resolve("cifar100.md")));
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
    String ofDist = differenceOf(summary, "dist", "cross-entropy");
    assertThat(Files.readString(PAGE))
        .contains(differenceOf(summary, "adversarial-pair-ttm", "ttm"))
        .contains(differenceOf(summary, "adversarial-pair-dist", "dist"), ofDist);
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md")))
        .contains(ofDist, differenceOf(summary, "ttm", "cross-entropy"));
  }

  @Test
  void theFiguresOfLargerWeightsAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("weights-by-classes");
    String page = Files.readString(FOLDER.resolve("cifar100.md"));
    assertHasEveryComparison(page, summary);
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

  private static String probability(double p) {
    return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
  }

  @Test
  void theDifferencesBetweenTrainingsOfTwoLengthsAreThoseOfTheRecords() throws IOException {
    List<String> rows = rows(Files.readString(FOLDER.resolve("longer-training.md")));
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
          .contains("| " + probability(Objects.requireNonNull(paired.pValue())) + " |");
      probabilities.add(Objects.requireNonNull(paired.pValue()));
      if (i == 0) {
        assertThat(Files.readString(PAGE)).contains(difference.replace(" (", " points ("));
      }
    }
    List<Double> adjusted = Statistics.holm(probabilities);
    assertThat(adjusted.subList(0, 5)).allMatch(p -> p < 0.05);
    assertThat(adjusted.get(6)).isLessThan(0.05);
    assertThat(adjusted.get(7)).isCloseTo(0.053, within(0.0005));
    assertThat(adjusted.get(8)).isCloseTo(0.097, within(0.0005));
  }

  /** Method and epochs, the other's method and epochs: the rows of the page's first table. */
  private static final List<List<String>> AFTER_CONVERGENCE =
      List.of(
          List.of("adversarial-pair-ttm", "48", "ttm", "48"),
          List.of("ttm", "48", "hinton", "48"),
          List.of("ttm", "48", "cross-entropy", "48"),
          List.of("hinton", "48", "cross-entropy", "48"),
          List.of("adversarial-pair-ttm", "12", "ttm", "12"),
          List.of("ttm", "12", "hinton", "12"),
          List.of("ttm", "12", "cross-entropy", "12"),
          List.of("hinton", "12", "cross-entropy", "12"),
          List.of("cross-entropy", "48", "hinton", "12"),
          List.of("cross-entropy", "48", "ttm", "12"));

  private static JsonNode afterConvergence(String epochs) throws IOException {
    return summary("after-convergence-" + epochs);
  }

  private static String mean(String epochs, String method) throws IOException {
    return percent(find(afterConvergence(epochs), method).get("mean"));
  }

  /** The first row is the primary comparison; the nine others are adjusted together. */
  @Test
  void theDifferencesAfterConvergenceAreThoseOfTheRecords() throws IOException {
    List<Statistics.PairedDifference> differences = new ArrayList<>();
    for (List<String> row : AFTER_CONVERGENCE) {
      differences.add(
          paired(
              afterConvergence(row.get(1)), row.get(0), afterConvergence(row.get(3)), row.get(2)));
    }
    List<Double> adjusted =
        Statistics.holm(
            differences.stream().skip(1).map(of -> Objects.requireNonNull(of.pValue())).toList());
    String page = Files.readString(FOLDER.resolve("after-convergence.md"));
    List<String> rows = rows(page);
    for (int i = 0; i < differences.size(); i++) {
      List<String> row = AFTER_CONVERGENCE.get(i);
      assertThat(rows.get(2 + i))
          .isEqualTo(
              "| `%s` | %s | `%s` | %s | %s | %s | %s |"
                  .formatted(
                      row.get(0),
                      row.get(1),
                      row.get(2),
                      row.get(3),
                      difference(differences.get(i)),
                      probability(Objects.requireNonNull(differences.get(i).pValue())),
                      i == 0 ? "primary" : probability(adjusted.get(i - 1))));
    }
    String readme = Files.readString(DOCS.resolve("../README.md"));
    String results = Files.readString(PAGE);
    for (int i : List.of(0, 1, 2, 4, 6, 9)) {
      assertThat(results).contains(difference(differences.get(i)));
    }
    for (int i : List.of(2, 9)) {
      assertThat(readme).contains(difference(differences.get(i)));
    }
    assertThat(readme)
        .contains(
            "alone for 48 epochs (%s %%)".formatted(mean("48", "cross-entropy")),
            "TTM for 12 (%s %%)".formatted(mean("12", "ttm")),
            "TTM (%s %%) is ahead".formatted(mean("48", "ttm")));
    String guide = Files.readString(DOCS.resolve("how-to/which-method.md"));
    for (int i : List.of(1, 2, 9)) {
      String[] parts = difference(differences.get(i)).substring(1).split(" \\(", -1);
      assertThat(guide)
          .containsPattern(Pattern.quote(parts[0]) + " [^.;(]*" + Pattern.quote("(" + parts[1]));
    }
    for (int i : List.of(0, 4)) {
      String[] parts = difference(differences.get(i)).split(" \\(", -1);
      String inBrackets = "(" + parts[0] + ", " + parts[1];
      assertThat(guide).contains(inBrackets);
      assertThat(readme).contains(inBrackets);
    }
  }

  /** By the rule that was registered: validation accuracy of TTM, at most 0.5 points below. */
  @Test
  void theRegisteredRuleTakesTheLongerTraining() throws IOException {
    double at12 = meanValidation("12");
    double at48 = meanValidation("48");
    assertThat(at48 - at12).isGreaterThan(0.005);
    assertThat(Files.readString(FOLDER.resolve("after-convergence.md")))
        .contains(
            String.format(Locale.ROOT, "%.2f %% after 12 epochs", 100 * at12),
            String.format(Locale.ROOT, "%.2f %% after 48", 100 * at48));
  }

  private static double meanValidation(String epochs) throws IOException {
    List<Double> accuracies = new ArrayList<>();
    find(afterConvergence(epochs), "ttm")
        .get("validationAccuracy")
        .forEach(of -> accuracies.add(of.asDouble()));
    return Objects.requireNonNull(Statistics.mean(accuracies));
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

  /**
   * The size of the file and the median time of an image in ONNX Runtime, as two cells.
   *
   * @param student null for the teacher
   */
  private static String served(@Nullable String student) throws IOException {
    ServingRecord record = StudyFolder.open(FOLDER.resolve("pareto")).serving().orElseThrow();
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

  @Test
  void theFiguresOfOneCallOfShrinkAreThoseOfItsRecord() throws IOException {
    ServingRecord record =
        StudyFolder.open(FOLDER.resolve("shrink-cifar10")).serving().orElseThrow();
    ServingRecord.Model teacher = record.teacher().orElseThrow();
    ServingRecord.Model student = record.ofStudent("resnet8", ServingRecord.FP32).orElseThrow();
    Estimate ratio = Objects.requireNonNull(record.speedup(student));
    double accuracy = Objects.requireNonNull(student.accuracy());
    List<Double> behind =
        Statistics.pairedShareInterval(
            Objects.requireNonNull(student.gained()),
            Objects.requireNonNull(student.lost()),
            record.images());
    String interval =
        String.format(
            Locale.ROOT,
            "(%.2f … %.2f, by %,d images)",
            -100 * behind.get(1),
            -100 * behind.get(0),
            record.images());
    double points = 100 * (Objects.requireNonNull(teacher.accuracy()) - accuracy);
    String teachersTime = ServingTable.milliseconds(teacher.p50Milliseconds());
    String studentsTime = ServingTable.milliseconds(student.p50Milliseconds());
    assertThat(Files.readString(DOCS.resolve("../README.md")))
        .contains(
            String.format(
                Locale.ROOT,
                "%.1f times as fast as that of the CIFAR-10 teacher below (%s in place of %s ms; %.1f … %.1f over",
                ratio.value(),
                studentsTime,
                teachersTime,
                Objects.requireNonNull(ratio.low()),
                Objects.requireNonNull(ratio.high())),
            String.format(
                Locale.ROOT,
                "decides %.2f %% of the test images right, %.2f points fewer %s",
                100 * accuracy,
                points,
                interval));
    assertThat(Files.readString(DOCS.resolve("how-to/time-limit.md")))
        .contains(
            String.format(
                Locale.ROOT,
                "%s ms: %.2f times as fast (%.2f … %.2f, over",
                teachersTime,
                ratio.value(),
                Objects.requireNonNull(ratio.low()),
                Objects.requireNonNull(ratio.high())),
            String.format(Locale.ROOT, "%.2f points fewer than the teacher %s", points, interval));
  }

  /** What a training of the study of serving took. */
  private static long minutes(String student) throws IOException {
    Path run = FOLDER.resolve("pareto/runs/" + student + "-ttm-seed1/result.json");
    return Math.round(new ObjectMapper().readTree(run.toFile()).get("seconds").asDouble() / 60);
  }

  private static String measured(JsonNode summary, String method) {
    JsonNode row = find(summary, method);
    return percent(row.get("mean")) + " ± " + percent(row.get("sd"));
  }
}
