package dev.retort.study.config;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.retort.adversary.AdversarySettings;
import dev.retort.adversary.CooperativeCritic;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The methods that have a name: for each kind of term but the adversary, whose weight is measured
 * against another term, the method that has it alone, with its paper's defaults; and those of
 * {@code presets.yaml} beside this class. A configuration's method is the name of one, or a mapping
 * that may extend one; see {@link MethodExpansion}.
 */
public final class MethodPresets {
  private static final String RESOURCE = "presets.yaml";
  private static final JsonMapper PLAIN = new JsonMapper();

  private MethodPresets() {}

  /**
   * A preset as it is listed to users.
   *
   * @param description in a few words
   * @param objectives the names of its terms, in order
   * @param terms the same with the settings that it gives them, as YAML has them: a name, or a map
   *     of a name to settings
   */
  public record Preset(
      String name, String description, List<String> objectives, List<Object> terms) {}

  /** The terms that methods are made of: those of the catalogue, and those with a discriminator. */
  public static ObjectiveCatalog objectives() {
    return ObjectiveCatalog.withoutAdversaries()
        .with(CooperativeCritic.KIND, AdversarySettings.KIND);
  }

  /** All presets, in the order in which they are listed to users, each under one name. */
  public static List<Preset> all(ObjectiveCatalog catalog) {
    Map<String, YamlNode.Mapping> trees = trees(catalog);
    catalog.kinds().forEach(kind -> trees.keySet().removeAll(kind.aliases()));
    List<Preset> presets = new ArrayList<>();
    trees.forEach((name, preset) -> presets.add(preset(name, preset)));
    return presets;
  }

  private static Preset preset(String name, YamlNode.Mapping preset) {
    List<String> objectives = new ArrayList<>();
    List<Object> terms = new ArrayList<>();
    for (YamlNode objective : ((YamlNode.Sequence) required(preset, "objectives")).items()) {
      terms.add(PLAIN.convertValue(objective.toJson(), Object.class));
      if (objective instanceof YamlNode.Mapping mapping) {
        objectives.addAll(mapping.entries().keySet());
      } else {
        objectives.add(Objects.requireNonNull(YamlNode.text(objective), name));
      }
    }
    return new Preset(
        name, text(preset, "description"), List.copyOf(objectives), List.copyOf(terms));
  }

  static String text(YamlNode.Mapping preset, String key) {
    return Objects.requireNonNull(YamlNode.text(required(preset, key)), key);
  }

  private static YamlNode required(YamlNode.Mapping preset, String key) {
    return Objects.requireNonNull(preset.get(key), () -> RESOURCE + ": " + key);
  }

  /**
   * All presets by all of their names, fresh each time, since a reader may change them.
   *
   * @throws IllegalArgumentException if a user's objective has the name of one
   */
  static Map<String, YamlNode.Mapping> trees(ObjectiveCatalog catalog) {
    Map<String, YamlNode.Mapping> trees = new LinkedHashMap<>();
    catalog
        .byName()
        .forEach(
            (name, kind) -> {
              if (!kind.name().equals(AdversarySettings.KIND.name())) {
                trees.put(name, alone(name, kind));
              }
            });
    for (YamlNode item : file().items()) {
      YamlNode.Mapping preset = (YamlNode.Mapping) item;
      String name = text(preset, "name");
      if (trees.put(name, preset) != null) {
        throw new IllegalArgumentException(
            "an objective on the class path has the name of the preset " + name);
      }
    }
    return trees;
  }

  /** The method that has this term alone, with its defaults. */
  private static YamlNode.Mapping alone(String name, ObjectiveKind kind) {
    Location place = new Location("preset " + name, 0, 0);
    YamlNode.Mapping preset = new YamlNode.Mapping(place);
    preset.put("name", text(name, place));
    preset.put("description", text(kind.description(), place));
    preset.put("objectives", new YamlNode.Sequence(List.of(text(kind.name(), place)), place));
    return preset;
  }

  private static YamlNode text(String text, Location place) {
    return new YamlNode.Scalar(new TextNode(text), place);
  }

  private static YamlNode.Sequence file() {
    return (YamlNode.Sequence) YamlReader.resource(RESOURCE);
  }
}
