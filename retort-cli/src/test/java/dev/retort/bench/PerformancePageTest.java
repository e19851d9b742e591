package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.cli.GeneratedPart;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * The figures in docs/performance.md are those of docs/performance.json and
 * docs/performance-python.json, as {@code retort bench --json} and {@code retort-bench/run Python
 * --json} write them. The README's ratios are the second record's, too.
 */
class PerformancePageTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path PAGE = DOCS.resolve("performance.md");

  /** The floors of the ratios against plain and tuned, in the order of {@link #RATIOS}. */
  private static final double[][] FLOORS = {{2.2, 1.3}, {3.6, 2}, {6, 3}, {3, 1.8}};

  private static final String[] RATIOS = {"loop", "cache", "cacheResnet8", "study"};

  @Test
  void thePagesFiguresAreTheCommittedRecords() throws IOException {
    GeneratedPart.assertCurrent(
        "performance.md",
        "figures of performance.json",
        figures(record("performance.json"), record("performance-python.json")));
  }

  @Test
  void thePagesDifferencesOfLossesAreTheRecords() throws IOException {
    assertThat(Files.readString(PAGE))
        .contains(
            "*plain* differs by %s %% at most, and *tuned* by %s %%"
                .formatted(
                    lossDifference("performance-python.json", "plain"),
                    lossDifference("performance-python.json", "tuned")))
        .contains(
            "by %s and %s %% (`lossDifference`)"
                .formatted(
                    lossDifference("performance-python-fp32.json", "plain"),
                    lossDifference("performance-python-fp32.json", "tuned")));
  }

  /** In per cent. */
  private static String lossDifference(String record, String peer) throws IOException {
    for (JsonNode compared : record(record).path("comparison").path("peers")) {
      if (compared.get("name").asText().equals(peer)) {
        return number("%.2f", 100 * compared.get("lossDifference").asDouble());
      }
    }
    throw new AssertionError(peer + " is not in " + record);
  }

  @Test
  void theReadmesRatiosAreTheRecords() throws IOException {
    JsonNode record = record("performance-python.json");

    assertThat(Files.readString(DOCS.resolve("../README.md")).replaceAll("\\s+", " "))
        .contains(
            "| | typical code | tuned code |",
            row("| Retort | ", record, "loop"),
            row("| Retort, with the teacher's outputs from its cache | ", record, "cache"))
        .contains(versions(record));
  }

  /** The sentence stands beside the generated part, and would stay as it is. */
  @Test
  void theFloorsAreReachedAgainstPlainAndNoneAgainstTuned() throws IOException {
    JsonNode ratios = record("performance-python.json").get("ratios");

    for (int i = 0; i < RATIOS.length; i++) {
      assertThat(ratios.at("/plain/" + RATIOS[i]).asDouble())
          .as(RATIOS[i])
          .isGreaterThanOrEqualTo(FLOORS[i][0]);
      assertThat(ratios.at("/tuned/" + RATIOS[i]).asDouble())
          .as(RATIOS[i])
          .isPositive()
          .isLessThan(FLOORS[i][1]);
    }
    assertThat(Files.readString(PAGE))
        .contains("It reaches those against *plain*, and [none against *tuned*]");
  }

  @Test
  void theFiguresInFp32AreTheRecords() throws IOException {
    JsonNode record = record("performance-python-fp32.json");

    assertThat(record.at("/ratios/plain").isNull()).isTrue();
    assertThat(Files.readString(PAGE))
        .contains(
            "the ratios are %s with the teacher in the loop, %s with its outputs kept, %s for resnet8 and %s for a study."
                .formatted(
                    ratio(record, "tuned", "loop"),
                    ratio(record, "tuned", "cache"),
                    ratio(record, "tuned", "cacheResnet8"),
                    ratio(record, "tuned", "study")));
  }

  private static String row(String beginning, JsonNode record, String teacher) {
    return beginning
        + ratio(record, "plain", teacher)
        + " | "
        + ratio(record, "tuned", teacher)
        + " |";
  }

  private static JsonNode record(String file) throws IOException {
    return new ObjectMapper().readTree(DOCS.resolve(file).toFile());
  }

  @Test
  void aRecordBecomesTablesWithIntervalsAndFloors() throws IOException {
    JsonNode record =
        new ObjectMapper()
            .readTree(
                """
                {"machine": {"processor": "P", "logicalProcessors": 2, "threads": 2,
                   "libtorch": "2.10.0", "java": "17", "os": "Linux"},
                 "precision": "bf16", "batchSize": 128, "student": "s", "teacher": "t",
                 "peak": {"matrixProduct": {"value": 2e11, "low": 1e11, "high": 4e11},
                          "convolution": {"value": 1e11, "low": 1e11, "high": 1e11}},
                 "loader": {"value": 30000.0, "low": 30000.0, "high": 30000.0},
                 "networks": [{"name": "resnet8", "macs": 12500000,
                   "forward": {"value": 4000.0, "low": 3960.396, "high": 4040.0},
                   "forwardFraction": 0.5,
                   "training": {"value": 1500.0, "low": 1500.0, "high": 1500.0},
                   "trainingFraction": 0.25}],
                 "methods": [{"name": "hinton", "training": {"value": 900.0, "low": 900.0, "high": 900.0},
                   "fraction": 0.3, "overHinton": {"value": 1.0, "low": 1.0, "high": 1.0}}],
                 "ratios": {"plain": {"loop": 2.5, "cache": 4.0, "cacheResnet8": 7.0, "study": 3.5},
                            "tuned": null},
                 "comparison": {"peers": [
                   {"name": "plain", "python": "3.13.5", "torch": "2.6.0",
                    "ratios": {"cache": {"value": 4.0, "low": 3.9603960396, "high": 4.04}}}]}}
                """);

    assertThat(figures(record, record).lines())
        .contains(
            "P, 2 cores, 2 threads, Linux; LibTorch 2.10.0, Java 17; plain: Python 3.13.5, PyTorch 2.6.0.",
            "The peers run PyTorch 2.6.0, which is older than Retort's LibTorch 2.10.0: a part of each"
                + " ratio may be the version's.",
            "| teacher in the loop | 2.50 | 2.2 | void | 1.3 |",
            "| teacher from the cache | 4.00 ± 1.0 % | 3.6 | void | 2 |",
            "| resnet8 | 12.5 | 4,000 ± 1.0 % | 50 % | 1,500 ± 0.0 % | 25 % |",
            "| hinton | 900 ± 0.0 % | 30 % | 1.00 ± 0.0 % |",
            "The loader alone gives 30,000 images/s, 20 times the fastest training step here.");
  }

  private static String figures(JsonNode record, JsonNode python) {
    assertThat(python.get("machine")).as("of one machine").isEqualTo(record.get("machine"));
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("## Figures");
    lines.add("");
    lines.add(machine(python));
    lines.add("");
    lines.addAll(ratios(python));
    lines.addAll(networks(record));
    lines.addAll(methods(record));
    return String.join("\n", lines) + "\n";
  }

  private static String machine(JsonNode record) {
    JsonNode machine = record.get("machine");
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%s, %d cores, %d threads, %s; LibTorch %s, Java %s",
                machine.get("processor").asText(),
                machine.get("logicalProcessors").asInt(),
                machine.get("threads").asInt(),
                machine.get("os").asText(),
                machine.get("libtorch").asText(),
                machine.get("java").asText()));
    for (JsonNode peer : record.path("comparison").path("peers")) {
      text.append("; ")
          .append(peer.get("name").asText())
          .append(": Python ")
          .append(peer.get("python").asText())
          .append(", PyTorch ")
          .append(peer.get("torch").asText());
    }
    return text.append('.').toString();
  }

  private static List<String> ratios(JsonNode record) {
    String[] what = {
      "teacher in the loop",
      "teacher from the cache",
      "bundled teacher → resnet8, from the cache",
      "study of 6 methods × 5 seeds"
    };
    List<String> lines = new ArrayList<>();
    lines.add("How many times faster; the first two rows and the last are resnet56 → resnet20:");
    lines.add("");
    lines.add("| Hinton step | against plain | floor | against tuned | floor |");
    lines.add("|---|---|---|---|---|");
    for (int i = 0; i < RATIOS.length; i++) {
      lines.add(
          "| "
              + what[i]
              + " | "
              + ratio(record, "plain", RATIOS[i])
              + " | "
              + floor(FLOORS[i][0])
              + " | "
              + ratio(record, "tuned", RATIOS[i])
              + " | "
              + floor(FLOORS[i][1])
              + " |");
    }
    lines.add("");
    lines.add(versions(record) + ": a part of each ratio may be the version's.");
    lines.add("");
    return lines;
  }

  /** Which engines were compared; the README says it, too. */
  private static String versions(JsonNode record) {
    String ours = record.get("machine").get("libtorch").asText();
    String theirs = record.path("comparison").path("peers").path(0).get("torch").asText();
    assertThat(Version.parse(theirs)).as("the sentence says older").isLessThan(Version.parse(ours));
    return "The peers run PyTorch "
        + theirs.replaceFirst("\\+.*", "")
        + ", which is older than Retort's LibTorch "
        + ours.replaceFirst("-.*", "");
  }

  private static String ratio(JsonNode record, String peer, String key) {
    JsonNode ratio = record.get("ratios").path(peer).path(key);
    if (!ratio.isNumber()) {
      return "void";
    }
    String value = number("%.2f", ratio.asDouble());
    for (JsonNode compared : record.path("comparison").path("peers")) {
      JsonNode estimate = compared.path("ratios").path(key);
      if (compared.get("name").asText().equals(peer) && estimate.isObject()) {
        value += number(" ± %.1f %%", 100 * spread(estimate));
      }
    }
    return value;
  }

  private static String floor(double floor) {
    return number("%.1f", floor).replace(".0", "");
  }

  private static List<String> networks(JsonNode record) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "The peak in %s: %.0f GFLOP/s of matrix products, %.0f of convolutions. Batches of %d.",
            record.get("precision").asText(),
            record.get("peak").get("matrixProduct").get("value").asDouble() / 1e9,
            record.get("peak").get("convolution").get("value").asDouble() / 1e9,
            record.get("batchSize").asInt()));
    lines.add("");
    lines.add("| network | MMAC | forward, images/s | of peak | step, images/s | of peak |");
    lines.add("|---|---|---|---|---|---|");
    double fastest = 0;
    for (JsonNode network : record.get("networks")) {
      fastest = Math.max(fastest, network.get("training").get("value").asDouble());
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %.1f | %s | %.0f %% | %s | %.0f %% |",
              network.get("name").asText(),
              network.get("macs").asLong() / 1e6,
              rate(network.get("forward")),
              100 * network.get("forwardFraction").asDouble(),
              rate(network.get("training")),
              100 * network.get("trainingFraction").asDouble()));
    }
    lines.add("");
    double loader = record.get("loader").get("value").asDouble();
    lines.add(
        String.format(
            Locale.ROOT,
            "The loader alone gives %,.0f images/s, %.0f times the fastest training step here.",
            loader,
            loader / fastest));
    lines.add("");
    return lines;
  }

  private static List<String> methods(JsonNode record) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| "
            + record.get("teacher").asText()
            + " → "
            + record.get("student").asText()
            + " by | step, images/s | of peak | time over hinton's |");
    lines.add("|---|---|---|---|");
    for (JsonNode method : record.get("methods")) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.0f %% | %.2f ± %.1f %% |",
              method.get("name").asText(),
              rate(method.get("training")),
              100 * method.get("fraction").asDouble(),
              method.get("overHinton").get("value").asDouble(),
              100 * spread(method.get("overHinton"))));
    }
    lines.add("");
    return lines;
  }

  private static String rate(JsonNode estimate) {
    return String.format(
        Locale.ROOT, "%,.0f ± %.1f %%", estimate.get("value").asDouble(), 100 * spread(estimate));
  }

  /** Half the interval, as a share of the value. */
  private static double spread(JsonNode estimate) {
    return Math.sqrt(estimate.get("high").asDouble() / estimate.get("low").asDouble()) - 1;
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
