package dev.retort.study.config;

import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import dev.retort.system.NearestNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes out a configuration's list of methods. An entry is the name of a preset, or a mapping that
 * may extend a preset or a method before it:
 *
 * <pre>{@code
 * - name: hinton-hot
 *   extends: hinton
 *   objectives:
 *     - hinton: {temperature: 8}
 * }</pre>
 *
 * <p>Of an objective that the extended method has too, only the keys that are given change (the
 * second of a name in the list changes the second there); an objective that it lacks is added.
 */
final class MethodExpansion {
  /** What is an entry's own, and never taken from what it extends. */
  private static final Set<String> OWN =
      Set.of("name", "description", "extends", "objectives", "seeds", "budget");

  private final ObjectiveCatalog catalog;
  private final Map<String, YamlNode.Mapping> known;

  private MethodExpansion(ObjectiveCatalog catalog) {
    this.catalog = catalog;
    this.known = MethodPresets.trees(catalog);
  }

  /**
   * The list with every method a mapping that extends nothing, and every objective a mapping under
   * the objective's own name.
   */
  static YamlNode.Sequence expand(YamlNode.Sequence methods, ObjectiveCatalog catalog) {
    MethodExpansion expansion = new MethodExpansion(catalog);
    List<YamlNode> expanded = new ArrayList<>();
    for (YamlNode entry : methods.items()) {
      YamlNode.Mapping method = expansion.expand(entry, "methods[" + expanded.size() + "]");
      String name = YamlNode.text(method.get("name"));
      if (name != null) {
        expansion.known.put(name, method);
      }
      expanded.add(method);
    }
    return new YamlNode.Sequence(expanded, methods.location());
  }

  private YamlNode.Mapping expand(YamlNode entry, String path) {
    YamlNode.Mapping given = asMapping(entry, path);
    YamlNode.Mapping base = base(given, path);
    YamlNode.Mapping method = new YamlNode.Mapping(entry.location());
    base.entries().forEach((key, value) -> put(method, key, value, OWN));
    given.entries().forEach((key, value) -> put(method, key, value, Set.of("extends")));
    YamlNode.Mapping.Entry objectives =
        given.entries().getOrDefault("objectives", base.entries().get("objectives"));
    if (objectives != null && objectives.value() instanceof YamlNode.Sequence sequence) {
      List<YamlNode> merged = objectives(base);
      merge(merged, objectives(given));
      method.put(
          "objectives", objectives.key(), new YamlNode.Sequence(merged, sequence.location()));
    }
    return method;
  }

  private static void put(
      YamlNode.Mapping into, String key, YamlNode.Mapping.Entry entry, Set<String> except) {
    if (!except.contains(key)) {
      into.entries().put(key, entry);
    }
  }

  /** The name alone stands for a method that extends the preset and bears its name. */
  private YamlNode.Mapping asMapping(YamlNode entry, String path) {
    if (YamlNode.text(entry) != null) {
      YamlNode.Mapping mapping = new YamlNode.Mapping(entry.location());
      mapping.put("name", entry);
      mapping.put("extends", entry);
      return mapping;
    }
    if (!(entry instanceof YamlNode.Mapping mapping)) {
      throw entry
          .location()
          .problem(
              path,
              "a method is a preset's name, or {name, extends, objectives, seeds}, not "
                  + entry.describe());
    }
    String only = YamlNode.onlyKey(mapping);
    if (only != null && known.containsKey(only)) {
      throw entry
          .location()
          .problem(
              path, "to change a preset write {name: …, extends: " + only + ", objectives: […]}");
    }
    return mapping;
  }

  private YamlNode.Mapping base(YamlNode.Mapping given, String path) {
    YamlNode extended = given.get("extends");
    if (extended == null) {
      return new YamlNode.Mapping(given.location());
    }
    String name = YamlNode.text(extended);
    YamlNode.Mapping base = name == null ? null : known.get(name);
    if (base == null) {
      throw extended
          .location()
          .problem(
              path,
              name == null
                  ? "extends must be a method's name, not " + extended.describe()
                  : "there is no method '"
                      + name
                      + "'; did you mean "
                      + String.join(", ", NearestNames.of(name, known.keySet()))
                      + "? (retort list methods)");
    }
    return base.copy();
  }

  /** A method's objectives, those written as a name alone as a mapping without settings. */
  private List<YamlNode> objectives(YamlNode.Mapping method) {
    List<YamlNode> objectives = new ArrayList<>();
    if (method.get("objectives") instanceof YamlNode.Sequence sequence) {
      for (YamlNode item : sequence.items()) {
        String name = YamlNode.text(item);
        YamlNode.Mapping whole =
            name == null
                ? item instanceof YamlNode.Mapping mapping ? mapping : null
                : single(name, item.location(), new YamlNode.Mapping(item.location()));
        objectives.add(whole == null ? item : underOwnName(whole));
      }
    }
    return objectives;
  }

  /** An objective whose only key is an alias, by the name that the alias stands for. */
  private YamlNode.Mapping underOwnName(YamlNode.Mapping objective) {
    String alias = YamlNode.onlyKey(objective);
    ObjectiveKind kind = alias == null ? null : catalog.byName().get(alias);
    if (alias == null || kind == null || kind.name().equals(alias)) {
      return objective;
    }
    YamlNode.Mapping renamed = new YamlNode.Mapping(objective.location());
    renamed.entries().put(kind.name(), Objects.requireNonNull(objective.entries().get(alias)));
    return renamed;
  }

  private static YamlNode.Mapping single(String key, Location location, YamlNode value) {
    YamlNode.Mapping mapping = new YamlNode.Mapping(location);
    mapping.put(key, location, value);
    return mapping;
  }

  private static void merge(List<YamlNode> objectives, List<YamlNode> changes) {
    int inherited = objectives.size();
    Map<String, Integer> next = new LinkedHashMap<>();
    for (YamlNode change : changes) {
      String name = YamlNode.onlyKey(change);
      int i = name == null ? inherited : indexOf(name, objectives.subList(0, inherited), next);
      if (i < inherited) {
        YamlNode base = objectives.get(i);
        objectives.set(i, isWithoutSettings(change) ? base : deepMerged(base, change));
      } else {
        objectives.add(change);
      }
    }
  }

  /** A term without a value is inherited as it is; a key within one has its default then. */
  private static boolean isWithoutSettings(YamlNode change) {
    return change instanceof YamlNode.Mapping mapping
        && YamlNode.isNull(mapping.entries().values().iterator().next().value());
  }

  /**
   * The next of the objectives with that name, or their number where there is none.
   *
   * @param next where to begin to look, by name; moved behind the one that is found
   */
  private static int indexOf(String name, List<YamlNode> objectives, Map<String, Integer> next) {
    int i = next.getOrDefault(name, 0);
    while (i < objectives.size() && !name.equals(YamlNode.onlyKey(objectives.get(i)))) {
      i++;
    }
    next.put(name, i + 1);
    return i;
  }

  /** Mappings key by key; anything else is replaced. */
  private static YamlNode deepMerged(YamlNode base, YamlNode change) {
    if (!(base instanceof YamlNode.Mapping from && change instanceof YamlNode.Mapping to)) {
      return change;
    }
    YamlNode.Mapping merged = new YamlNode.Mapping(change.location());
    merged.entries().putAll(from.entries());
    to.entries()
        .forEach(
            (key, entry) -> {
              merged.put(key, entry.key(), merged(key, from.get(key), entry.value()));
            });
    return merged;
  }

  private static YamlNode merged(String key, @Nullable YamlNode old, YamlNode now) {
    String choice = YamlNode.onlyKey(now);
    boolean replaces =
        choice != null && old != null && ConfigurationDefaults.isOtherChoice(key, old, choice);
    return old == null || replaces ? now : deepMerged(old, now);
  }
}
