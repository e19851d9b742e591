package dev.retort.study;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.retort.adversary.AdversarySettings;
import dev.retort.adversary.CooperativeCritic;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The methods that have a name: those of {@code presets.yaml} beside this class, and for each other
 * kind of term the method that has it alone, with its paper's defaults. A configuration's method is
 * the name of one, or a mapping that may extend one; see {@link MethodExpansion}.
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
    return ObjectiveCatalog.standard()
        .with(
            new ObjectiveKind(
                "adversary",
                AdversarySettings.defaults(),
                "that a discriminator of hidden representations takes it for the teacher",
                "Kolesov and Bakhteev 2021"),
            new ObjectiveKind(
                "cooperative-critic",
                CooperativeCritic.Settings.defaults(),
                "to help a critic tell pairs of both networks' representations of one image from"
                    + " pairs of two",
                "Tian, Krishnan and Isola 2020, section 3.1; Chen et al. 2021, section 3"));
  }

  /**
   * All presets: those of the file, then one for each term of the catalogue that none of them has.
   */
  public static List<Preset> all(ObjectiveCatalog catalog) {
    List<Preset> presets = new ArrayList<>();
    trees(catalog).forEach((name, preset) -> presets.add(preset(name, preset)));
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

  private static String text(YamlNode.Mapping preset, String key) {
    return Objects.requireNonNull(YamlNode.text(required(preset, key)), key);
  }

  private static YamlNode required(YamlNode.Mapping preset, String key) {
    return Objects.requireNonNull(preset.get(key), () -> RESOURCE + ": " + key);
  }

  /** All presets by name, fresh each time, since a reader may change them. */
  static Map<String, YamlNode.Mapping> trees(ObjectiveCatalog catalog) {
    Map<String, YamlNode.Mapping> trees = new LinkedHashMap<>();
    for (YamlNode item : file().items()) {
      YamlNode.Mapping preset = (YamlNode.Mapping) item;
      trees.put(text(preset, "name"), preset);
    }
    Set<String> used = new HashSet<>();
    trees.forEach((name, preset) -> used.addAll(preset(name, preset).objectives()));
    for (ObjectiveKind kind : catalog.kinds()) {
      if (!used.contains(kind.name())) {
        trees.putIfAbsent(kind.name(), alone(kind));
      }
    }
    return trees;
  }

  /** The method that has this term alone, with its defaults. */
  private static YamlNode.Mapping alone(ObjectiveKind kind) {
    Location place = new Location("preset " + kind.name(), 0, 0);
    YamlNode name = new YamlNode.Scalar(new TextNode(kind.name()), place);
    YamlNode.Mapping preset = new YamlNode.Mapping(place);
    put(preset, "name", name);
    put(preset, "description", new YamlNode.Scalar(new TextNode(kind.description()), place));
    put(preset, "objectives", new YamlNode.Sequence(List.of(name), place));
    return preset;
  }

  private static void put(YamlNode.Mapping preset, String key, YamlNode value) {
    preset.entries().put(key, new YamlNode.Mapping.Entry(value.location(), value));
  }

  private static YamlNode.Sequence file() {
    try (InputStream in =
        Objects.requireNonNull(MethodPresets.class.getResourceAsStream(RESOURCE), RESOURCE)) {
      YamlNode root = YamlReader.read(in.readAllBytes(), RESOURCE);
      return (YamlNode.Sequence) Objects.requireNonNull(root, RESOURCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
