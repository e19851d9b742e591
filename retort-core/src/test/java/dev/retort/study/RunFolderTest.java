package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.config.RunName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  private static final RunName NAME = new RunName("resnet8", "hinton", 3);
  private static final RunResult RESULT =
      new RunResult(
          "resnet8",
          "hinton",
          3,
          0.75,
          0.8,
          0.76,
          12.5,
          900,
          78042,
          12_500_000,
          List.of(),
          "environment-2.json");

  @TempDir Path runs;

  private Path folder() {
    return runs.resolve(NAME.toString());
  }

  private static RunFolder open(Path folder) {
    return Objects.requireNonNull(RunFolder.openUnlessTaken(folder));
  }

  private static EpochMetrics epoch(int epoch) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("pTeacher", 0.75);
    figures.put("pStudent", 0.25);
    figures.put("jsdLowerBound", 0.125);
    figures.put("accuracy", null);
    figures.put("auc", Double.NaN);
    figures.put("logitDifference", 1.5);
    figures.put("gradientRatio", 0.1);
    figures.put("boundedShare", 0.25);
    return new EpochMetrics(
        epoch,
        epoch * 32L,
        1.5 * epoch,
        0.05,
        Double.POSITIVE_INFINITY,
        Map.of("hinton", 1.25),
        0.5,
        Map.of("logits", figures),
        List.of());
  }

  @Test
  void metricsHaveTheKeysOfTheContractAndNullForWhatIsUndefined() throws IOException {
    try (RunFolder run = open(folder())) {
      MetricsLog log = run.metrics(0);
      log.append(epoch(1));
      log.append(epoch(2));
    }
    List<String> lines = Files.readAllLines(folder().resolve("metrics.jsonl"));
    assertThat(lines).hasSize(2);
    JsonNode second = new ObjectMapper().readTree(lines.get(1));
    assertThat(second)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"epoch": 2, "step": 64, "seconds": 3.0, "learningRate": 0.05, "trainLoss": null,
                     "objectives": {"hinton": 1.25}, "validationAccuracy": 0.5,
                     "adversaries": {"logits": {"pTeacher": 0.75, "pStudent": 0.25,
                       "jsdLowerBound": 0.125, "accuracy": null, "auc": null, "logitDifference": 1.5,
                       "gradientRatio": 0.1, "boundedShare": 0.25}},
                     "alarms": []}
                    """));
    assertThat(MetricsLog.read(folder().resolve("metrics.jsonl")).get(1)).isEqualTo(epoch(2));
  }

  @Test
  void aResumedRunDropsTheEpochsBehindItsCheckpointAndATornLine() throws IOException {
    try (RunFolder run = open(folder())) {
      MetricsLog log = run.metrics(0);
      log.append(epoch(1));
      log.append(epoch(2));
      log.append(epoch(3));
    }
    Path file = folder().resolve("metrics.jsonl");
    Files.writeString(file, "{\"epoch\": 4, \"st", StandardOpenOption.APPEND);
    assertThat(MetricsLog.read(file)).hasSize(3);
    try (RunFolder run = open(folder())) {
      run.metrics(2).append(epoch(3));
    }
    assertThat(MetricsLog.read(file)).containsExactly(epoch(1), epoch(2), epoch(3));
  }

  @Test
  void epochsWithoutALineAreNotPassedOver() throws IOException {
    try (RunFolder run = open(folder())) {
      MetricsLog log = run.metrics(0);
      log.append(epoch(1));
      log.append(epoch(3));
      assertThatThrownBy(() -> run.metrics(3))
          .isInstanceOf(StudyRecordException.class)
          .hasMessageStartingWith(
              folder().resolve("metrics.jsonl")
                  + " has not one line for each of the 3 epochs that the checkpoint has behind it");
      assertThatThrownBy(() -> run.metrics(2)).isInstanceOf(StudyRecordException.class);
      run.metrics(1);
    }
  }

  @Test
  void aDamagedLineIsNamed() throws IOException {
    Files.createDirectories(folder());
    Path file = folder().resolve("metrics.jsonl");
    Files.writeString(file, StudyJson.line(epoch(1)) + "\n{\"epoch\": }\n");
    assertThatThrownBy(() -> MetricsLog.read(file))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith(file + ":2: the line is no epoch's metrics; bring the file back");
  }

  @Test
  void aResultHasTheKeysOfTheContract() throws IOException {
    try (RunFolder run = open(folder())) {
      run.finish(RESULT);
    }
    JsonNode json = new ObjectMapper().readTree(folder().resolve("result.json").toFile());
    assertThat(json)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"student": "resnet8", "method": "hinton", "seed": 3, "testAccuracy": 0.75,
                     "agreementWithTeacher": 0.8, "validationAccuracy": 0.76, "seconds": 12.5,
                     "imagesPerSecond": 900.0, "parameters": 78042, "macs": 12500000, "alarms": [],
                     "environment": "environment-2.json"}
                    """));
    assertThat(new RunFolders(runs).result(NAME, false)).contains(RESULT);
  }

  @Test
  void onlyAValidResultOfThisVeryRunCountsAsDone() throws IOException {
    assertThat(new RunFolders(runs).result(NAME, false)).isEmpty();
    Files.createDirectories(folder());
    for (String damaged :
        List.of(
            "",
            "null",
            "{\"student\": \"resnet8\", \"meth",
            "{\"student\": \"resnet8\", \"method\": \"hinton\"}",
            StudyJson.line(RESULT).replace("0.75", "75"),
            StudyJson.line(RESULT).replace("\"seed\":3", "\"seed\":4"),
            StudyJson.line(RESULT) + "x")) {
      Files.writeString(folder().resolve("result.json"), damaged);
      assertThat(new RunFolders(runs).result(NAME, false)).as(damaged).isEmpty();
    }
    Files.write(folder().resolve("result.json"), new byte[] {(byte) 0xff, 0});
    assertThat(new RunFolders(runs).result(NAME, false)).as("no text").isEmpty();
    Files.writeString(folder().resolve("result.json"), StudyJson.line(RESULT));
    assertThat(new RunFolders(runs).result(NAME, false)).contains(RESULT);
  }

  /** As on a disk that is away for a moment: the run would begin anew, and lose its metrics. */
  @Test
  void aResultThatIsOutOfReachDoesNotMakeTheRunUndone() throws IOException {
    Files.createDirectories(folder().resolve("result.json"));
    assertThatThrownBy(() -> new RunFolders(runs).result(NAME, false))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith(folder().resolve("result.json") + " cannot be read: ")
        .hasMessageEndingWith("remove it, and the run is done again");
  }

  @Test
  void aSecondRunOnTheSameFolderIsRefusedRemovesNothingAndLeavesTheLock() throws IOException {
    try (RunFolder run = open(folder())) {
      Path beingWritten = Files.writeString(folder().resolve(".result.json.2-0.tmp"), "{");
      assertThat(RunFolder.openUnlessTaken(run.path())).isNull();
      assertThat(beingWritten).exists();
      assertThat(hold().getInputStream().read()).as("another process has its lock").isEqualTo(-1);
    }
    open(folder()).close();
  }

  @Test
  void aSecondProcessIsRefusedUntilTheFirstIsKilled() throws Exception {
    Process other = hold();
    try {
      assertThat(other.getInputStream().read()).isEqualTo('L');
      assertThat(RunFolder.openUnlessTaken(folder())).isNull();
    } finally {
      other.destroyForcibly();
    }
    assertThat(other.waitFor(10, TimeUnit.SECONDS)).isTrue();
    open(folder()).close();
  }

  /** Says L when it has the lock, and nothing when it is refused. */
  private Process hold() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            RunFolderHolder.class.getName(),
            folder().toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** A process that holds the lock until it is killed. */
  static final class RunFolderHolder {
    public static void main(String[] arguments) throws Exception {
      RunFolder run = open(Path.of(arguments[0]));
      System.out.print("L");
      System.out.flush();
      Thread.sleep(60_000);
      run.close();
    }
  }

  @Test
  void whatAKilledProcessLeftHalfWrittenIsRemoved() throws IOException {
    Files.createDirectories(folder());
    Files.writeString(folder().resolve(".result.json.1-0.tmp"), "{");
    open(folder()).close();
    assertThat(folder().toFile().list()).containsExactly(".lock");
  }
}
