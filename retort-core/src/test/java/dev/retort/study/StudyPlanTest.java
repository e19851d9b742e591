package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.study.config.Comparison;
import dev.retort.study.config.RunName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What a study is going to do, as its folder has it. */
@NullUnmarked
class StudyPlanTest extends PlannedStudy {
  @Test
  void aPlanNamesWhatTheConfigurationNames() throws IOException {
    StudyPlan plan = StudyFolder.begin(out(), configuration("test=false"), false).plan();
    assertThat(plan)
        .isEqualTo(
            new StudyPlan(
                List.of("resnet8", "resnet20"),
                List.of("cross-entropy", "hinton", "own"),
                Map.of(
                    "cross-entropy",
                    List.of(1L, 2L),
                    "hinton",
                    List.of(1L, 2L),
                    "own",
                    List.of(1L, 2L)),
                Map.of(),
                List.of(
                    new Comparison("hinton", "cross-entropy"),
                    new Comparison("own", "cross-entropy"),
                    new Comparison("own", "hinton")),
                null,
                true,
                false,
                false));
    Path file = folder.resolve("teacher.yaml");
    Files.writeString(
        file, "{data: 'cifar10:data', network: resnet20, seed: 7, training: {epochs: 2}}");
    StudyFolder training =
        StudyFolder.begin(folder.resolve("training"), READER.readTraining(file, List.of()), false);
    assertThat(training.plan())
        .isEqualTo(
            new StudyPlan(
                List.of("resnet20"),
                List.of("cross-entropy"),
                Map.of("cross-entropy", List.of(7L)),
                Map.of(),
                List.of(),
                null,
                false,
                true,
                true));
    assertThat(training.configuration().runs())
        .extracting(run -> training.plan().run(run.toString()).orElseThrow())
        .containsExactlyElementsOf(training.configuration().runs());
  }

  @Test
  void aFolderBelongsToTheOneRunOfThePlanThatItIsNamedAfter() {
    StudyPlan plan =
        new StudyPlan(
            List.of("resnet8", "resnet8-x"),
            List.of("x-hinton", "seed1", "off"),
            Map.of(),
            Map.of(),
            List.of(),
            null,
            true,
            false,
            true);
    assertThat(plan.run("resnet8-x-hinton-seed1")).contains(new RunName("resnet8", "x-hinton", 1));
    assertThat(plan.run("resnet8-x-x-hinton-seed-5"))
        .contains(new RunName("resnet8-x", "x-hinton", -5));
    assertThat(plan.run("resnet8-seed1-seed2")).contains(new RunName("resnet8", "seed1", 2));
    assertThat(plan.run("resnet8-x-off-seed9223372036854775807"))
        .contains(new RunName("resnet8-x", "off", Long.MAX_VALUE));
    for (String none :
        List.of(
            "resnet8-x-off-seed9223372036854775808",
            "resnet8-x-hinton-seed01",
            "resnet8-hinton-seed1",
            "resnet8-seed1")) {
      assertThat(plan.run(none)).as(none).isEmpty();
    }
  }

  @Test
  void aDamagedPlanNamesItsFileAndKey() throws IOException {
    StudyFolder study = StudyFolder.begin(out(), configuration(), false);
    Path resolved = out().resolve("resolved.yaml");
    Files.writeString(resolved, "students: [resnet8]\nmethods: [{objectives: [hinton]}]\n");
    assertThatThrownBy(study::plan)
        .isInstanceOf(StudyRecordException.class)
        .hasMessage(
            resolved
                + ": methods has an entry without a name; bring the file back, or begin in another"
                + " folder");
    Files.writeString(resolved, "students: [resnet8\n");
    assertThatThrownBy(study::plan)
        .isInstanceOf(StudyRecordException.class)
        .hasMessageStartingWith(resolved + ":2:1: this is not YAML: ")
        .hasMessageEndingWith("; bring the file back, or begin in another folder");
  }
}
