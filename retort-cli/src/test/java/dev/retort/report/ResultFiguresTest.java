package dev.retort.report;

import static dev.retort.report.CommittedResults.DOCS;
import static dev.retort.report.CommittedResults.FOLDER;
import static dev.retort.report.CommittedResults.PAGE;
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

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.study.Statistics;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The figures in the sentences of docs/results.md, of README and of the pages of single studies are
 * those that the committed records give.
 */
class ResultFiguresTest {
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

  @Test
  void theFiguresOfTunedSumsAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("tuned-sums-compared");
    String primary = differenceOf(summary, "ttm-pair", "ttm");
    String ofDist = differenceOf(summary, "dist-pair", "dist");
    String ofRegression = differenceOf(summary, "logit-regression-pair", "logit-regression");
    String onFirst = difference(paired(summary, "dist-pair", summary, "dist-first"));
    assertThat(Files.readString(FOLDER.resolve("tuned-sums.md")))
        .contains("TTM with the adversary is " + primary + " points from TTM alone")
        .contains(ofDist + " and " + ofRegression)
        .contains(inBrackets(summary, "ttm-pair", "ttm-pair-shuffled"))
        .contains(inBrackets(summary, "ttm-pair", "ttm-pair-random"))
        .contains(inBrackets(summary, "ttm-pair", "ttm-more"))
        .contains(differenceOf(summary, "dist-pair", "ttm").replace(")", ", adjusted p 0.1301"))
        .contains(differenceOf(summary, "logit-regression-pair", "ttm"))
        .contains("it adds " + onFirst)
        .contains(difference(paired(summary, "dist", summary, "dist-first")))
        .contains(difference(paired(summary, "ttm-regression", summary, "ttm")))
        .contains(difference(paired(summary, "ttm-pair", summary, "ttm-regression")))
        .contains(difference(paired(summary, "ttm-scaled", summary, "ttm")))
        .contains(difference(paired(summary, "ttm-unconditioned", summary, "ttm")))
        .contains(difference(paired(summary, "ttm-pair", summary, "ttm-unconditioned")))
        .contains(difference(paired(summary, "ttm-pair-shuffled", summary, "ttm")))
        .contains(difference(paired(summary, "ttm-pair-random", summary, "ttm")))
        .contains(difference(paired(summary, "ttm-pair-random-fresh", summary, "ttm")))
        .contains(difference(paired(summary, "ttm-more", summary, "ttm")))
        .contains(difference(paired(summary, "ttm-pair", summary, "ttm", "validationAccuracy")));
    String withSeeds = primary.replace(")", ", ten seeds");
    assertThat(Files.readString(PAGE))
        .contains(withSeeds, ofDist + " and " + ofRegression, onFirst.replace(")", ", not a"));
    assertThat(Files.readString(DOCS.resolve("../README.md"))).contains(withSeeds);
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md")))
        .contains(
            "(" + withSeeds.replace(" (", ", ") + ")", inBrackets(summary, "dist-pair", "dist"));
  }

  private static String inBrackets(JsonNode summary, String method, String baseline) {
    return "(" + differenceOf(summary, method, baseline).replace(" (", ", ");
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
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md"))).contains(ttm);
  }

  @Test
  void theFiguresOfAPretrainedTeacherAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("pretrained-teacher");
    String page = Files.readString(FOLDER.resolve("pretrained-teacher.md"));
    assertHasEveryComparison(page, summary);
    String ttm = differenceOf(summary, "ttm", "cross-entropy").substring(1);
    String dist = differenceOf(summary, "dist", "cross-entropy").substring(1);
    String apart = difference(paired(summary, "dist", summary, "ttm")).substring(1);
    String ofPairs = differenceOf(summary, "adversarial-pair", "cross-entropy").substring(1);
    assertThat(page)
        .startsWith(
            "# What is a teacher worth that was pretrained elsewhere?\n\nTTM gains "
                + ttm
                + " points of test accuracy over the labels alone")
        .contains("By its own interval it is " + apart.replace(" (", " points ahead of TTM ("))
        .contains(
            "The teacher has %s %% of the test pictures"
                .formatted(percent(summary.get("teacher").get("testAccuracy"))),
            "DIST's students have %s %%".formatted(percent(find(summary, "dist").get("mean"))));
    assertThat(Files.readString(PAGE))
        .contains("TTM gains " + ttm)
        .contains(differenceOf(summary, "ttm", "cross-entropy-smoothed").substring(1), dist)
        .contains(ofPairs, differenceOf(summary, "adversarial-pair", "hinton"));
    String overLabels = ttm.replace(" (", " points over the labels alone (");
    assertThat(Files.readString(DOCS.resolve("how-to/time-limit.md"))).contains(overLabels);
    assertThat(Files.readString(DOCS.resolve("../README.md")))
        .contains(overLabels.replace(")", ", [five seeds]"));
    assertThat(Files.readString(DOCS.resolve("how-to/which-method.md")))
        .contains(dist.replace(" (", " points over the labels alone ("), "`ttm` " + ttm)
        .contains("`dist` is " + apart.replace(" (", " ahead of `ttm` ("));
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

  private static String ahead(JsonNode summary, String than) {
    Statistics.PairedDifference difference = paired(summary, "ttm", summary, than);
    List<Double> interval = Objects.requireNonNull(difference.interval());
    return "%s points ahead (%s … %s)"
        .formatted(
            points(Objects.requireNonNull(difference.mean())).substring(1),
            points(interval.get(0)),
            points(interval.get(1)));
  }
}
