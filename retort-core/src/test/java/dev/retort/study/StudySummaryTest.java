package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.distill.Objective;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
import dev.retort.engine.Precision;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodPresets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What a study makes of the runs that are done. */
@NullUnmarked
class StudySummaryTest extends PlannedStudy {
  @Test
  void theSummaryPairsEqualSeedsOnlyAndSaysHowMany() throws IOException {
    JsonNode golden = StatisticsTest.cases("study").findFirst().orElseThrow();
    var configuration =
        configuration(
            "seeds=[1, 2, 3, 4, 5]",
            "comparisons=[[hinton, cross-entropy], [own, cross-entropy], [own, hinton]]");
    StudyFolder study = StudyFolder.begin(out(), configuration, false);
    study.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    study.recordTeacher(
        new TeacherRecord("airnet95", "ab12", 0.9375, 0.9, 6_000_000L, 500L, null, null));
    for (JsonNode run : golden.get("runs")) {
      finish(
          study,
          result(
              run.get("student").textValue(),
              run.get("method").textValue(),
              run.get("seed").longValue(),
              run.get("accuracy").doubleValue(),
              0.5));
    }
    study.summarize();
    Path runs = study.runs().path();
    Path pruned = Files.move(runs, folder.resolve("pruned")); // by someone who needed the room
    Files.createDirectory(runs);
    byte[] before = Files.readAllBytes(out().resolve("summary.json"));
    assertThatThrownBy(study::summarize)
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith(runs + " has none of the runs");
    assertThat(out().resolve("summary.json")).hasBinaryContent(before);
    Files.delete(runs);
    Files.move(pruned, runs);
    study.summarize();
    assertThat(out().resolve("summary.json")).hasBinaryContent(before);
    JsonNode summary = new ObjectMapper().readTree(out().resolve("summary.json").toFile());

    assertThat(summary.get("dataset"))
        .hasToString(
            "{\"name\":\"cifar10:data\",\"train\":45000,\"validation\":5000,\"test\":10000}");
    assertThat(summary.get("teacher").get("testAccuracy").doubleValue()).isEqualTo(0.9);
    assertThat(summary.get("students").get(0))
        .hasToString("{\"name\":\"resnet8\",\"parameters\":78042,\"macs\":12}");
    assertThat(summary.get("measuredOn").textValue()).isEqualTo("test");
    assertThat(summary.get("methods")).hasSize(6);
    JsonNode own = summary.get("methods").get(2);
    assertThat(own.get("student").textValue()).isEqualTo("resnet8");
    assertThat(own.get("name").textValue()).isEqualTo("own");
    assertThat(own.get("seeds")).hasToString("[2,3,5]");
    assertThat(own.get("testAccuracy")).hasToString("[0.7602,0.7561,0.759]");
    assertNumbersEqual(own.get("mean"), (0.7602 + 0.7561 + 0.7590) / 3);
    assertNumbersEqual(own.get("sd"), 0.00210792157);
    JsonNode single = summary.get("methods").get(3);
    assertThat(single.get("mean").doubleValue()).isEqualTo(0.8512);
    assertThat(single.get("sd").isNull()).isTrue();
    JsonNode none = summary.get("methods").get(5);
    assertThat(none.get("mean").isNull()).isTrue();
    assertThat(none.get("seeds")).isEmpty();

    assertThat(summary.get("comparisons")).hasSize(6);
    for (int i = 0; i < 6; i++) {
      JsonNode expected = golden.get("comparisons").get(i);
      JsonNode actual = summary.get("comparisons").get(i);
      List<String> keys = new ArrayList<>();
      actual.fieldNames().forEachRemaining(keys::add);
      keys.remove("missing"); // where runs are not done
      assertThat(keys)
          .containsExactly(
              "student",
              "method",
              "baseline",
              "n",
              "meanDifference",
              "ci95",
              "pValue",
              "adjustedPValue",
              "detectableDifference");
      expected
          .properties()
          .forEach(property -> assertSame(actual.get(property.getKey()), property.getValue()));
    }
  }

  /** The settings of an objective that {@link #READER} does not know of. */
  record OwnSettings(double weight) implements ObjectiveSettings {
    @Override
    public List<Objective> build(Pairing pairing) {
      return List.of();
    }
  }

  @Test
  void aStudyOfAUsersOwnObjectivesIsOpenedAgainAndSummedUpEvenWithoutThem() throws IOException {
    ObjectiveKind own = new ObjectiveKind("my-own", new OwnSettings(1), "nothing", "none");
    ConfigurationReader reader = new ConfigurationReader(MethodPresets.objectives().with(own));
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, STUDY.replace("extends: hinton", "objectives: [my-own: {weight: 2}]"));
    var configuration = reader.readStudy(file, List.of());
    StudyFolder begun = StudyFolder.begin(out(), configuration, false);
    begun.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    finish(begun, result("resnet20", "own", 1, 0.75, 0.5));
    finish(begun, result("resnet20", "hinton", 1, 0.5, 0.5));

    StudyFolder opened = StudyFolder.open(out());
    assertThat(opened.configuration(reader)).isEqualTo(configuration.configuration());
    Summary summary = opened.summarize();
    assertThat(summary.methods()).hasSize(6);
    assertThat(summary.methods().get(5).name()).isEqualTo("own");
    assertThat(summary.methods().get(5).testAccuracy()).containsExactly(0.75);
    assertThat(summary.comparisons())
        .anySatisfy(
            row -> {
              assertThat(row.student()).isEqualTo("resnet20");
              assertThat(row.method()).isEqualTo("own");
              assertThat(row.baseline()).isEqualTo("hinton");
              assertThat(row.meanDifference()).isEqualTo(0.25);
            });
  }

  private static void assertSame(JsonNode actual, JsonNode expected) {
    if (expected.isArray()) {
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < expected.size(); i++) {
        assertSame(actual.get(i), expected.get(i));
      }
    } else if (expected.isDouble()) {
      assertNumbersEqual(actual, expected.doubleValue());
    } else {
      assertThat(actual).isEqualTo(expected);
    }
  }

  private static void assertNumbersEqual(JsonNode actual, double expected) {
    assertThat(actual.doubleValue())
        .isCloseTo(expected, org.assertj.core.data.Percentage.withPercentage(1e-6));
  }

  @Test
  void validationStandsInWhereTheTestImagesAreLeftUnread() throws IOException {
    var configuration = configuration("test=false", "students=[resnet8]");
    StudyFolder study = StudyFolder.begin(out(), configuration, false);
    study.inputs().record(SIZES, "d1", "t1", Map.of(), Precision.FP32);
    for (int seed = 1; seed <= 2; seed++) {
      finish(study, result("resnet8", "cross-entropy", seed, null, 0.5 + 0.01 * seed));
      finish(study, result("resnet8", "hinton", seed, null, 0.5 + 0.03 * seed));
    }
    Summary summary = study.summarize();
    assertThat(summary.measuredOn()).isEqualTo("validation");
    Summary.MethodResult hinton = summary.methods().get(1);
    assertThat(hinton.testAccuracy()).isNull();
    assertThat(hinton.agreementWithTeacher()).isNull();
    assertThat(hinton.validationAccuracy()).containsExactly(0.53, 0.56);
    assertThat(hinton.mean()).isCloseTo(0.545, org.assertj.core.data.Offset.offset(1e-12));
    Summary.ComparisonResult row = summary.comparisons().get(0);
    assertThat(row.n()).isEqualTo(2);
    assertThat(row.meanDifference()).isCloseTo(0.03, org.assertj.core.data.Offset.offset(1e-12));
    assertThat(out().resolve("summary.md"))
        .content()
        .contains("left unread")
        .contains("| resnet8 | hinton | 2 | 54.50 | 2.12 | – | 10 |")
        .contains("| resnet8 | hinton | cross-entropy | 2 | +3.00 |");
  }
}
