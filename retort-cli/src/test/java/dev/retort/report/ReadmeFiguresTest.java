package dev.retort.report;

import static dev.retort.report.CommittedResults.DOCS;
import static dev.retort.report.CommittedResults.FOLDER;
import static dev.retort.report.CommittedResults.differenceOf;
import static dev.retort.report.CommittedResults.find;
import static dev.retort.report.CommittedResults.percent;
import static dev.retort.report.CommittedResults.points;
import static dev.retort.report.CommittedResults.rows;
import static dev.retort.report.CommittedResults.summary;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The figures of README that are of several studies, and those of its call of shrink, are those
 * that the committed records give.
 */
class ReadmeFiguresTest {
  /** Rows of the README's table: their beginning, the study, the method. */
  private static final List<List<String>> README_ROWS =
      List.of(
          List.of(
              "| resnet20, taught by [the regression](docs/methods.md#logit-regression) |",
              "cifar10-equal-resnet20",
              "logit-regression"),
          List.of(
              "| resnet8, taught by [TTM](docs/methods.md#ttm) |",
              "cifar10-equal-tuning-compared",
              "ttm"),
          List.of("| resnet8, taught by TTM for 48 epochs |", "after-convergence-48", "ttm"),
          List.of("| resnet8, taught by TTM for 144 epochs |", "after-convergence-144", "ttm"));

  @Test
  void theReadmesFiguresAreTheStudys() throws IOException {
    String readme = Files.readString(DOCS.resolve("../README.md"));
    List<String> rows = rows(readme.split("\n## ", 2)[0]);
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
  }

  /** What each method of the table gains; all were registered. */
  @Test
  void theGainsOfTheMethodsAreThoseOfTheStudy() throws IOException {
    JsonNode study = summary("cifar10-equal-tuning-compared");
    List<String> rows =
        rows(Files.readString(DOCS.resolve("../README.md")).split("## Which method", 2)[1])
            .subList(2, 9);
    assertThat(rows)
        .extracting(row -> row.split("`", 3)[1])
        .containsExactly(
            "hinton",
            "hinton-standardized",
            "logit-regression",
            "dist",
            "ttm",
            "adversarial",
            "adversarial-pair");
    for (String row : rows) {
      assertThat(row)
          .endsWith("| %s |".formatted(differenceOf(study, row.split("`", 3)[1], "cross-entropy")));
    }
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
                "takes %s ms for an image, where that of the CIFAR-10 teacher below takes %s ms: it is %.1f times as fast (%.1f … %.1f over",
                studentsTime,
                teachersTime,
                ratio.value(),
                Objects.requireNonNull(ratio.low()),
                Objects.requireNonNull(ratio.high())),
            String.format(
                Locale.ROOT,
                "test accuracy is %.2f %%, %.2f points less %s",
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
