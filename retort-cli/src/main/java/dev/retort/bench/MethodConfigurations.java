package dev.retort.bench;

import dev.retort.distill.ObjectiveCatalog;
import dev.retort.study.ConfigurationReader;
import dev.retort.study.MethodConfiguration;
import dev.retort.study.MethodPresets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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
    String methods =
        MethodPresets.all(catalog).stream()
            .map(MethodConfigurations::entry)
            .collect(Collectors.joining());
    String study =
        "data: cifar10-mini\nteacher: bundled:cifar10\nstudent: resnet20\n"
            + "training: {epochs: 1}\nmethods:\n"
            + methods;
    Map<String, MethodConfiguration> byName = new LinkedHashMap<>();
    for (MethodConfiguration method : read(catalog, study)) {
      byName.put(method.name(), method);
    }
    return byName;
  }

  private static String entry(MethodPresets.Preset preset) {
    String adversaries =
        preset.objectives().stream()
            .filter(ADVERSARY::equals)
            .map(name -> "    - adversary: {weight: {start: 0, full: 0, decay: 1}}\n")
            .collect(Collectors.joining());
    return "- name: "
        + preset.name()
        + "\n  extends: "
        + preset.name()
        + "\n"
        + (adversaries.isEmpty() ? "" : "  objectives:\n" + adversaries);
  }

  private static List<MethodConfiguration> read(ObjectiveCatalog catalog, String study) {
    try {
      Path file = Files.createTempFile("retort-bench", ".yaml");
      try {
        Files.writeString(file, study);
        return new ConfigurationReader(catalog)
            .readStudy(file, List.of())
            .configuration()
            .methods();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary file could be written: " + e.getMessage(), e);
    }
  }
}
