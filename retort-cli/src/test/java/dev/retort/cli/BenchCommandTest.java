package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  @Test
  void networksAndMethodsAreMeasuredAsSharesOfThePeak(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("bench.json");
    CommandRun run =
        CommandRun.of(
            "bench",
            "--seconds=0.001",
            "--only=loader,resnet8,hinton,adversarial-hinton",
            "--json=" + file);

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).matches("7 measurements, in about \\d+:\\d\\d\n");
    assertThat(run.out().lines())
        .anyMatch(line -> line.matches("resnet8 +12\\.5 .*"))
        .anyMatch(line -> line.matches("hinton .* 1\\.00 +0\\.0"));
    JsonNode result = new ObjectMapper().readTree(Files.readString(file));
    assertThat(result.get("machine").get("libtorch").asText()).startsWith("2.");
    assertThat(result.at("/methods/1/name").asText()).isEqualTo("adversarial-hinton");
    assertThat(result.at("/methods/1/overHinton/value").asDouble()).isPositive();
    double peak =
        Math.max(
            result.get("peak").get("matrixProduct").get("value").asDouble(),
            result.get("peak").get("convolution").get("value").asDouble());
    JsonNode training = result.get("networks").get(0).get("training");
    // anchors of the literature: 12.5 million multiply-accumulates, three passes of two operations
    assertThat(result.at("/networks/0/trainingFraction").asDouble() * peak)
        .isCloseTo(
            training.get("value").asDouble() * 6 * 12.5e6,
            within(0.01 * training.get("value").asDouble() * 6 * 12.5e6));
    assertThat(training.get("low").asDouble())
        .isLessThanOrEqualTo(training.get("value").asDouble());
  }

  @Test
  void whatIsNotKnownOrThereAlreadyIsRefusedBeforeAnythingIsMeasured(@TempDir Path folder)
      throws IOException {
    Path there = Files.writeString(folder.resolve("bench.json"), "{}");

    CommandRun name = CommandRun.of("bench", "--only=resnet21");
    CommandRun file = CommandRun.of("bench", "--json", there.toString());
    CommandRun time = CommandRun.of("bench", "--seconds=0");
    CommandRun nowhere = CommandRun.of("bench", "--json", folder.resolve("none/b.json").toString());

    assertThat(name.exitCode()).isEqualTo(2);
    assertThat(name.err()).contains("did you mean resnet20").hasLineCount(1);
    assertThat(file.exitCode()).isEqualTo(2);
    assertThat(file.err()).contains("exists already").hasLineCount(1);
    assertThat(time.exitCode()).isEqualTo(2);
    assertThat(time.err()).contains("--seconds must be positive").hasLineCount(1);
    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.err()).contains("no such file or folder: " + folder.resolve("none"));
    assertThat(there).hasContent("{}");
  }
}
