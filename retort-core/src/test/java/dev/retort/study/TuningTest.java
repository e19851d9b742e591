package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.study.config.Comparison;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TuningBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What a search chooses, and what comes of it, without its trainings. */
@NullUnmarked
class TuningTest extends ReadSearch {
  /** What a run reaches, given the settings of its trial. */
  private interface Objective {
    Double accuracy(Map<String, Object> settings, long seed);
  }

  private static Function<RunName, Optional<RunResult>> results(
      Tuning tuning, Objective objective) {
    return run -> {
      int end = run.method().lastIndexOf('-');
      int trial = Integer.parseInt(run.method().substring(end + 1));
      Map<String, Object> settings =
          tuning.search().settings().get(run.method().substring(0, end)).get(trial - 1);
      return Optional.ofNullable(objective.accuracy(settings, run.seed()))
          .map(
              accuracy ->
                  PlannedStudy.result(run.student(), run.method(), run.seed(), null, accuracy));
    };
  }

  private static Trial chosen(List<Trial> trials) {
    return trials.stream().filter(Trial::chosen).findFirst().orElseThrow();
  }

  /** Each of the 40 parts of the range, 0.05 decades wide, is drawn from once. */
  @Test
  void theOptimumOfAKnownObjectiveIsFoundWithinAPartOfTheRange() throws IOException {
    Tuning tuning =
        tuning("[hinton]", "{trials: 41, space: {hinton: {hinton.weight: {log: [0.1, 10]}}}}");
    List<Trial> trials =
        tuning.chosen(
            results(
                tuning,
                (settings, seed) ->
                    0.8 - 0.1 * Math.abs(Math.log10(number(settings, "hinton.weight") / 2.5))));
    double found = number(chosen(trials).settings(), "hinton.weight");
    assertThat(Math.log10(found)).isCloseTo(Math.log10(2.5), within(0.05 + 0.002));
  }

  /** 496 of 1,000 images each, whose mean has another last bit in this order of seeds. */
  @Test
  void ofTrialsWithEqualMeansTheEarlierIsChosen() throws IOException {
    Tuning tuning =
        tuning(
            "[hinton]",
            "{trials: 2, seeds: [101, 102, 103], confirm: {best: 2, seeds: []},"
                + " space: {hinton: {hinton.temperature: [1, 2]}}}");
    double[][] accuracies = {{0.457, 0.570, 0.461}, {0.467, 0.560, 0.461}};
    List<Map<String, Object>> settings = tuning.search().settings().get("hinton");
    var results = results(tuning, (of, seed) -> accuracies[settings.indexOf(of)][(int) seed - 101]);
    assertThat(chosen(tuning.chosen(results)).trial()).isEqualTo(1);
  }

  /** Trial 2 leads by a lucky seed; of the best two, trial 3 has the higher mean over all seeds. */
  @Test
  void moreSeedsDecideAmongTheBestAndADivergedTrialIsNeverOneOfThem() throws IOException {
    Tuning tuning =
        tuning(
            "[hinton]",
            "{trials: 4, seeds: [101], confirm: {best: 2, seeds: [102, 103]},"
                + " space: {hinton: {hinton.temperature: [1, 2, 3, 4]}}}");
    Double[][] accuracies = {
      {0.5, null, null}, {0.8, 0.6, 0.7}, {0.75, 0.74, 0.73}, {null, 1., 1.}
    };
    List<Map<String, Object>> settings = tuning.search().settings().get("hinton");
    var results = results(tuning, (of, seed) -> accuracies[settings.indexOf(of)][(int) seed - 101]);

    List<Trial> best = tuning.best(tuning.searched(results));
    List<Trial> trials = tuning.chosen(results);

    assertThat(best).extracting(Trial::trial).containsExactly(2, 3);
    assertThat(trials).extracting(Trial::confirmed).containsExactly(false, true, true, false);
    assertThat(trials).extracting(Trial::searchAccuracy).containsExactly(0.5, 0.8, 0.75, null);
    assertThat(chosen(trials).trial()).isEqualTo(3);
    assertThat(chosen(trials).mean()).isCloseTo(0.74, within(1e-12)); // (0.75 + 0.74 + 0.73) / 3
    assertThat(chosen(trials).seeds()).containsExactly(101L, 102L, 103L);
    // Three epochs a run: four runs of the search, four of the confirmation.
    assertThat(tuning.budget("hinton", trials))
        .isEqualTo(new TuningBudget(4, 24, List.of(101L, 102L, 103L)));
  }

  /**
   * A run that was never done is none that diverged; one of the two trials has, and is to count.
   */
  @Test
  void aSearchWithRunsThatWereNeverDoneIsNotSummedUp() throws IOException {
    Tuning tuning =
        Tuning.read(file("[hinton]", "{trials: 2, confirm: {best: 1, seeds: [102]}}"), List.of());
    TuningFolder search = TuningFolder.begin(folder.resolve("out"), tuning, false);
    search.searchStudy().begin(search.search());
    Path runs = search.search().resolve("runs");
    record(runs.resolve("resnet8-hinton-01-seed101/result.json"), result("hinton-01", 101));

    assertThatThrownBy(search::chooseBest)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("1 of 2 runs are still to be done: resnet8-hinton-02-seed101");
    assertThatThrownBy(search::finish).isInstanceOf(IllegalStateException.class);

    record(
        runs.resolve("resnet8-hinton-02-seed101/diverged.json"),
        new Divergence("resnet8", "hinton-02", 101, "not finite", List.of()));
    assertThat(search.chooseBest()).isTrue();
    assertThatThrownBy(search::finish)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("1 of 1 runs are still to be done: resnet8-hinton-01-seed102");

    record(
        search.confirmation().resolve("runs/resnet8-hinton-01-seed102/result.json"),
        result("hinton-01", 102));
    assertThat(search.finish()).extracting(Trial::chosen).containsExactly(true, false);
  }

  private static RunResult result(String method, long seed) {
    return PlannedStudy.result("resnet8", method, seed, null, 0.5);
  }

  private static void record(Path file, Object record) throws IOException {
    Files.createDirectories(file.getParent());
    StudyJson.write(file, record);
  }

  @Test
  void ofEqualTrialsTheEarlierIsChosenAndOfDivergedOnesNone() throws IOException {
    Tuning tuning = tuning("[hinton, dist]", "{trials: 3, confirm: {best: 3, seeds: []}}");
    var results =
        results(
            tuning, (settings, seed) -> settings.containsKey("dist.weight") ? null : (Double) 0.5);

    List<Trial> trials = tuning.chosen(results);

    assertThat(chosen(trials).name()).isEqualTo("hinton-01");
    assertThat(tuning.withoutChoice(trials)).containsExactly("dist");
  }

  /** A second search is not free, and its seeds are no fresher than the first one's. */
  @Test
  void aSecondSearchAddsToTheBudgetOfTheFirst() throws IOException {
    Tuning tuning =
        tuning(
            "[{name: hinton, objectives: [hinton], budget: {trials: 12, epochs: 288, seeds: [7]}}]",
            "{trials: 2, confirm: {best: 1, seeds: []}}");
    List<Trial> trials = tuning.chosen(results(tuning, (settings, seed) -> 0.5));
    assertThat(tuning.budget("hinton", trials))
        .isEqualTo(new TuningBudget(14, 294, List.of(7L, 101L))); // two runs of three epochs

    Path tuned =
        Files.writeString(
            folder.resolve("tuned.yaml"), tuning.tunedYaml(trials, tuning.warnings(trials)));
    assertThatThrownBy(
            () -> ConfigurationReader.standard().readStudy(tuned, List.of("seeds=[1, 101]")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("the settings of 'hinton' were chosen by seed 101");
  }

  @Test
  void aChoiceAtTheEdgeOfItsRangeIsAWarningUnlessNothingLiesBeyond() throws IOException {
    Tuning tuning =
        tuning(
            "[hinton, cross-entropy]",
            "{trials: 2, space: {hinton: {hinton.temperature: [1, 4, 16],"
                + " hinton.weight: {log: [0.1, 10]}},"
                + " cross-entropy: {cross-entropy.labelSmoothing: {linear: [0, 0.2]}}}}");
    assertThat(warnings(tuning, "hinton", Map.of("hinton.temperature", 4.0, "hinton.weight", 1.0)))
        .isEmpty();
    assertThat(warnings(tuning, "hinton", Map.of("hinton.temperature", 16.0, "hinton.weight", 7.0)))
        .containsExactly(
            "hinton: the chosen hinton.temperature 16 is within a tenth of an end of its range [1, 4, 16]:"
                + " better ones may lie beyond, where tune.space can have it search",
            "hinton: the chosen hinton.weight 7 is within a tenth of an end of its range {log: [0.1, 10]}:"
                + " better ones may lie beyond, where tune.space can have it search");
    String smoothing = "cross-entropy.labelSmoothing";
    assertThat(warnings(tuning, "cross-entropy", Map.of(smoothing, 0.0))).isEmpty();
    assertThat(warnings(tuning, "cross-entropy", Map.of(smoothing, 0.19))).hasSize(1);
  }

  /** By itself a start of 0.2 and more is refused: the method's own weight is whole at 0.2. */
  @Test
  void whatMayLieBeyondIsAskedBesideTheOtherChosenSettings() throws IOException {
    String start = "adversary.weight.start";
    String full = "adversary.weight.full";
    Tuning tuning =
        tuning(
            "[adversarial]",
            "{trials: 2, space: {adversarial: {%s: {linear: [0, 0.2]}, %s: {linear: [0.25, 0.5]}}}}"
                .formatted(start, full));
    assertThat(warnings(tuning, "adversarial", Map.of(start, 0.19, full, 0.4)))
        .singleElement()
        .asString()
        .startsWith("adversarial: the chosen " + start + " 0.19");
  }

  /** The figure of each setting would have two columns for one value. */
  @Test
  void aMethodsOwnChoiceIsCalledAsTheRangeHasIt() throws IOException {
    Tuning tuning =
        tuning(
            "[adversarial]",
            "{trials: 2, space: {adversarial: {adversary.encoding: [raw, centred]}}}");
    assertThat(tuning.search().settings().get("adversarial"))
        .extracting(each -> each.get("adversary.encoding"))
        .containsExactly("raw", "centred");
  }

  @Test
  void anAlarmOfTheChosenSettingIsAWarning() throws IOException {
    Tuning tuning = tuning("[hinton, dist]", "{trials: 2}");
    Map<String, Object> middle = Map.of("hinton.temperature", 4.0, "hinton.weight", 1.0);
    assertThat(warnings(tuning, "hinton", middle, "the term hinton swamps the rest"))
        .containsExactly(
            "hinton: the chosen setting raised an alarm: the term hinton swamps the rest");
  }

  private static List<String> warnings(
      Tuning tuning, String method, Map<String, Object> settings, String... alarm) {
    List<String> alarms = List.of(alarm);
    return tuning.warnings(
        List.of(
            new Trial(
                method, 2, settings, List.of(), List.of(), null, null, 0, 0, false, true, alarms)));
  }

  @Test
  void theTwoStudiesLeaveTheTestImagesUnreadAndTheTunedOneIsAsTheFileHasIt() throws IOException {
    Path study = file("[hinton, {name: ttm, extends: ttm, seeds: [4]}]", "{trials: 2}");
    Tuning tuning = Tuning.read(study, List.of());
    var results = results(tuning, (settings, seed) -> 0.5);
    List<Trial> trials = tuning.chosen(results);
    ConfigurationReader reader = ConfigurationReader.standard();
    Path yaml = folder.resolve("generated.yaml");

    Files.writeString(yaml, tuning.searchYaml());
    StudyConfiguration search = reader.readStudy(yaml, List.of()).configuration();
    Files.writeString(yaml, tuning.confirmationYaml(tuning.best(trials), 3, "bf16"));
    StudyConfiguration confirmation = reader.readStudy(yaml, List.of()).configuration();
    Files.writeString(yaml, tuning.tunedYaml(trials, tuning.warnings(trials)));
    StudyConfiguration tuned = reader.readStudy(yaml, List.of()).configuration();

    assertThat(List.of(search.test(), confirmation.test(), tuned.test()))
        .containsExactly(false, false, true);
    assertThat(search.runs())
        .extracting(RunName::toString)
        .containsExactly(
            "resnet8-hinton-01-seed101",
            "resnet8-hinton-02-seed101",
            "resnet8-ttm-01-seed101",
            "resnet8-ttm-02-seed101");
    assertThat(search.methods().get(0).objectives())
        .isEqualTo(reader.method("hinton").objectives());
    assertThat(confirmation.seeds()).containsExactly(102L, 103L);
    assertThat(confirmation.training().threads()).isEqualTo(3);
    assertThat(tuned.seeds()).containsExactly(1L, 2L, 3L);
    assertThat(tuned.methods().get(1).seeds()).containsExactly(4L);
    assertThat(tuned.comparisons()).isEqualTo(tuning.search().study().comparisons());
    // Two trials of one seed and two of two more, three epochs each.
    assertThat(tuned.methods())
        .extracting(MethodConfiguration::budget)
        .containsOnly(new TuningBudget(2, 18, List.of(101L, 102L, 103L)));
  }

  @Test
  void aComparisonOfUnequalBudgetsIsMarked() {
    StudyPlan plan =
        new StudyPlan(
            List.of("resnet8"),
            List.of("a", "b", "c"),
            Map.of("a", List.of(1L), "b", List.of(1L), "c", List.of(1L)),
            Map.of("a", new TuningBudget(12, 288), "b", new TuningBudget(12, 288)),
            List.of(new Comparison("a", "b"), new Comparison("a", "c")),
            null,
            true,
            false,
            true);
    Summary summary =
        new SummaryBuilder(plan, List.of(), List.of(), true, run -> null)
            .build(new Summary.DatasetSizes("data", 1, 1, 1), null);
    assertThat(summary.comparisons())
        .extracting(Summary.ComparisonResult::unequalBudgets)
        .containsExactly(false, true);
    assertThat(SummaryTable.of(summary, null))
        .contains("| settings tuned by |", "| 12 trials, 288 epochs |", "| a | b |", "| a | c † |")
        .contains("† The settings of the two methods were tuned by unequal budgets");
    assertThat(StudyJson.line(summary))
        .contains("\"budget\":{\"trials\":12,\"epochs\":288}")
        .containsOnlyOnce("\"unequalBudgets\":true")
        .doesNotContain("\"unequalBudgets\":false");
  }

  /**
   * Of 0.1, 0.2 and 0.4 the largest of two draws is 0.1 in one of nine cases, 0.2 in three, 0.4 in
   * five; of three draws in 1, 7 and 19 of 27.
   */
  @Test
  void theBestToBeExpectedAfterSoManyTrials() {
    List<Double> values = List.of(0.4, 0.1, 0.2);
    assertThat(Statistics.expectedMaximum(values, 1)).isCloseTo(0.7 / 3, within(1e-12));
    assertThat(Statistics.expectedMaximum(values, 2)).isCloseTo(2.7 / 9, within(1e-12));
    assertThat(Statistics.expectedMaximum(values, 3)).isCloseTo(9.1 / 27, within(1e-12));
    assertThat(Statistics.expectedMaximum(List.of(0.3, 0.3), 5)).isCloseTo(0.3, within(1e-12));
    assertThatThrownBy(() -> Statistics.expectedMaximum(List.of(), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
