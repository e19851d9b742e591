package dev.retort.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How much is done.
 *
 * @param work an empty folder for whatever is written
 * @param isShort whether it is the form of {@code mvn verify}, which takes seconds
 * @param settings {@code count}, {@code seed}, {@code methods} … by name
 */
record FaultPlan(Path work, boolean isShort, Map<String, String> settings) {
  /** The full form, with settings such as {@code count=50}. */
  static FaultPlan full(Path work, List<String> settings) {
    Map<String, String> map = new HashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("a setting is NAME=VALUE, not " + setting);
      }
      map.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return new FaultPlan(work, false, map);
  }

  /** The short form. */
  static FaultPlan inShort(Path work) {
    return new FaultPlan(work, true, Map.of());
  }

  /** How many, of which the short form does fewer. */
  int count(String name, int full, int inShort) {
    String given = settings.get(name);
    return given != null ? Integer.parseInt(given) : isShort ? inShort : full;
  }

  /** Everything random derives from one seed. */
  Random random(String purpose) {
    long seed = Long.parseLong(settings.getOrDefault("seed", "1"));
    return new Random(31 * seed + purpose.hashCode());
  }

  /** The methods, all or those that are asked for. */
  Map<String, String> methods(String... inShort) {
    Map<String, String> all = FaultMethods.all();
    String given = settings.get("methods");
    if (given != null) {
      all.keySet().retainAll(List.of(given.split(",")));
    } else if (isShort) {
      all.keySet().retainAll(List.of(inShort));
    }
    return all;
  }

  /** A fresh folder. */
  Path folder(String name) throws IOException {
    return Files.createTempDirectory(work, name);
  }
}
