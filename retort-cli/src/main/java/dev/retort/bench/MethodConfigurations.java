package dev.retort.bench;

import dev.retort.distill.ObjectiveCatalog;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.study.config.MethodPresets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Every method that a configuration can name, as the configuration's reader gives it, with one
 * change: an adversary has its full weight from the first step to the last, so that any steps are
 * as dear as those of a training's middle.
 */
final class MethodConfigurations {
  private static final String ADVERSARY = "adversary";

  private MethodConfigurations() {}

  /** The methods by name, in the order in which they are listed to users. */
  static Map<String, MethodConfiguration> all() {
    ObjectiveCatalog catalog = MethodPresets.objectives();
    ConfigurationReader reader = new ConfigurationReader(catalog);
    Map<String, MethodConfiguration> byName = new LinkedHashMap<>();
    for (MethodPresets.Preset preset : MethodPresets.all(catalog)) {
      byName.put(preset.name(), reader.method(entry(preset)));
    }
    return byName;
  }

  private static String entry(MethodPresets.Preset preset) {
    String adversaries =
        preset.objectives().stream()
            .filter(ADVERSARY::equals)
            .map(name -> "adversary: {weight: {start: 0, full: 0, decay: 1}}")
            .collect(Collectors.joining(", "));
    return "{name: %1$s, extends: %1$s, objectives: [%2$s]}".formatted(preset.name(), adversaries);
  }
}
