package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.study.Environment;
import dev.retort.study.EpochMetrics;
import dev.retort.study.StudyRecordException;
import dev.retort.study.Summary;
import dev.retort.study.SummaryCells;
import dev.retort.study.config.RunName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyResultsTest {
  @TempDir Path folder;

  private Path metrics(String run) {
    return folder.resolve("runs").resolve(run).resolve("metrics.jsonl");
  }

  @Test
  void aWholeStudyHasEveryRunInTheStudysOrderAndNoGap() throws IOException {
    StudyResults study = SyntheticStudy.read(SyntheticStudy.demo(folder));
    assertThat(study.gaps()).isEmpty();
    assertThat(study.plan().methods())
        .containsExactly("cross-entropy", "hinton", "adversarial", "adversarial-hinton");
    assertThat(study.runs()).hasSize(12);
    assertThat(study.runs("resnet8", "hinton"))
        .extracting(run -> run.name().seed())
        .containsExactly(1L, 2L, 3L);
    assertThat(study.discriminators("resnet8", "adversarial"))
        .containsExactly("logits", "embedding");
    assertThat(study.isAdversarial("resnet8", "adversarial")).isTrue();
    assertThat(study.isAdversarial("resnet8", "cross-entropy")).isFalse();
    assertThat(study.environments()).extracting(Environment::threads).containsExactly(2);
  }

  @Test
  void aRunningStudyIsReadWithWhatItHasAndSaysWhatIsMissing() throws IOException {
    SyntheticStudy.demo(folder);
    Files.delete(folder.resolve("runs/resnet8-adversarial-hinton-seed3/result.json"));
    Files.delete(folder.resolve("teacher.json"));
    StudyResults study = SyntheticStudy.read(folder);
    assertThat(study.gaps())
        .anyMatch(gap -> gap.contains("teacher.json"))
        .anyMatch(gap -> gap.contains("1 of 12 runs") && gap.contains("hinton-seed3"));
    // The unfinished run keeps its method although both names hold hyphens.
    assertThat(study.runs("resnet8", "adversarial-hinton")).hasSize(3);
    Summary.MethodResult sum = study.measured("resnet8").get(3);
    assertThat(sum.counted(study.accuracies(sum))).containsOnlyKeys(1L, 2L);
    assertThat(sum.mean()).isCloseTo((0.63 + 0.64) / 2, within(1e-12));
  }

  @Test
  void aRunThatDivergedIsLeftOutAndNamedWithItsReason() throws IOException {
    SyntheticStudy.demo(folder);
    Path run = SyntheticStudy.diverge(folder, "resnet8-hinton-seed3");
    StudyResults study = SyntheticStudy.read(folder);
    assertThat(study.gaps())
        .containsExactly(
            "resnet8-hinton-seed3 is left out: training diverged at step 7, before its update");
    assertThat(study.runs("resnet8", "hinton"))
        .extracting(each -> each.name().seed())
        .containsExactly(1L, 2L);
    Summary summary = study.summary();
    assertThat(summary.methods())
        .filteredOn(method -> method.name().equals("hinton"))
        .extracting(SummaryCells::seeds)
        .containsExactly("2, 1 diverged");
    assertThat(summary.comparisons())
        .filteredOn(row -> row.method().equals("hinton") && row.baseline().equals("cross-entropy"))
        .extracting(SummaryCells::pairs)
        .containsExactly("2, 1 diverged");

    Files.move(folder.resolve("result.json"), run.resolve("result.json"));
    assertThat(SyntheticStudy.read(folder).gaps()).isEmpty();
    assertThat(SyntheticStudy.read(folder).runs("resnet8", "hinton")).hasSize(3);
  }

  /** The mean of those that are left flatters a method. */
  @Test
  void theHeadlineAndTheFigureSayHowManySeedsDiverged() throws IOException {
    SyntheticStudy.demo(folder);
    SyntheticStudy.diverge(folder, "resnet8-adversarial-hinton-seed3");
    StudyResults study = SyntheticStudy.read(folder);
    assertThat(Headline.of(study).get(0)).contains("over 2 seeds, without 1 that diverged)");
    assertThat(FigureSet.of(study))
        .filteredOn(figure -> figure.name().equals("test-accuracy"))
        .singleElement()
        .extracting(Figure::caption)
        .asString()
        .endsWith("Diverged, and left out: adversarial-hinton 1.");

    for (SyntheticStudy.Method method : SyntheticStudy.DEMO) {
      for (int seed = 1; seed <= 3; seed++) {
        String run = "resnet8-" + method.name() + "-seed" + seed;
        if (Files.exists(folder.resolve("runs/" + run + "/result.json"))) {
          SyntheticStudy.diverge(folder, run);
        }
      }
    }
    assertThat(Headline.of(SyntheticStudy.read(folder)))
        .containsExactly("Every run of resnet8 has diverged.");
  }

  /** Seeds 1 and 2 are 0.615 and 0.625, and have a standard deviation of 0.01 / √2. */
  @Test
  void anAddedSeedIsShownAndEntersNothing() throws IOException {
    SyntheticStudy.demo(folder);
    SyntheticStudy.register(folder, 1, 2);
    SyntheticStudy.diverge(folder, "resnet8-cross-entropy-seed3");
    StudyResults study = SyntheticStudy.read(folder);
    Summary.MethodResult hinton = study.measured("resnet8").get(1);
    assertThat(hinton.exploratory()).containsExactly(3L);
    assertThat(hinton.counted(study.accuracies(hinton))).containsOnlyKeys(1L, 2L);
    assertThat(hinton.meanAgreement()).isCloseTo((0.635 + 0.645) / 2, within(1e-12));
    assertThat(study.runs("resnet8", "hinton"))
        .extracting(run -> run.name().seed())
        .containsExactly(1L, 2L);
    // Student's t with one degree of freedom: 12.706 times 0.01 / √2 / √2.
    assertThat(AccuracyFigure.of(study, "resnet8").get(0).description())
        .contains("hinton 62.00 ± 6.35 per cent");
    assertThat(AccuracyFigure.of(study, "resnet8").get(0).caption())
        .contains("exploratory")
        .contains("n = 2 seeds a method");
    assertThat(SummaryCells.seeds(study.summary().methods().get(0))).isEqualTo("2");
    assertThat(SummaryCells.seeds(hinton)).isEqualTo("2 + 1 exploratory");
  }

  @Test
  void aMethodOfAddedSeedsAloneHasNoMeanAndIsInNoFigure() throws IOException {
    SyntheticStudy.demo(folder);
    SyntheticStudy.register(folder, 1);
    Files.delete(folder.resolve("runs/resnet8-hinton-seed1/result.json"));
    StudyResults study = SyntheticStudy.read(folder);
    assertThat(study.measured("resnet8"))
        .extracting(Summary.MethodResult::name)
        .containsExactly("cross-entropy", "adversarial", "adversarial-hinton");
    assertThat(AccuracyFigure.of(study, "resnet8")).hasSize(1);
    assertThat(Headline.of(study)).hasSize(1);
  }

  @Test
  void aLastLineCutByAKilledRunIsLeftOut() throws IOException {
    SyntheticStudy.demo(folder);
    Files.writeString(
        metrics("resnet8-hinton-seed2"), "{\"epoch\": 13, \"vali", StandardOpenOption.APPEND);
    assertThat(SyntheticStudy.read(folder).runs("resnet8", "hinton").get(1).epochs()).hasSize(12);
  }

  @Test
  void ofSeveralMachinesEachValueThatIsAnotherIsThere() throws IOException {
    SyntheticStudy.demo(folder);
    SyntheticStudy.writeEnvironment(
        folder.resolve("environment-2.json"), 4, List.of("avx2", "bf16"));
    assertThat(Facts.ofAll("Environment", SyntheticStudy.read(folder).environments()).facts())
        .contains(
            new Facts.Fact("retort", "0.1.0"),
            new Facts.Fact("threads", "1: 2; 2: 4"),
            new Facts.Fact("features", "1: avx2; 2: avx2, bf16"),
            new Facts.Fact("java", "17.0.12"));
  }

  @Test
  void aRunOfANegativeSeedHasItsPlaceBeforeItHasAResult() throws IOException {
    SyntheticStudy.demo(folder);
    Path unfinished = folder.resolve("runs/resnet8-hinton-seed-5");
    Files.createDirectory(unfinished);
    Files.copy(metrics("resnet8-hinton-seed2"), unfinished.resolve("metrics.jsonl"));
    Run run = SyntheticStudy.read(folder).runs("resnet8", "hinton").get(0);
    assertThat(run.name().seed()).isEqualTo(-5);
    assertThat(run.epochs()).hasSize(12);
  }

  /**
   * No method is named hinton, so {@code resnet8-x-hinton-seed1} is a run of resnet8, though
   * resnet8-x is a student too.
   */
  @Test
  void anUnfinishedRunIsTheOneOfTheStudysGridThatItsFolderIsNamedAfter() throws IOException {
    List<SyntheticStudy.Method> methods =
        List.of(
            new SyntheticStudy.Method("cross-entropy", List.of(), 0.5),
            new SyntheticStudy.Method("x-hinton", List.of(), 0.6));
    new SyntheticStudy(folder, List.of("resnet8", "resnet8-x"), methods, 1, 3).write();
    Files.delete(folder.resolve("runs/resnet8-x-hinton-seed1/result.json"));
    StudyResults study = SyntheticStudy.read(folder);
    assertThat(study.plan().methods()).containsExactly("cross-entropy", "x-hinton");
    assertThat(study.runs("resnet8", "x-hinton"))
        .extracting(Run::name)
        .containsExactly(new RunName("resnet8", "x-hinton", 1));
    assertThat(study.runs("resnet8-x", "x-hinton"))
        .extracting(Run::name)
        .containsExactly(new RunName("resnet8-x", "x-hinton", 1));
  }

  /** YAML 1.1 reads these as truth values, a number, nothing and a date. */
  @Test
  void aMethodIsCalledWhatTheStudyCallsItWhateverOtherReadersTakeThatFor() throws IOException {
    List<String> names = List.of("off", "no", "on", "y", "1e3", "null", "2001-01-01");
    new SyntheticStudy(
            folder,
            List.of("resnet8"),
            names.stream().map(name -> new SyntheticStudy.Method(name, List.of(), 0.5)).toList(),
            1,
            3)
        .write();
    for (String name : names) {
      Files.delete(folder.resolve("runs/resnet8-" + name + "-seed1/result.json"));
    }
    // What ConfigurationReader leaves unquoted, as its own reader takes it for text.
    Path resolved = folder.resolve("resolved.yaml");
    Files.writeString(
        resolved, Files.readString(resolved).replaceAll("name: '(off|no|on|y)'", "name: $1"));
    StudyResults study = SyntheticStudy.read(folder);
    assertThat(study.plan().methods()).containsExactlyElementsOf(names);
    assertThat(study.runs())
        .extracting(run -> run.name().method())
        .containsExactlyElementsOf(names);
    assertThat(study.gaps()).anyMatch(gap -> gap.startsWith("7 of 7 runs have no result: "));
  }

  @Test
  void aFolderNamedAfterNoRunOfTheStudyIsLeftOutAndNotGuessed() throws IOException {
    SyntheticStudy.demo(folder);
    Path other = Files.createDirectory(folder.resolve("runs/resnet8-other-seed1"));
    Files.copy(metrics("resnet8-hinton-seed2"), other.resolve("metrics.jsonl"));
    StudyResults study = SyntheticStudy.read(folder);
    assertThat(study.plan().methods()).doesNotContain("other");
    assertThat(study.gaps())
        .containsExactly(
            "The folder runs/resnet8-other-seed1 was left out: no run of the study has that name.");
  }

  /** Else the page would have no alarm of it, which its result may name. */
  @Test
  void aResultWhoseEpochsAreGoneIsNamed() throws IOException {
    SyntheticStudy.demo(folder);
    Files.delete(metrics("resnet8-hinton-seed2"));
    assertThat(SyntheticStudy.read(folder).gaps())
        .containsExactly(
            "1 run has a result and no metrics.jsonl, so its curve and alarms are missing:"
                + " resnet8-hinton-seed2.");
  }

  @Test
  void aBrokenLineIsNamedWithItsFileAndNumber() throws IOException {
    SyntheticStudy.demo(folder);
    Path file = metrics("resnet8-hinton-seed2");
    Files.writeString(file, Files.readAllLines(file).get(0) + "\n{\"epoch\" 2}\n");
    assertThatThrownBy(() -> SyntheticStudy.read(folder))
        .isInstanceOf(StudyRecordException.class)
        .hasMessageContaining("runs/resnet8-hinton-seed2/metrics.jsonl:2");
  }

  @Test
  void aStudyThatLeavesTheTestSetUnreadIsMeasuredOnValidationImages() throws IOException {
    SyntheticStudy.demo(folder);
    Files.writeString(
        folder.resolve("resolved.yaml"),
        Files.readString(folder.resolve("resolved.yaml")) + "test: false\n");
    StudyResults study = SyntheticStudy.read(folder);
    assertThat(study.split()).isEqualTo("validation");
    assertThat(study.teacherAccuracy()).isEqualTo(0.9402);
    assertThat(study.measured("resnet8").get(1).mean())
        .isCloseTo(SyntheticStudy.validation(0.625, 12), within(1e-12));
  }

  @Test
  void curvesAverageOverTheSeedsThatHaveReachedTheEpoch() {
    List<Run> runs =
        List.of(
            run(1, List.of(0.2, 0.5, 0.6)), run(2, List.of(0.4, 0.6)), run(3, List.of(0.6, 1.0)));
    SeedCurve curve = SeedCurve.over(runs, EpochMetrics::validationAccuracy);
    assertThat(curve.seeds()).isEqualTo(3);
    assertThat(curve.unfinished()).isTrue();
    assertThat(curve.interrupted()).isFalse();
    SeedCurve.Point first = curve.points().get(0);
    assertThat(first.mean()).isCloseTo(0.4, within(1e-12));
    assertThat(first.deviation()).isCloseTo(0.2, within(1e-12));
    SeedCurve.Point second = curve.points().get(1);
    // 0.5, 0.6, 1.0: deviations from 0.7 are −0.2, −0.1, 0.3; their squares sum to 0.14.
    assertThat(second.mean()).isCloseTo(0.7, within(1e-12));
    assertThat(second.deviation()).isCloseTo(Math.sqrt(0.07), within(1e-12));
    SeedCurve.Point third = curve.points().get(2);
    assertThat(third.deviation()).isZero();
  }

  /** An observer that diverged has no figures from there on, and its run goes on. */
  @Test
  void aCurveThatEndsBeforeItsRunIsNotThatOfARunThatIsNotDone() {
    List<Run> runs = List.of(run(1, List.of(0.2, 0.5)), run(2, List.of(0.4, 0.0)));
    SeedCurve curve =
        SeedCurve.over(
            runs,
            epoch ->
                Objects.equals(epoch.validationAccuracy(), 0.0)
                    ? null
                    : epoch.validationAccuracy());
    assertThat(curve.unfinished()).isFalse();
    assertThat(curve.interrupted()).isTrue();
  }

  private static Run run(long seed, List<Double> accuracies) {
    List<EpochMetrics> epochs = new ArrayList<>();
    for (double accuracy : accuracies) {
      epochs.add(
          new EpochMetrics(
              epochs.size() + 1, 0, 0, 0, null, Map.of(), accuracy, Map.of(), List.of()));
    }
    return new Run(new RunName("resnet8", "hinton", seed), epochs);
  }
}
