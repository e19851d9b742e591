package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodPresets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The settings that a search tries. */
@NullUnmarked
class TuningSettingsTest extends ReadSearch {
  @Test
  void theFirstTrialIsTheMethodsOwnAndTheOthersFillEveryRangeEvenly() throws IOException {
    Tuning tuning =
        tuning(
            "[hinton]",
            "{trials: 11, space: {hinton: {hinton.temperature: [1, 2, 4, 8, 16],"
                + " hinton.weight: {log: [0.1, 10]}, hinton.crossEntropy: {linear: [0, 1]}}}}");
    List<Map<String, Object>> settings = tuning.search().settings().get("hinton");
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
    List<Map<String, Object>> first = tuning("[hinton]", one).search().settings().get("hinton");
    assertThat(tuning("[hinton]", one).search().settings().get("hinton")).isEqualTo(first);
    assertThat(
            tuning("[hinton]", "{trials: 6, seeds: [7], " + space.formatted("") + "}")
                .search()
                .settings()
                .get("hinton"))
        .isNotEqualTo(first);
    // A key more leaves the draws of the others as they were.
    String two = "{trials: 6, " + space.formatted(", hinton.temperature: [1, 2]") + "}";
    assertThat(tuning("[hinton]", two).search().settings().get("hinton"))
        .extracting(each -> each.get("hinton.weight"))
        .isEqualTo(first.stream().map(each -> each.get("hinton.weight")).toList());
  }

  /** Nine of twelve settings are soon drawn twice; a file may be written anew in another order. */
  @Test
  void theOrderOfKeysHasNoPartInWhatIsDrawn() throws IOException {
    String temperature = "hinton.temperature: [1, 2, 4, 8]";
    String weight = "hinton.weight: [0.5, 0.9, 2]";
    String tune = "{trials: 9, space: {hinton: {%s, %s}}}";

    assertThat(tuning("[hinton]", tune.formatted(weight, temperature)).search().settings())
        .isEqualTo(tuning("[hinton]", tune.formatted(temperature, weight)).search().settings());
  }

  @Test
  void noSettingIsTriedTwiceAndAListMayBeTriedWhole() throws IOException {
    String space = "space: {hinton: {hinton.temperature: [1, 2, 4, 8, 16]}}";
    assertThat(tuning("[hinton]", "{trials: 5, " + space + "}").search().settings().get("hinton"))
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
    assertThat(tuning.search().settings().get("two"))
        .extracting(each -> each.get("2.adversary.steps"))
        .allMatch(Long.class::isInstance);
    assertThat(tuning.searchYaml()).contains("softmax:\n").contains("on:\n      - embedding");
    // A key that the method leaves unset stays unset in its own trial.
    assertThat(tuning.search().settings().get("two").get(0))
        .containsEntry("2.adversary.encoding.softmax.temperature", null);
    ConfigurationReader reader = ConfigurationReader.standard();
    Path yaml = Files.writeString(folder.resolve("search.yaml"), tuning.searchYaml());
    assertThat(reader.readStudy(yaml, List.of()).configuration().methods().get(0).objectives())
        .isEqualTo(tuning.search().study().methods().get(0).objectives());
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
    Map<String, Object> own = tuning.search().settings().get(preset).get(0);
    assertThat(own).isNotEmpty().doesNotContainValue(null);
    assertThat(tuning.search().settings().get(preset)).doesNotHaveDuplicates().hasSize(30);
    Trial asItIs =
        new Trial(preset, 1, own, List.of(), List.of(), null, null, 0, 0, false, true, List.of());
    assertThat(tuning.warnings(List.of(asItIs))).isEmpty();
  }
}
