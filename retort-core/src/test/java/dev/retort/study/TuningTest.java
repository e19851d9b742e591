package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.study.config.Comparison;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.study.config.MethodPresets;
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
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The search for settings, without its trainings. */
@NullUnmarked
class TuningTest {
  @TempDir Path folder;

  private Path file(String methods, String tune) throws IOException {
    return Files.writeString(
        folder.resolve("study.yaml"),
        """
        data: cifar10-mini
        teacher: bundled:cifar10
        student: resnet8
        training: {epochs: 3}
        methods: %s
        tune: %s
        """
            .formatted(methods, tune));
  }

  private Tuning tuning(String methods, String tune) throws IOException {
    return Tuning.read(file(methods, tune), List.of());
  }

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
          tuning.settings().get(run.method().substring(0, end)).get(trial - 1);
      return Optional.ofNullable(objective.accuracy(settings, run.seed()))
          .map(
              accuracy ->
                  new RunResult(
                      run.student(),
                      run.method(),
                      run.seed(),
                      null,
                      null,
                      accuracy,
                      2,
                      1,
                      1,
                      1,
                      List.of(),
                      null));
    };
  }

  private static double number(Map<String, Object> settings, String key) {
    return ((Number) settings.get(key)).doubleValue();
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
    List<Map<String, Object>> settings = tuning.settings().get("hinton");
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
    List<Map<String, Object>> settings = tuning.settings().get("hinton");
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

  @Test
  void theFirstTrialIsTheMethodsOwnAndTheOthersFillEveryRangeEvenly() throws IOException {
    Tuning tuning =
        tuning(
            "[hinton]",
            "{trials: 11, space: {hinton: {hinton.temperature: [1, 2, 4, 8, 16],"
                + " hinton.weight: {log: [0.1, 10]}, hinton.crossEntropy: {linear: [0, 1]}}}}");
    List<Map<String, Object>> settings = tuning.settings().get("hinton");
    assertThat(settings.get(0))
        .isEqualTo(
            Map.of("hinton.temperature", 4.0, "hinton.weight", 0.9, "hinton.crossEntropy", 0.1));
    List<Map<String, Object>> drawn = settings.subList(1, 11);
    assertThat(drawn.stream().map(each -> each.get("hinton.temperature")).sorted())
        .containsExactly(1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0, 8.0, 16.0, 16.0);
    assertThat(
            drawn.stream()
                .map(each -> (int) (5 * (Math.log10(number(each, "hinton.weight")) + 1)))
                .sorted())
        .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
    assertThat(
            drawn.stream().map(each -> (int) (10 * number(each, "hinton.crossEntropy"))).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
  }

  @Test
  void settingsAreAFunctionOfTheConfigurationAndDifferFromSeedToSeed() throws IOException {
    String space = "space: {hinton: {hinton.weight: {log: [0.1, 10]}%s}}";
    String one = "{trials: 6, " + space.formatted("") + "}";
    List<Map<String, Object>> first = tuning("[hinton]", one).settings().get("hinton");
    assertThat(tuning("[hinton]", one).settings().get("hinton")).isEqualTo(first);
    assertThat(
            tuning("[hinton]", "{trials: 6, seeds: [7], " + space.formatted("") + "}")
                .settings()
                .get("hinton"))
        .isNotEqualTo(first);
    // A key more leaves the draws of the others as they were.
    String two = "{trials: 6, " + space.formatted(", hinton.temperature: [1, 2]") + "}";
    assertThat(tuning("[hinton]", two).settings().get("hinton"))
        .extracting(each -> each.get("hinton.weight"))
        .isEqualTo(first.stream().map(each -> each.get("hinton.weight")).toList());
  }

  /** Nine of twelve settings are soon drawn twice; a file may be written anew in another order. */
  @Test
  void theOrderOfKeysHasNoPartInWhatIsDrawn() throws IOException {
    String temperature = "hinton.temperature: [1, 2, 4, 8]";
    String weight = "hinton.weight: [0.5, 0.9, 2]";
    String tune = "{trials: 9, space: {hinton: {%s, %s}}}";

    assertThat(tuning("[hinton]", tune.formatted(weight, temperature)).settings())
        .isEqualTo(tuning("[hinton]", tune.formatted(temperature, weight)).settings());
  }

  @Test
  void noSettingIsTriedTwiceAndAListMayBeTriedWhole() throws IOException {
    String space = "space: {hinton: {hinton.temperature: [1, 2, 4, 8, 16]}}";
    assertThat(tuning("[hinton]", "{trials: 5, " + space + "}").settings().get("hinton"))
        .extracting(each -> each.get("hinton.temperature"))
        .containsExactlyInAnyOrder(1.0, 2.0, 4.0, 8.0, 16.0);
    assertThatThrownBy(() -> tuning("[hinton]", "{trials: 6, " + space + "}"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("study.yaml:6:")
        .hasMessageContaining("there are 5 different settings")
        .hasMessageContaining("tune.trials is 6");
    String narrow = "space: {adversarial: {adversary.steps: {linear: [1, 2]}}}";
    assertThatThrownBy(() -> tuning("[adversarial]", "{trials: 3, " + narrow + "}"))
        .hasMessageContaining("there are 2 different settings");
  }

  @Test
  void aWholeNumberIsDrawnWholeAndACountedObjectiveIsTheOneThatChanges() throws IOException {
    Tuning tuning =
        tuning(
            "[{name: two, objectives: [cross-entropy, adversary: {on: [logits]},"
                + " adversary: {on: [embedding]}]}]",
            "{trials: 5, space: {two: {2.adversary.steps: {linear: [1, 9]},"
                + " 2.adversary.encoding.softmax.temperature: {log: [1, 4]}}}}");
    assertThat(tuning.settings().get("two"))
        .extracting(each -> each.get("2.adversary.steps"))
        .allMatch(Long.class::isInstance);
    assertThat(tuning.searchYaml()).contains("softmax:\n").contains("on:\n      - embedding");
    // A key that the method leaves unset stays unset in its own trial.
    assertThat(tuning.settings().get("two").get(0))
        .containsEntry("2.adversary.encoding.softmax.temperature", null);
    ConfigurationReader reader = ConfigurationReader.standard();
    Path yaml = Files.writeString(folder.resolve("search.yaml"), tuning.searchYaml());
    assertThat(reader.readStudy(yaml, List.of()).configuration().methods().get(0).objectives())
        .isEqualTo(tuning.study().methods().get(0).objectives());
  }

  /**
   * As report reads it: with every default written out, of which the searched key takes the place.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "adversary.weight.fixed: {log: [0.01, 1]}",
        "adversary.encoding.softmax.temperature: {log: [1, 4]}",
        "adversary.encoding: [raw, centred, {softmax: {temperature: 2}}]"
      })
  void aSearchThatIsWrittenOutIsTheSameSearch(String key) throws IOException {
    Tuning tuning = tuning("[adversarial]", "{trials: 3, space: {adversarial: {" + key + "}}}");
    Path written = Files.writeString(folder.resolve("tune.yaml"), tuning.plan().file().resolved());

    Tuning again = Tuning.read(written, List.of());

    assertThat(again.settings()).isEqualTo(tuning.settings());
    ConfigurationReader reader = ConfigurationReader.standard();
    assertThat(reader.readStudy(again.searchYaml(), List.of()).resolved())
        .isEqualTo(reader.readStudy(tuning.searchYaml(), List.of()).resolved());
  }

  /** One is the method's own, however it is written. */
  @Test
  void aSettingThatIsANameIsTriedOnce() {
    assertThatThrownBy(
            () ->
                tuning(
                    "[adversarial]",
                    "{trials: 3, space: {adversarial: {adversary.encoding: [raw, centred]}}}"))
        .hasMessageContaining("there are 2 different settings");
  }

  @Test
  void twoKeysOfOneSettingAndFractionsOfAWholeNumberAreRefused() {
    assertThatThrownBy(
            () ->
                tuning(
                    "[hinton]",
                    "{trials: 3, space: {hinton: {hinton.weight: [1, 2], kd.weight: [3, 4]}}}"))
        .hasMessageContaining("'hinton.weight' and 'kd.weight' set one setting");
    assertThatThrownBy(
            () ->
                tuning(
                    "[adversarial]",
                    "{trials: 3, space: {adversarial: {adversary.weight.fixed: [1, 2],"
                        + " adversary.weight.gradientRatio: [3, 4]}}}"))
        .hasMessageContaining("set one setting");
    assertThatThrownBy(
            () ->
                tuning(
                    "[adversarial]",
                    "{trials: 3, space: {adversarial: {adversary.steps: {linear: [1.5, 9]}}}}"))
        .hasMessageContaining("'adversary.steps' takes whole numbers");
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

  static List<String> presets() {
    return MethodPresets.all(MethodPresets.objectives()).stream()
        .map(MethodPresets.Preset::name)
        .toList();
  }

  /** Reading makes every trial, so each key exists and takes what its range holds. */
  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetHasASpaceThatItsOwnSettingIsInsideOf(String preset) throws IOException {
    Tuning tuning = tuning("[" + preset + "]", "{trials: 30}");
    Map<String, Object> own = tuning.settings().get(preset).get(0);
    assertThat(own).isNotEmpty().doesNotContainValue(null);
    assertThat(tuning.settings().get(preset)).doesNotHaveDuplicates().hasSize(30);
    Trial asItIs =
        new Trial(preset, 1, own, List.of(), List.of(), null, null, 0, 0, false, true, List.of());
    assertThat(tuning.warnings(List.of(asItIs))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{trials: 0} | trials must be at least 1, not 0",
        "{seeds: [5]} | trials is required",
        "{trials: 2, confirm: {best: 3}} | confirm.best is 3, but there are 2 trials a method: set it to 2, or less",
        "{trials: 2, confirm: {best: 0}} | best must be at least 1, not 0",
        "{trials: 2, confirm: {best: 1, seeds: [101]}} | confirm.seeds and the search's seeds have 101 in common",
        "{trials: 2, seeds: [3]} | seeds and the search's seeds have 3 in common",
        "{trials: 2, confirm: {best: 1, seeds: [2]}} | seeds and the search's seeds have 2 in common",
        "{trials: 2, space: {hintn: {hinton.weight: [1, 2]}}} | did you mean 'hinton'?",
        "{trials: 2, space: {hinton: {}}} | space of hinton must have a range for each of its keys",
        "{trials: 2, space: {hinton: {hinton.weight: {log: [0, 1]}}}} | log must be of numbers above 0",
        "{trials: 2, space: {hinton: {hinton.weight: {log: [2, 1]}}}} | log must be [LOW, HIGH] with LOW below HIGH",
        "{trials: 2, space: {hinton: {hinton.weight: {linear: [1]}}}} | linear must be [LOW, HIGH]",
        "{trials: 2, space: {hinton: {hinton.weight: []}}} | has at least one, and none twice",
        "{trials: 2, space: {hinton: {hinton.weight: {linar: [1, 2]}}}} | did you mean 'linear'?",
        "{trials: 2, space: {hinton: {hinton.temprature: [1, 2]}}} | unknown key 'hinton.temprature'; did you mean 'hinton.temperature'?",
        "{trials: 2, space: {hinton: {hinton.weight.x: [1, 2]}}} | hinton.weight has no settings of its own",
        "{trials: 2, space: {hinton: {hinton: [1, 2]}}} | unknown key 'hinton'; did you mean 'hinton.weight'? Known under hinton are temperature, weight, crossEntropy",
        "{trials: 2, space: {hinton: {adversary.steps: [1, 2]}}} | begins with none of the method's objectives, which are hinton",
        "{trials: 2, space: {hinton: {hinton.temperature: {linear: [-9, -1]}}}} | temperature must",
        "{trials: 2, spaces: {}} | did you mean 'space'?",
      })
  void whatMakesNoSenseIsOneSentenceWithItsPlace(String tune, String sentence) {
    assertThatThrownBy(() -> tuning("[hinton]", tune))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("study.yaml:")
        .hasMessageContaining(sentence);
  }

  @Test
  void aSearchWithoutABlockOrASpaceOrForSeveralStudentsSaysWhatToDo() throws IOException {
    assertThatThrownBy(() -> tuning("[hinton]", "")).hasMessageContaining("add tune: {trials: 12}");
    assertThatThrownBy(
            () ->
                Tuning.read(
                    file("[hinton]", "{trials: 2}"), List.of("student=[resnet8, resnet20]")))
        .hasMessageContaining("there are 2 students");
    assertThatThrownBy(
            () ->
                tuning(
                    "[{name: two, objectives: [hinton, hinton]}]",
                    "{trials: 2, space: {two: {hinton.weight: [1, 2]}}}"))
        .hasMessageContaining("several objectives named 'hinton': write 0.hinton.weight");
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
    assertThat(tuned.comparisons()).isEqualTo(tuning.study().comparisons());
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
