package dev.retort.study.config;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Changes a tree by {@code KEY=VALUE}: KEY is a path of keys with dots, in which a list's entry is
 * its number from 0, or its name where it is the only one of that name ({@code
 * methods.hinton.objectives.hinton.weight}); VALUE is YAML. A path may lead into {@code data},
 * {@code teacher} and {@code student} where a text alone stands for them.
 */
final class Overrides {
  /** What a text alone stands for: {@code teacher: NAME} is {@code teacher: {model: NAME}}. */
  private static final Map<String, String> SHORT_FORMS =
      Map.of("data", "source", "teacher", "model", "student", "network");

  /** Where the key of a method's space begins: {@code tune.space.METHOD.OBJECTIVE.KEY}. */
  private static final int IN_SPACE = 3;

  private final List<String> path;
  private final YamlNode value;
  private final Location place;

  private Overrides(List<String> path, YamlNode value, Location place) {
    this.path = path;
    this.value = value;
    this.place = place;
  }

  /**
   * Applies overrides in their order.
   *
   * @throws ConfigurationException if one is not of that form, or leads through a value
   */
  static void apply(YamlNode.Mapping root, List<String> overrides, ObjectiveCatalog catalog) {
    overrides.forEach(override -> apply(root, override, catalog));
  }

  private static void apply(YamlNode.Mapping root, String override, ObjectiveCatalog catalog) {
    Location place = Location.ofOverride(override);
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw place.problem("", "an override is KEY=VALUE, such as training.epochs=3");
    }
    List<String> path = path(override.substring(0, equals), catalog);
    if (path.contains("")) {
      throw place.problem("", "there is an empty key in " + override.substring(0, equals));
    }
    YamlNode value = YamlReader.readValue(override.substring(equals + 1), place);
    if (value == null) {
      value = new YamlNode.Scalar(NullNode.getInstance(), place);
    }
    new Overrides(path, value, place).put(root, 0);
    if (path.equals(List.of("seeds"))) {
      removeSeedsOfMethods(root);
    }
  }

  /** Seeds on the command line are those of every method. */
  private static void removeSeedsOfMethods(YamlNode.Mapping root) {
    if (root.get("methods") instanceof YamlNode.Sequence methods) {
      for (YamlNode method : methods.items()) {
        if (method instanceof YamlNode.Mapping mapping) {
          mapping.entries().remove("seeds");
        }
      }
    }
  }

  /** {@code methods[0].name} is {@code methods.0.name}, and an objective has its own name. */
  private static List<String> path(String key, ObjectiveCatalog catalog) {
    String[] path = key.strip().replaceAll("\\[(\\d+)]", ".$1").split("\\.", -1);
    for (int i = 1; i < path.length; i++) {
      ObjectiveKind kind = catalog.byName().get(path[i]);
      if (path[i - 1].equals("objectives") && kind != null) {
        path[i] = kind.name();
      }
    }
    if (path.length > IN_SPACE && path[0].equals("tune") && path[1].equals("space")) {
      String ofSpace = String.join(".", List.of(path).subList(IN_SPACE, path.length));
      return List.of(path[0], path[1], path[2], ofSpace); // a key of a space has dots
    }
    return List.of(path);
  }

  private void put(YamlNode node, int depth) {
    if (node instanceof YamlNode.Mapping mapping) {
      put(mapping, depth);
    } else if (node instanceof YamlNode.Sequence sequence) {
      put(sequence, depth);
    } else {
      throw place.problem(
          "", shown(depth) + " is " + node.describe() + ", and has no '" + path.get(depth) + "'");
    }
  }

  private void put(YamlNode.Mapping mapping, int depth) {
    String key = path.get(depth);
    if (depth == path.size() - 1) {
      mapping.put(key, place, value);
      return;
    }
    YamlNode next = mapping.get(key);
    if (next == null || YamlNode.isNull(next)) {
      next = new YamlNode.Mapping(place);
      mapping.put(key, place, next);
    } else if (depth == 0 && YamlNode.text(next) != null && SHORT_FORMS.containsKey(key)) {
      YamlNode.Mapping whole = new YamlNode.Mapping(next.location());
      whole.put(SHORT_FORMS.get(key), next);
      mapping.put(key, place, whole);
      next = whole;
    }
    if (YamlNode.text(next) != null && ConfigurationDefaults.isChoice(key)) {
      YamlNode.Mapping chosen = new YamlNode.Mapping(next.location());
      chosen.put(
          Objects.requireNonNull(YamlNode.text(next)),
          next.location(),
          new YamlNode.Mapping(next.location()));
      mapping.put(key, place, chosen);
      next = chosen;
    }
    if (ConfigurationDefaults.isOtherChoice(key, next, path.get(depth + 1))) {
      next = new YamlNode.Mapping(place);
      mapping.put(key, place, next);
    }
    put(next, depth + 1);
  }

  private void put(YamlNode.Sequence sequence, int depth) {
    List<YamlNode> items = sequence.items();
    // A name may have dots in it, so the longest that is there is meant.
    for (int end = path.size(); end > depth; end--) {
      String key = String.join(".", path.subList(depth, end));
      List<Integer> found =
          IntStream.range(0, items.size())
              .filter(i -> key.equals(Integer.toString(i)) || key.equals(name(items.get(i))))
              .boxed()
              .toList();
      if (found.size() > 1) {
        throw place.problem(
            "",
            shown(depth)
                + " has several entries named '"
                + key
                + "'; choose one by its number: "
                + found);
      }
      if (!found.isEmpty()) {
        put(items, found.get(0), key, depth, end);
        return;
      }
    }
    throw place.problem(
        "", shown(depth) + " has no entry with the number or name '" + path.get(depth) + "'");
  }

  private void put(List<YamlNode> items, int index, String key, int depth, int end) {
    YamlNode item = items.get(index);
    boolean byItsKey =
        item instanceof YamlNode.Mapping mapping
            && mapping.get("name") == null
            && mapping.get(key) != null;
    if (byItsKey) {
      put(item, depth); // an objective, whose only key is its name
    } else if (end == path.size()) {
      items.set(index, value);
    } else {
      put(item, end);
    }
  }

  /** What an entry of a list is called: by its name, or by its only key. */
  private static @Nullable String name(YamlNode item) {
    if (!(item instanceof YamlNode.Mapping mapping)) {
      return null;
    }
    String name = YamlNode.text(mapping.get("name"));
    return name == null ? YamlNode.onlyKey(mapping) : name;
  }

  private String shown(int depth) {
    return String.join(".", path.subList(0, depth));
  }
}
