package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** The summaries of the committed studies, and figures as the pages write them. */
final class CommittedResults {
  static final Path DOCS = Path.of("..", "docs");
  static final Path FOLDER = DOCS.resolve("results");

  /** The page of findings. */
  static final Path PAGE = DOCS.resolve("results.md");

  private CommittedResults() {}

  /** Of a method less another one, perhaps of another study of the same seeds. */
  static Statistics.PairedDifference paired(
      JsonNode summary, String method, JsonNode of, String baseline) {
    return paired(summary, method, of, baseline, "testAccuracy");
  }

  /** The same of another accuracy: {@code validationAccuracy}. */
  static Statistics.PairedDifference paired(
      JsonNode summary, String method, JsonNode of, String baseline, String key) {
    JsonNode own = find(summary, method);
    JsonNode other = find(of, baseline);
    List<Double> differences = new ArrayList<>();
    int pairs = Math.min(own.get("seeds").size(), other.get("seeds").size());
    for (int i = 0; i < pairs; i++) {
      assertThat(own.get("seeds").get(i)).isEqualTo(other.get("seeds").get(i));
      differences.add(own.get(key).get(i).asDouble() - other.get(key).get(i).asDouble());
    }
    return Statistics.paired(differences);
  }

  static String difference(Statistics.PairedDifference paired) {
    List<Double> interval = Objects.requireNonNull(paired.interval());
    return "%s (%s … %s)"
        .formatted(
            points(Objects.requireNonNull(paired.mean())),
            points(interval.get(0)),
            points(interval.get(1)));
  }

  static String differenceOf(JsonNode summary, String method, String baseline) {
    return difference(comparison(summary, method, baseline));
  }

  static JsonNode find(JsonNode summary, String method) {
    return StreamSupport.stream(summary.get("methods").spliterator(), false)
        .filter(of -> of.get("name").asText().equals(method))
        .findFirst()
        .orElseThrow();
  }

  static String percent(JsonNode fraction) {
    return String.format(Locale.ROOT, "%.2f", 100 * fraction.asDouble());
  }

  static JsonNode summary(String study) throws IOException {
    return new ObjectMapper().readTree(FOLDER.resolve(study + "/summary.json").toFile());
  }

  static JsonNode comparison(JsonNode summary, String method, String baseline) {
    return StreamSupport.stream(summary.get("comparisons").spliterator(), false)
        .filter(
            of ->
                of.get("method").asText().equals(method)
                    && of.get("baseline").asText().equals(baseline))
        .findFirst()
        .orElseThrow();
  }

  static String difference(JsonNode comparison) {
    return points(comparison.get("meanDifference").asDouble())
        + " ("
        + points(comparison.get("ci95").get(0).asDouble())
        + " … "
        + points(comparison.get("ci95").get(1).asDouble())
        + ")";
  }

  static String points(double difference) {
    return String.format(Locale.ROOT, "%+.2f", 100 * difference).replace('-', '−');
  }

  static List<String> rows(String page) {
    return page.lines().filter(line -> line.startsWith("| ") || line.startsWith("|--")).toList();
  }
}
