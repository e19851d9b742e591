package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.adversary.AdversarySettings;
import dev.retort.distill.Hinton;
import dev.retort.distill.HintonStandardized;
import dev.retort.distill.ObjectiveKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodPresetsTest {
  private static final ConfigurationReader READER = ConfigurationReader.standard();

  @Test
  void presetsAreListedWithTheirTerms() {
    List<MethodPresets.Preset> presets = MethodPresets.all(MethodPresets.objectives());
    assertThat(preset(presets, "hinton").description())
        .isEqualTo("the teacher's softened probabilities");
    assertThat(preset(presets, "hinton").terms()).containsExactly("hinton");
    assertThat(preset(presets, "random-discriminator").objectives())
        .containsExactly("cross-entropy", "adversary");
    assertThat(preset(presets, "random-discriminator").terms())
        .hasToString("[cross-entropy, {adversary={steps=0}}]");
    assertThat(presets)
        .extracting(MethodPresets.Preset::name)
        .contains("crd", "cooperative-critic")
        .doesNotContain("adversary", "kd");
    assertThat(presets).extracting(MethodPresets.Preset::name).doesNotHaveDuplicates();
  }

  private static MethodPresets.Preset preset(List<MethodPresets.Preset> presets, String name) {
    return presets.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aTermFromOutsideIsAMethodOfItsName() {
    ObjectiveKind own = new ObjectiveKind("own-term", new Hinton(1, 2, 3), "a term", "a paper");
    assertThat(MethodPresets.all(MethodPresets.objectives().with(own)))
        .contains(
            new MethodPresets.Preset(
                "own-term", "a term", List.of("own-term"), List.of("own-term")));
  }

  /** It would never be what a configuration of that name gets. */
  @Test
  void aTermFromOutsideWithAPresetsNameIsRefused() {
    ObjectiveKind own = new ObjectiveKind("adversarial", new Hinton(1, 2, 3), "a term", "a paper");
    assertThatThrownBy(() -> MethodPresets.all(MethodPresets.objectives().with(own)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an objective on the class path has the name of the preset adversarial");
  }

  @Test
  void theFieldsOtherNamesAreAcceptedAndNotWritten() {
    assertThat(READER.method("kd"))
        .isEqualTo(new MethodConfiguration("kd", List.of(new Hinton(4, 0.9, 0.1))));
    assertThat(READER.method("{name: hot, extends: lskd, objectives: [lskd: {temperature: 3}]}"))
        .isEqualTo(new MethodConfiguration("hot", List.of(new HintonStandardized(3, 9, 0.1))));
    assertThat(StudyConfiguration.defaultComparisons(List.of("cross-entropy", "kd", "dkd")))
        .containsExactly(
            new Comparison("kd", "cross-entropy"),
            new Comparison("dkd", "cross-entropy"),
            new Comparison("dkd", "kd"));
  }

  /** The values of the file's presets that papers and docs/method.md name. */
  @Test
  void whatThePresetsSetOfAnAdversary() {
    AdversarySettings.Weight weight = adversary("adversarial-pair").weight();
    assertThat(weight).isEqualTo(new AdversarySettings.Weight(null, 4.0, null, 0.02, 0.1, 0.9));
    assertThat(adversary("adversarial-weights").weight())
        .isEqualTo(new AdversarySettings.Weight(null, null, 0.3, 0.1, 0.1, 1));
    assertThat(adversary("adversarial")).isEqualTo(AdversarySettings.KIND.defaults());
    assertThat(adversary("noise-discriminator").steps()).isEqualTo(1);
  }

  private static AdversarySettings adversary(String preset) {
    return (AdversarySettings) READER.method(preset).objectives().get(1);
  }

  @Test
  void everyMethodThatComesWithATermIsThatTermByDefault() {
    for (ObjectiveKind kind : MethodPresets.objectives().kinds()) {
      if (!kind.equals(AdversarySettings.KIND)) {
        assertThat(READER.method(kind.name())).isEqualTo(MethodConfiguration.of(kind));
      }
    }
  }
}
