package dev.retort.study;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;

/**
 * Changes a tree by {@code KEY=VALUE}: KEY is a path of keys with dots, in which a list's entry is
 * its number from 0, or its name where it has one ({@code
 * methods.hinton.objectives.hinton.weight}); VALUE is YAML.
 */
final class Overrides {
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
  static void apply(YamlNode.Mapping root, List<String> overrides) {
    overrides.forEach(override -> apply(root, override));
  }

  private static void apply(YamlNode.Mapping root, String override) {
    Location place = Location.ofOverride(override);
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw place.problem("", "an override is KEY=VALUE, such as training.epochs=3");
    }
    List<String> path = path(override.substring(0, equals));
    if (path.contains("")) {
      throw place.problem("", "there is an empty key in " + override.substring(0, equals));
    }
    YamlNode value = YamlReader.readValue(override.substring(equals + 1), place);
    if (value == null) {
      value = new YamlNode.Scalar(NullNode.getInstance(), place);
    }
    new Overrides(path, value, place).put(root, 0);
  }

  /** {@code methods[0].name} is {@code methods.0.name}. */
  private static List<String> path(String key) {
    return List.of(key.strip().replaceAll("\\[(\\d+)]", ".$1").split("\\.", -1));
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
      mapping.entries().put(key, new YamlNode.Mapping.Entry(place, value));
      return;
    }
    YamlNode next = mapping.get(key);
    if (next == null || (next instanceof YamlNode.Scalar scalar && scalar.value().isNull())) {
      next = new YamlNode.Mapping(place);
      mapping.entries().put(key, new YamlNode.Mapping.Entry(place, next));
    }
    put(next, depth + 1);
  }

  private void put(YamlNode.Sequence sequence, int depth) {
    String key = path.get(depth);
    List<YamlNode> items = sequence.items();
    for (int i = 0; i < items.size(); i++) {
      YamlNode.Mapping mapping = items.get(i) instanceof YamlNode.Mapping m ? m : null;
      boolean here = key.equals(Integer.toString(i));
      if (here || (mapping != null && key.equals(YamlNode.text(mapping.get("name"))))) {
        if (depth == path.size() - 1) {
          items.set(i, value);
        } else {
          put(items.get(i), depth + 1);
        }
        return;
      }
      if (mapping != null && mapping.entries().size() == 1 && mapping.get(key) != null) {
        put(mapping, depth); // an objective, whose only key is its name
        return;
      }
    }
    throw place.problem("", shown(depth) + " has no entry with the number or name '" + key + "'");
  }

  private String shown(int depth) {
    return String.join(".", path.subList(0, depth));
  }
}
