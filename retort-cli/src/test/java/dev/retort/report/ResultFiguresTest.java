package dev.retort.report;

import static dev.retort.report.CommittedResults.DOCS;
import static dev.retort.report.CommittedResults.FOLDER;
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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tables that name their methods, on the pages of single studies and on the guide, have the
 * figures of these methods. {@link DifferenceFiguresTest} holds those in sentences to the records.
 */
class ResultFiguresTest {
  /**
   * A row of the guide's table: the study, what it measured, and its methods in the order of the
   * columns; none where a cell is empty, and with the name of another study of the same seeds where
   * that has it.
   */
  private record Gains(String study, String accuracy, List<String> methods) {}

  private static final List<Gains> GAINS =
      List.of(
          new Gains(
              "cifar10-equal-tuning-compared",
              "testAccuracy",
              List.of("hinton", "logit-regression", "dist", "ttm", "adversarial-pair")),
          new Gains("after-convergence-48", "testAccuracy", List.of("hinton", "", "", "ttm", "")),
          new Gains(
              "cifar10-equal-resnet20",
              "testAccuracy",
              List.of("hinton", "logit-regression", "", "ttm", "")),
          new Gains("resnet20", "testAccuracy", List.of("hinton", "", "dist", "", "")),
          new Gains(
              "equal-tuning-compared",
              "testAccuracy",
              List.of("hinton", "logit-regression", "dist", "ttm", "adversarial-pair")),
          new Gains(
              "longer-training-48",
              "testAccuracy",
              List.of(
                  "hinton",
                  "",
                  "",
                  "longer-training-pairs-48/ttm",
                  "longer-training-pairs-48/adversarial-pair")),
          new Gains(
              "shrink-method-cifar10", "validationAccuracy", List.of("", "", "dist", "ttm", "")),
          new Gains("same-images", "testAccuracy", List.of("", "", "dist", "ttm", "")),
          new Gains(
              "cifar100", "testAccuracy", List.of("hinton", "", "dist", "ttm", "adversarial-pair")),
          new Gains(
              "weights-by-classes", "testAccuracy", List.of("hinton-9", "", "dist", "ttm-900", "")),
          new Gains(
              "shrink-method-cifar100", "validationAccuracy", List.of("", "", "dist", "ttm", "")),
          new Gains(
              "pretrained-teacher",
              "testAccuracy",
              List.of("hinton", "", "dist", "ttm", "adversarial-pair")));

  @Test
  void theGuidesGainsAreThoseOfTheRecords() throws IOException {
    List<String> rows = rows(Files.readString(DOCS.resolve("how-to/which-method.md")));
    assertThat(rows.get(0))
        .endsWith("| `hinton` | `logit-regression` | `dist` | `ttm` | `adversarial-pair` |");
    for (int i = 0; i < GAINS.size(); i++) {
      Gains gains = GAINS.get(i);
      JsonNode summary = summary(gains.study());
      StringBuilder cells = new StringBuilder();
      for (String method : gains.methods()) {
        JsonNode of = method.contains("/") ? summary(method.split("/", 2)[0]) : summary;
        String gain =
            method.isEmpty()
                ? ""
                : difference(
                    paired(
                        of,
                        method.replaceFirst(".*/", ""),
                        summary,
                        "cross-entropy",
                        gains.accuracy()));
        cells.append(gain).append(" | ");
      }
      assertThat(rows.get(2 + i) + " ")
          .startsWith("| %d. ".formatted(i + 1))
          .endsWith("| " + cells);
    }
    assertThat(rows.get(2 + GAINS.size())).startsWith("| your case");
  }

  /** The sums of three studies side by side: beside which loss, and in which study. */
  @ParameterizedTest
  @CsvSource({
    "TTM, resnet8, ttm, resnet8, adversarial-pair-ttm, 1",
    "DIST, resnet8, dist, resnet8, adversarial-pair-dist, 1",
    "TTM, cifar10-equal-tuning-compared, ttm, cifar10-equal-sums-compared, adversarial-pair-ttm, 2",
    "DIST, cifar10-equal-tuning-compared, dist, cifar10-equal-sums-compared, adversarial-pair-dist, 2",
    "the regression, cifar10-equal-tuning-compared, logit-regression, cifar10-equal-sums-compared, adversarial-pair-logit-regression, 2",
    "TTM, tuned-sums-compared, ttm, tuned-sums-compared, ttm-pair, 3",
    "DIST, tuned-sums-compared, dist, tuned-sums-compared, dist-pair, 3",
    "the regression, tuned-sums-compared, logit-regression, tuned-sums-compared, logit-regression-pair, 3",
  })
  void theTableOfSumsIsThatOfTheRecords(
      String loss, String ofLoss, String alone, String ofSum, String sum, int column)
      throws IOException {
    String row =
        Files.readString(DOCS.resolve("results.md"))
            .lines()
            .filter(line -> line.startsWith("| " + loss + " |"))
            .findFirst()
            .orElseThrow();

    assertThat(row.split(" *\\| *", -1)[column + 1])
        .startsWith(difference(paired(summary(ofSum), sum, summary(ofLoss), alone)));
  }

  /**
   * Which two methods a finding means, and which way round. {@code M (L … H)} stands for the signed
   * figures, and {@code m (l … h)} for those without signs.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ../README.md | gains {m} ({L} … {H}). That is | cifar10-equal-tuning-compared | adversarial-pair | cross-entropy
          ../README.md | That is {m} less than Hinton's loss gains ({l} … {h}), the primary | cifar10-equal-tuning-compared | hinton | adversarial-pair
          ../README.md | DIST is behind Hinton's loss by {m} ({l} … {h}) | cifar10-equal-tuning-compared | hinton | dist
          ../README.md | TTM is ahead of Hinton's loss by {m} ({L} … {H}) and | equal-tuning-compared | ttm | hinton
          ../README.md | and of DIST by {m} ({L} … {H}, [equal | equal-tuning-compared | ttm | dist
          ../README.md | from a less tuned Hinton's loss is open: {M} ({L} … {H}, | resnet8-stronger | adversarial-pair-stronger | hinton
          ../README.md | form A added {M} ({L} … {H}) to a less tuned TTM | resnet8 | adversarial-pair-ttm | ttm
          ../README.md | Form B, with less weight, shows none beside TTM after [48 epochs](docs/results/after-convergence.md): {M} ({L} … {H}, | after-convergence-48 | adversarial-pair-ttm | ttm
          ../README.md | Form A adds {M} ({L} … {H}) to TTM | cifar100 | adversarial-pair-ttm | ttm
          ../README.md | and DIST {m} ({L} … {H}), on test | pretrained-teacher | dist | cross-entropy
          ../README.md | without the output by {m} points ({l} … {h}) | cifar10-equal-controls | cross-entropy | without-condition
          ../README.md | with outputs of other images by {m} ({l} … {h}) | cifar10-equal-controls | cross-entropy | shuffled-teacher
          ../README.md | with the image's label in its place by {m} ({l} … {h}) | cifar10-equal-controls | cross-entropy | label-condition
          ../README.md | a discriminator that never learns by {m} ({l} … {h}) | cifar10-equal-controls | cross-entropy | never-learns
          results.md | Hinton's loss gains {m} ({L} … {H}) over the labels there | resnet8-stronger | hinton | cross-entropy
          ../README.md | is behind the labels: {M} ({L} … {H}, | cifar100 | adversarial-pair | cross-entropy
          ../README.md | and {M} ({L} … {H}) to DIST | cifar100 | adversarial-pair-dist | dist
          ../README.md | `dist`, by its preset, is {M} ({L} … {H}) points from the labels alone | cifar100 | dist | cross-entropy
          ../README.md | and `ttm`, with other settings of CIFAR-10, {M} ({L} … {H}) ([five seeds] | cifar100 | ttm | cross-entropy
          ../README.md | is ahead of the labels by {M} ({L} … {H}). On | after-convergence-48 | ttm | cross-entropy
          ../README.md | TTM gains {m} points over the labels alone ({L} … {H}, | pretrained-teacher | ttm | cross-entropy
          results.md | Hinton's loss**, by {m} points ({l} … {h}), the primary | cifar10-equal-tuning-compared | hinton | adversarial-pair
          results.md | The regression is {M} ({L} … {H}) from TTM | cifar10-equal-tuning-compared | logit-regression | ttm
          results.md | and TTM {M} ({L} … {H}) from Hinton's loss | cifar10-equal-tuning-compared | ttm | hinton
          results/tuned-sums.md | TTM with the adversary is {M} ({L} … {H}) points from TTM alone | tuned-sums-compared | ttm-pair | ttm
          results/pair-condition.md | `pair` is {m} ({L} … {H}) points ahead of `label`, the primary | pair-condition-compared | pair | label
          results/pretrained-teacher.md | TTM gains {m} ({L} … {H}) points of test accuracy over the labels | pretrained-teacher | ttm | cross-entropy
          """)
  void aFindingNamesTheMethodsOfItsFigures(
      String page, String sentence, String study, String method, String baseline)
      throws IOException {
    JsonNode summary = summary(study);
    Statistics.PairedDifference paired = paired(summary, method, summary, baseline);
    List<Double> interval = Objects.requireNonNull(paired.interval());
    String expected = sentence;
    for (Map.Entry<String, Double> figure :
        Map.of(
                "M", Objects.requireNonNull(paired.mean()),
                "L", interval.get(0),
                "H", interval.get(1))
            .entrySet()) {
      String points = points(figure.getValue());
      expected =
          expected
              .replace("{" + figure.getKey() + "}", points)
              .replace("{" + figure.getKey().toLowerCase(Locale.ROOT) + "}", points.substring(1));
    }
    assertThat(Files.readString(DOCS.resolve(page))).contains(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "same-images, same-images",
    "pretrained-teacher, pretrained-teacher",
    "weights-by-classes, cifar100"
  })
  void thePageHasEveryComparisonOfItsStudy(String study, String page) throws IOException {
    String text = Files.readString(FOLDER.resolve(page + ".md"));
    for (JsonNode comparison : summary(study).get("comparisons")) {
      assertThat(text)
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
  }

  @Test
  void theFiguresOfAPretrainedTeacherAreThoseOfTheirRecords() throws IOException {
    JsonNode summary = summary("pretrained-teacher");
    assertThat(Files.readString(FOLDER.resolve("pretrained-teacher.md")))
        .contains(
            "The teacher has %s %% of the test pictures"
                .formatted(percent(summary.get("teacher").get("testAccuracy"))),
            "DIST's students have %s %%".formatted(percent(find(summary, "dist").get("mean"))));
  }

  @Test
  void theChoicesOfShrinkAreThoseOfTheRecords() throws IOException {
    assertThat(Files.readString(FOLDER.resolve("shrink-method.md")))
        .contains(
            "| %s | `ttm` |"
                .formatted(differenceOf(summary("shrink-method-cifar10"), "dist", "ttm")),
            "| %s | `dist` |"
                .formatted(differenceOf(summary("shrink-method-cifar100"), "dist", "ttm")));
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
  }
}
