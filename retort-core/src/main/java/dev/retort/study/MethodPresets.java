package dev.retort.study;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The methods that have a name: {@code presets.yaml} beside this class. A configuration's method is
 * the name of one, or a mapping that may extend one; see {@link MethodExpansion}.
 */
public final class MethodPresets {
  private static final String RESOURCE = "presets.yaml";

  private MethodPresets() {}

  /**
   * A preset as it is listed to users.
   *
   * @param description in a few words
   * @param objectives the names of its terms, in order
   */
  public record Preset(String name, String description, List<String> objectives) {}

  /** All presets, in the order of the file. */
  public static List<Preset> all() {
    List<Preset> presets = new ArrayList<>();
    trees().forEach((name, preset) -> presets.add(preset(name, preset)));
    return presets;
  }

  private static Preset preset(String name, YamlNode.Mapping preset) {
    List<String> objectives = new ArrayList<>();
    for (YamlNode objective : ((YamlNode.Sequence) required(preset, "objectives")).items()) {
      if (objective instanceof YamlNode.Mapping mapping) {
        objectives.addAll(mapping.entries().keySet());
      } else {
        objectives.add(Objects.requireNonNull(YamlNode.text(objective), name));
      }
    }
    String description = YamlNode.text(required(preset, "description"));
    return new Preset(name, Objects.requireNonNull(description, name), objectives);
  }

  private static YamlNode required(YamlNode.Mapping preset, String key) {
    return Objects.requireNonNull(preset.get(key), () -> RESOURCE + ": " + key);
  }

  /** The file's entries by name, fresh each time, since a reader may change them. */
  static Map<String, YamlNode.Mapping> trees() {
    try (InputStream in =
        Objects.requireNonNull(MethodPresets.class.getResourceAsStream(RESOURCE), RESOURCE)) {
      YamlNode root = YamlReader.read(in.readAllBytes(), RESOURCE);
      Map<String, YamlNode.Mapping> trees = new LinkedHashMap<>();
      for (YamlNode item : ((YamlNode.Sequence) Objects.requireNonNull(root, RESOURCE)).items()) {
        YamlNode.Mapping preset = (YamlNode.Mapping) item;
        String name = Objects.requireNonNull(YamlNode.text(required(preset, "name")));
        trees.put(name, preset);
      }
      return trees;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
