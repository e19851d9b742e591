package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a search is written, and what is refused. */
@NullUnmarked
class TuningConfigurationTest extends ReadSearch {
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
    Path written =
        Files.writeString(folder.resolve("tune.yaml"), tuning.search().file().resolved());

    Tuning again = Tuning.read(written, List.of());

    assertThat(again.search().settings()).isEqualTo(tuning.search().settings());
    ConfigurationReader reader = ConfigurationReader.standard();
    assertThat(reader.readStudy(again.searchYaml(), List.of()).resolved())
        .isEqualTo(reader.readStudy(tuning.searchYaml(), List.of()).resolved());
  }

  /** CRD without the Hinton's loss that its authors' code adds. */
  @Test
  void aTermThatTheFileSwitchesOffStaysOff() throws IOException {
    Tuning tuning = tuning("[{name: alone, objectives: [{crd: {hinton: 0}}]}]", "{trials: 3}");

    assertThat(tuning.search().tune().space().get("alone")).containsOnlyKeys("crd.weight");
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
}
