package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.adversary.AdversarySettings;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.study.config.MethodPresets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class MethodConfigurationsTest {
  @Test
  void everyPresetIsMeasuredAndEveryAdversaryAtItsFullWeight() {
    var methods = MethodConfigurations.all();

    assertThat(methods.keySet())
        .containsExactlyElementsOf(
            MethodPresets.all(MethodPresets.objectives()).stream()
                .map(MethodPresets.Preset::name)
                .toList());
    List<AdversarySettings> adversaries =
        methods.values().stream()
            .flatMap(method -> method.objectives().stream())
            .filter(AdversarySettings.class::isInstance)
            .map(AdversarySettings.class::cast)
            .toList();
    assertThat(adversaries).hasSizeGreaterThan(8);
    assertThat(adversaries)
        .allSatisfy(
            settings -> {
              assertThat(settings.weight().start()).isZero();
              assertThat(settings.weight().full()).isZero();
              assertThat(settings.weight().decay()).isEqualTo(1);
            });
  }

  @Test
  void whatElseAPresetSaysIsLeftAsItIs() {
    MethodConfiguration control =
        Objects.requireNonNull(MethodConfigurations.all().get("random-discriminator"));

    assertThat(((AdversarySettings) control.objectives().get(1)).steps()).isZero();
  }
}
