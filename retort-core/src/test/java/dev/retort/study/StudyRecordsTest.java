package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.engine.Precision;
import dev.retort.study.config.RunName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a study records of its teacher, its machines, its runs and their serving. */
@NullUnmarked
class StudyRecordsTest extends PlannedStudy {
  /** Measured in mid-study, serving lacks the runs that were done later. */
  @Test
  void servingIsMeasuredOnlyWhereEveryFirstRunThatIsDoneWas() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    assertThat(study.servingIsMeasured()).isFalse();
    List<RunName> first = study.plan().firstRuns();
    student(study, first.get(0));
    study.recordServing(serving(first.get(0)));
    assertThat(study.servingIsMeasured()).isTrue();
    student(study, first.get(1));
    assertThat(study.servingIsMeasured()).isFalse();
    study.recordServing(serving(first.get(0), first.get(1)));
    assertThat(study.servingIsMeasured()).isTrue();
    assertThat(study.servingIsMeasured(1)).isTrue();
    assertThat(study.servingIsMeasured(4)).as("with four threads it was not").isFalse();
  }

  private static void student(StudyFolder study, RunName run) throws IOException {
    Path file = study.runs().student(run);
    Files.createDirectories(file.getParent());
    Files.createFile(file);
  }

  @Test
  void theTeachersRecordHasTheKeysOfTheContract() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    assertThat(study.teacher()).isEmpty();
    study.recordTeacher(
        new TeacherRecord("airnet95", "ab12", 0.9375, null, 6_000_000L, 500L, null, null));
    study.recordTeacher(study.teacher().orElseThrow().withTestAccuracy(0.9));
    assertThat(new ObjectMapper().readTree(out().resolve("teacher.json").toFile()))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"network": "airnet95", "sha256": "ab12", "validationAccuracy": 0.9375,
                     "testAccuracy": 0.9, "parameters": 6000000, "macs": 500}
                    """));
  }

  @Test
  void theTestAccuracyOfTheSameTeacherStandsWhileAStudyGoesOn() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    TeacherRecord untested =
        new TeacherRecord("airnet95", "ab12", 0.9375, null, 6_000_000L, 500L, null, null);
    study.recordTeacher(untested.withTestAccuracy(0.9));
    study.recordTeacher(untested);
    assertThat(study.teacher()).contains(untested.withTestAccuracy(0.9));
    TeacherRecord other =
        new TeacherRecord("airnet95", "cd34", 0.9375, null, 6_000_000L, 500L, null, null);
    study.recordTeacher(other);
    assertThat(study.teacher()).contains(other);
    Files.writeString(out().resolve("teacher.json"), "{");
    study.recordTeacher(untested);
    assertThat(study.teacher()).contains(untested);
  }

  /** A letter of a key is another one: Jackson passes the key over, and leaves its value out. */
  @ParameterizedTest
  @CsvSource({
    "inputs.json, precision",
    "inputs.json, source",
    "environment.json, processor",
    "teacher.json, sha256",
    "serving.json, models",
    "serving.json, numbers"
  })
  void aRecordWithADamagedKeyIsDamaged(String file, String key) throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    record(study.inputs());
    study.environmentFiles().record(Environment.read());
    study.recordTeacher(new TeacherRecord("airnet95", "ab12", null, null, null, null, null, null));
    study.recordServing(serving(study.plan().firstRuns().get(0)));
    Path path = out().resolve(file);
    Files.writeString(path, Files.readString(path).replace('"' + key + '"', "\"other\""));

    assertThatThrownBy(
            () -> {
              study.inputs().required();
              study.environments();
              study.teacher();
              study.serving();
            })
        .isInstanceOf(StudyRecordException.class)
        .hasMessageContaining(file + " is damaged")
        .hasMessageContaining(key);
  }

  @Test
  void whoChangesTheConfigurationOfAStudyIsNoticed() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    record(study.inputs());
    assertThat(study.isAsRegistered()).isTrue();
    Path resolved = out().resolve("resolved.yaml");
    Files.writeString(resolved, Files.readString(resolved).replaceFirst("seeds:", "seeds: # more"));
    assertThat(study.isAsRegistered()).isFalse();
  }

  private static void record(InputsFile inputs) {
    inputs.record(new Summary.DatasetSizes("data", 1, 1, 1), "d1", null, Map.of(), Precision.FP32);
  }

  @Test
  void theEnvironmentIsKeptAndASecondMachinesBesideIt() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    Environment here = Environment.read();
    assertThat(study.environmentFiles().record(here)).isEqualTo("environment.json");
    assertThat(study.environmentFiles().record(here)).isEqualTo("environment.json");
    assertThat(out().resolve("environment-2.json")).doesNotExist();
    assertThat(here.libtorch()).startsWith("2.");
    assertThat(here.java()).startsWith(Runtime.version().toString());
    Environment other =
        new Environment(
            "1", "c0ffee", "17", "Linux", "another", List.of(), 2, 2, 1, "2", "1", "p", "v",
            List.of(), null, null);
    assertThat(study.environmentFiles().record(other)).isEqualTo("environment-2.json");
    assertThat(study.environmentFiles().record(here)).isEqualTo("environment.json");
    JsonNode second = new ObjectMapper().readTree(out().resolve("environment-2.json").toFile());
    assertThat(second.get("processor").textValue()).isEqualTo("another");
    assertThat(out().resolve("environment-3.json")).doesNotExist();
  }

  @Test
  void aRunThatWasNotTestedIsNotDoneForAStudyThatTests() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    finish(study, result("resnet8", "hinton", 1, null, 0.5));
    RunName name = new RunName("resnet8", "hinton", 1);
    assertThat(study.runs().result(name, false)).isPresent();
    assertThat(study.runs().result(name, true)).isEmpty();
    assertThat(study.runs().metrics(name)).isEmpty();
  }
}
