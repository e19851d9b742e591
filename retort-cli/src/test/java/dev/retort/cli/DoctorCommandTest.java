package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  @Test
  void theComputationIsRightHereAndTheJsonSaysOnWhat() throws Exception {
    CommandRun run = CommandRun.of("doctor", "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode facts = run.json();
    assertThat(facts.get("passed").asBoolean()).isTrue();
    assertThat(facts.get("platform").asText()).isEqualTo(Loader.getPlatform());
    assertThat(facts.get("libtorch").asText()).matches("\\d+\\.\\d+\\.\\d+-\\d+\\.\\d+\\.\\d+");
    assertThat(facts.get("computation")).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void theTextHasALineForEachFactOfABugReport() {
    CommandRun run = CommandRun.of("doctor");

    assertThat(run.out().lines())
        .anyMatch(line -> line.startsWith("processor "))
        .anyMatch(line -> line.startsWith("cache folder "))
        .anyMatch(line -> line.matches("teacher cache +.*/retort/teachers"))
        .anyMatch(line -> line.matches("teacher cache size +\\d+\\.\\d [kMG]B"))
        .anyMatch(line -> line.matches("computation +cpu bf16: right, in [\\d.]+ ms"));
  }
}
