package dev.retort.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How much is done.
 *
 * @param work an empty folder for whatever is written
 * @param isShort whether it is the form of {@code mvn verify}, which takes seconds
 * @param kind whose settings it may have
 * @param settings {@code count}, {@code seed}, {@code methods} … by name
 */
record FaultPlan(Path work, boolean isShort, Faults.Kind kind, Map<String, String> settings) {
  /**
   * The full form.
   *
   * @param arguments a kind's name, and settings such as {@code count=50}
   * @throws IllegalArgumentException if there is no such kind, or it has no such setting, or not
   *     with such a value
   */
  static FaultPlan full(Path work, List<String> arguments) {
    String name = arguments.isEmpty() ? "" : arguments.get(0);
    Faults.Kind kind = Faults.kind(name);
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments.subList(1, arguments.size())) {
      int equals = argument.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("a setting is NAME=VALUE, not " + argument);
      }
      String setting = argument.substring(0, equals);
      if (!kind.settings().contains(setting)) {
        throw new IllegalArgumentException(
            "%s has no setting '%s'; it has %s"
                .formatted(
                    name,
                    setting,
                    kind.settings().isEmpty() ? "none" : String.join(", ", kind.settings())));
      }
      String value = argument.substring(equals + 1);
      requireValue(setting, value);
      settings.put(setting, value);
    }
    return new FaultPlan(work, false, kind, settings);
  }

  /** The short form. */
  static FaultPlan inShort(Path work, String kind) {
    return new FaultPlan(work, true, Faults.kind(kind), Map.of());
  }

  private static void requireValue(String setting, String value) {
    switch (setting) {
      case "methods" -> {
        Set<String> unknown = new LinkedHashSet<>(List.of(value.split(",")));
        unknown.removeAll(FaultMethods.all().keySet());
        if (!unknown.isEmpty()) {
          throw new IllegalArgumentException(
              "there are no methods " + unknown + "; there are " + FaultMethods.all().keySet());
        }
      }
      case "cifar10" -> {
        if (!Files.isDirectory(Path.of(value))) {
          throw new IllegalArgumentException("cifar10: there is no folder " + value);
        }
      }
      case "seconds" -> requireMatch(setting, value, "\\d{1,9}(\\.\\d+)?", "a number");
      case "seed" -> requireMatch(setting, value, "-?\\d{1,18}", "a whole number");
      default -> requireMatch(setting, value, "\\d{1,9}", "a whole number");
    }
  }

  private static void requireMatch(String setting, String value, String form, String what) {
    if (!value.matches(form)) {
      throw new IllegalArgumentException(setting + " is " + what + ", not '" + value + "'");
    }
  }

  /** The value of one of the kind's settings; null where it is not given. */
  @Nullable String setting(String name) {
    if (!kind.settings().contains(name)) {
      throw new IllegalStateException("the kind does not list its setting " + name);
    }
    return settings.get(name);
  }

  /** How many, of which the short form does fewer. */
  int count(String name, int full, int inShort) {
    String given = setting(name);
    return given != null ? Integer.parseInt(given) : isShort ? inShort : full;
  }

  /** Everything random derives from one seed. */
  Random random(String purpose) {
    String given = setting("seed");
    long seed = given == null ? 1 : Long.parseLong(given);
    return new Random(31 * seed + purpose.hashCode());
  }

  /** The methods, all or those that are asked for. */
  Map<String, String> methods(String... inShort) {
    Map<String, String> all = FaultMethods.all();
    String given = setting("methods");
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
