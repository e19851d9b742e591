package dev.retort.report;

import static dev.retort.report.CommittedResults.DOCS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * scripts/paired_difference.py, which computes what the pages call chosen after the results were
 * known, says of registered comparisons what their summaries say. It has Student's distribution in
 * closed form, and Retort a library's.
 */
class PairedDifferenceTest {
  private static final Path STUDY = DOCS.resolve("results/cifar100");

  @Test
  void theScriptComputesWhatASummarySays() throws IOException, InterruptedException {
    assumeTrue(run("-c", "print(1)").equals("1\n"), "there is no python3");
    JsonNode summary = new ObjectMapper().readTree(STUDY.resolve("summary.json").toFile());
    assertThat(summary.get("comparisons").size()).isGreaterThan(3);
    for (JsonNode row : summary.get("comparisons")) {
      String baseline = row.get("baseline").asText();
      String method = row.get("method").asText();

      String said =
          run(
              DOCS.resolve("../scripts/paired_difference.py").toString(),
              STUDY.toString(),
              STUDY.toString(),
              "--level",
              "0.95",
              "--methods",
              baseline,
              method);

      double probability = row.get("pValue").asDouble();
      assertThat(said)
          .isEqualTo(
              String.format(
                  Locale.ROOT,
                  "resnet8 %s to %s: %+.3f points, 95 %% interval %+.3f to %+.3f, p %s, %d seeds\n",
                  baseline,
                  method,
                  100 * row.get("meanDifference").asDouble(),
                  100 * row.get("ci95").get(0).asDouble(),
                  100 * row.get("ci95").get(1).asDouble(),
                  probability < 0.00005
                      ? "< 0.0001"
                      : String.format(Locale.ROOT, "%.4f", probability),
                  row.get("n").asInt()));
    }
  }

  private static String run(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "python3";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return ""; // there is none
    }
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text;
  }
}
