package dev.retort.study.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a search varies where a configuration does not say: {@code spaces.yaml} beside this class.
 */
final class DefaultSpaces {
  private static final Logger LOG = LoggerFactory.getLogger(DefaultSpaces.class);

  private static final String RESOURCE = "spaces.yaml";

  private DefaultSpaces() {}

  /**
   * The ranges of a method's terms, for the keys that have a value in it. One that it sets to 0,
   * where the default is another, stays switched off.
   *
   * @return by key, as {@link SearchSpace} has them; empty where no term has a range
   */
  static Map<String, SettingRange> of(
      MethodConfiguration method, ConfigurationMapper mapper, ObjectiveCatalog catalog) {
    YamlNode.Mapping terms = (YamlNode.Mapping) YamlReader.resource(RESOURCE);
    List<String> names = method.objectives().stream().map(mapper::name).toList();
    Map<String, SettingRange> space = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      YamlNode ranges = terms.get(name);
      if (ranges == null) {
        LOG.warn(
            "method {}: no ranges are known for its term '{}', which stays as it is; name its keys in tune.space",
            method.name(),
            name);
        continue;
      }
      boolean alone = names.stream().filter(name::equals).count() == 1;
      String prefix = alone ? name + "." : i + "." + name + ".";
      JsonNode settings = mapper.tree(method.objectives().get(i)).path(name);
      ObjectiveKind kind = Objects.requireNonNull(catalog.byName().get(name));
      JsonNode defaults = mapper.tree(kind.defaults()).path(name);
      mapper
          .ranges(ranges)
          .forEach(
              (key, range) -> {
                String place = "/" + key.replace('.', '/');
                JsonNode own = settings.at(place);
                boolean isOff = isZero(own) && !isZero(defaults.at(place));
                if (!own.isMissingNode() && !own.isNull() && !isOff) {
                  space.put(prefix + key, range);
                }
              });
    }
    return space;
  }

  private static boolean isZero(JsonNode value) {
    return value.isNumber() && value.asDouble() == 0;
  }
}
