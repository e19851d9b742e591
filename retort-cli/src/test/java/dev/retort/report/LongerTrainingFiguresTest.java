package dev.retort.report;

import static dev.retort.report.CommittedResults.DOCS;
import static dev.retort.report.CommittedResults.FOLDER;
import static dev.retort.report.CommittedResults.PAGE;
import static dev.retort.report.CommittedResults.difference;
import static dev.retort.report.CommittedResults.find;
import static dev.retort.report.CommittedResults.paired;
import static dev.retort.report.CommittedResults.percent;
import static dev.retort.report.CommittedResults.rows;
import static dev.retort.report.CommittedResults.summary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.study.Statistics;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the pages say of trainings of 12, 48 and 144 epochs is what the committed records give. */
class LongerTrainingFiguresTest {
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
    assertThat(Files.readString(DOCS.resolve("../README.md")))
        .contains(
            "alone for 48 epochs (%s %%)".formatted(mean("48", "cross-entropy")),
            "TTM (with a weight of 90) for 12 (%s %%)".formatted(mean("12", "ttm")),
            "TTM (%s %%) is ahead".formatted(mean("48", "ttm")),
            "alone for 144 epochs (%s %%, three seeds)".formatted(mean("144", "cross-entropy")));
  }

  /** The four comparisons at 144 epochs are adjusted together, apart from the others. */
  @Test
  void theDifferencesAfterTheLongestTrainingAreThoseOfTheRecords() throws IOException {
    JsonNode study = afterConvergence("144");
    List<List<String>> pairs = AFTER_CONVERGENCE.subList(0, 4);
    List<Statistics.PairedDifference> differences = new ArrayList<>();
    for (List<String> pair : pairs) {
      differences.add(paired(study, pair.get(0), study, pair.get(2)));
    }
    List<Double> adjusted =
        Statistics.holm(
            differences.stream().map(of -> Objects.requireNonNull(of.pValue())).toList());
    List<String> rows = rowsAfter("## After 144 epochs");
    for (int i = 0; i < pairs.size(); i++) {
      String method = pairs.get(i).get(0);
      String baseline = pairs.get(i).get(2);
      assertThat(rows.get(2 + i))
          .isEqualTo(
              "| `%s` | `%s` | %s | %s | %s | %s |"
                  .formatted(
                      method,
                      baseline,
                      difference(differences.get(i)),
                      probability(Objects.requireNonNull(differences.get(i).pValue())),
                      probability(adjusted.get(i)),
                      difference(paired(study, method, study, baseline, "validationAccuracy"))));
    }
  }

  /** What fewer views cost TTM, against a new view in each epoch. */
  @Test
  void theDifferencesOfFewerViewsAreThoseOfTheRecords() throws IOException {
    List<String> rows = rowsAfter("## Fewer views");
    List<String> views = List.of("4", "16");
    for (int i = 0; i < views.size(); i++) {
      String study = "48-views-" + views.get(i);
      JsonNode ttm = find(afterConvergence(study), "ttm");
      assertThat(rows.get(2 + i))
          .startsWith(
              "| %s | %s ± %s | %s | "
                  .formatted(
                      views.get(i),
                      percent(ttm.get("mean")),
                      percent(ttm.get("sd")),
                      onBothSets(study, "ttm", "48", "ttm")));
    }
  }

  /** By how much a resnet20 on labels alone is ahead of a resnet8. */
  @Test
  void theDifferencesOfALargerStudentAreThoseOfTheRecords() throws IOException {
    List<String> rows = rowsAfter("## A larger student");
    List<List<String>> others =
        List.of(List.of("cross-entropy", "48"), List.of("ttm", "48"), List.of("ttm", "144"));
    for (int i = 0; i < others.size(); i++) {
      String method = others.get(i).get(0);
      String epochs = others.get(i).get(1);
      assertThat(rows.get(2 + i))
          .isEqualTo(
              "| `%s` | %s | %d | %s |"
                  .formatted(
                      method,
                      epochs,
                      find(afterConvergence(epochs), method).get("seeds").size(),
                      onBothSets("48-resnet20", "cross-entropy", epochs, method)));
    }
  }

  /** The rows of the first table after a heading. */
  private static List<String> rowsAfter(String heading) throws IOException {
    String page = Files.readString(FOLDER.resolve("after-convergence.md"));
    return rows(page.substring(page.indexOf(heading)));
  }

  /** A difference on test images and on validation images, as two cells. */
  private static String onBothSets(String epochs, String method, String of, String baseline)
      throws IOException {
    JsonNode own = afterConvergence(epochs);
    JsonNode other = afterConvergence(of);
    return difference(paired(own, method, other, baseline))
        + " | "
        + difference(paired(own, method, other, baseline, "validationAccuracy"));
  }

  /** How gains change with the length, which was not registered. */
  @Test
  void theChangesOfTheGainsAreThoseOfTheRecords() throws IOException {
    String ofGain = change("after-convergence-", "", "12", "48", "ttm", "cross-entropy");
    assertThat(Files.readString(FOLDER.resolve("after-convergence.md")))
        .contains(
            ofGain,
            change("after-convergence-", "", "12", "48", "ttm", "hinton"),
            change("after-convergence-", "", "48", "144", "ttm", "cross-entropy"),
            change("after-convergence-", "", "48", "144", "ttm", "hinton"));
    String ofFewer = change("longer-training-", "pairs-", "12", "48", "ttm", "cross-entropy");
    assertThat(Files.readString(FOLDER.resolve("longer-training.md")))
        .contains(
            ofFewer,
            change("longer-training-", "", "12", "48", "hinton", "cross-entropy"),
            change("longer-training-", "pairs-", "12", "48", "adversarial-pair", "cross-entropy"));
    assertThat(Files.readString(PAGE)).contains(ofGain, ofFewer);
  }

  /**
   * By how much a method's lead is another one after the longer training, by the same seeds.
   *
   * @param own what the name of the method's studies has more than the baseline's
   */
  private static String change(
      String studies, String own, String shorter, String longer, String method, String baseline)
      throws IOException {
    List<Double> changes = new ArrayList<>();
    JsonNode seeds = find(summary(studies + own + longer), method).get("seeds");
    for (int i = 0; i < seeds.size(); i++) {
      changes.add(
          lead(studies, own, longer, method, baseline, i)
              - lead(studies, own, shorter, method, baseline, i));
    }
    return difference(Statistics.paired(changes));
  }

  private static double lead(
      String studies, String own, String epochs, String method, String baseline, int i)
      throws IOException {
    JsonNode ofMethod = find(summary(studies + own + epochs), method);
    JsonNode ofBaseline = find(summary(studies + epochs), baseline);
    assertThat(ofMethod.get("seeds").get(i)).isEqualTo(ofBaseline.get("seeds").get(i));
    return ofMethod.get("testAccuracy").get(i).asDouble()
        - ofBaseline.get("testAccuracy").get(i).asDouble();
  }

  /** By the rule that was registered: validation accuracy of TTM, at most 0.5 points below. */
  @Test
  void theRegisteredRuleTakesTheLongerTraining() throws IOException {
    double at12 = meanValidation("12");
    double at48 = meanValidation("48");
    double at144 = meanValidation("144");
    assertThat(at144 - Math.max(at12, at48)).isGreaterThan(0.005);
    assertThat(Files.readString(FOLDER.resolve("after-convergence.md")))
        .contains(
            String.format(Locale.ROOT, "%.2f %% after 12 epochs", 100 * at12),
            String.format(Locale.ROOT, "%.2f %% after 48", 100 * at48),
            String.format(Locale.ROOT, "%.2f %% after 144 (three seeds)", 100 * at144),
            String.format(Locale.ROOT, "are %.2f points below", 100 * (at144 - at48)));
  }

  private static double meanValidation(String epochs) throws IOException {
    List<Double> accuracies = new ArrayList<>();
    find(afterConvergence(epochs), "ttm")
        .get("validationAccuracy")
        .forEach(of -> accuracies.add(of.asDouble()));
    return Objects.requireNonNull(Statistics.mean(accuracies));
  }
}
