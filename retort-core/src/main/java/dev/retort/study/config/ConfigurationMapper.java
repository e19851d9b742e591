package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.cfg.MutableCoercionConfig;
import com.fasterxml.jackson.databind.deser.std.NumberDeserializers;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Between the records of a configuration and YAML. */
final class ConfigurationMapper {
  private final YAMLMapper mapper;
  private final List<NamedChoice<?>> choices;

  /**
   * For configurations whose methods are made of certain terms.
   *
   * @param catalog the terms
   */
  ConfigurationMapper(ObjectiveCatalog catalog) {
    choices =
        List.of(
            ConfigurationDefaults.SCHEDULES,
            ConfigurationDefaults.AVERAGES,
            ConfigurationDefaults.ENCODINGS,
            ConfigurationDefaults.DISTRIBUTIONS,
            objectives(catalog));
    SimpleModule module = new SimpleModule();
    module.setDeserializerModifier(new RecordDefaults(ConfigurationDefaults.RECORDS));
    choices.forEach(choice -> choice.register(module));
    module.addDeserializer(double.class, new Numbers(double.class, 0.0));
    module.addDeserializer(Double.class, new Numbers(Double.class, null));
    YAMLFactory yaml =
        YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .stringQuotingChecker(new Quoting())
            .build();
    mapper =
        YAMLMapper.builder(yaml)
            .addModule(module)
            .annotationIntrospector(new KebabCaseEnums())
            // A record's components are all that YAML has, and not what an interface asks of it.
            .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .withCoercionConfig(LogicalType.Textual, ConfigurationMapper::onlyText)
            .withConfigOverride(
                List.class,
                list -> list.setSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL)))
            .build();
  }

  private static void onlyText(MutableCoercionConfig config) {
    config
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
  }

  /** Jackson's own takes the texts NaN and Infinity for numbers. */
  private static final class Numbers extends NumberDeserializers.DoubleDeserializer {
    private static final long serialVersionUID = 1L;

    Numbers(Class<Double> type, @Nullable Double ifNull) {
      super(type, ifNull);
    }

    @Override
    public Double deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return parser.hasToken(JsonToken.VALUE_STRING)
          ? (Double) context.handleUnexpectedToken(handledType(), parser)
          : super.deserialize(parser, context);
    }
  }

  private static NamedChoice<ObjectiveSettings> objectives(ObjectiveCatalog catalog) {
    Map<String, ObjectiveSettings> byName = new LinkedHashMap<>();
    catalog.byName().forEach((name, kind) -> byName.put(name, kind.defaults()));
    return new NamedChoice<>(ObjectiveSettings.class, byName);
  }

  /** The values that are written as a name, or as a name with settings. */
  List<NamedChoice<?>> choices() {
    return choices;
  }

  /**
   * The record that a tree describes.
   *
   * @throws ConfigurationException if it describes none
   */
  <T> T bind(YamlNode tree, Class<T> type) {
    try {
      return mapper.treeToValue(tree.toJson(), type);
    } catch (JsonMappingException e) {
      throw new BindingError(tree, e, this::constants).toException();
    } catch (JsonProcessingException e) {
      throw tree.location().problem("", e.getOriginalMessage());
    }
  }

  /** An enumeration's constants as they are written in YAML. */
  List<String> constants(Class<?> enumeration) {
    return Arrays.stream(enumeration.getEnumConstants())
        .map(constant -> mapper.<JsonNode>valueToTree(constant).textValue())
        .toList();
  }

  /** The keys and values of a named choice's settings. */
  Map<String, Object> settings(Object settings) {
    JsonNode named = mapper.valueToTree(settings);
    return mapper.convertValue(
        named.elements().next(), new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  /** A value as YAML has it. */
  JsonNode tree(@Nullable Object value) {
    return mapper.valueToTree(value);
  }

  /** The same as texts, numbers, truth values, lists and maps; null of what is not there. */
  @Nullable Object plain(JsonNode tree) {
    return mapper.convertValue(tree, Object.class);
  }

  /** The name of an objective in YAML. */
  String name(ObjectiveSettings objective) {
    return tree(objective).fieldNames().next();
  }

  /** Keys and the ranges that they are drawn from. */
  Map<String, SettingRange> ranges(YamlNode tree) {
    return mapper.convertValue(
        tree.toJson(), new TypeReference<LinkedHashMap<String, SettingRange>>() {});
  }

  /** A record as YAML with every key, in the order of its components. */
  String toYaml(Object configuration) {
    try {
      return mapper.writeValueAsString(configuration);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a configuration that YAML cannot hold", e);
    }
  }

  /** Constants in YAML: {@code one-cycle} for ONE_CYCLE, unless annotated otherwise. */
  private static final class KebabCaseEnums extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public String[] findEnumValues(
        MapperConfig<?> config, AnnotatedClass type, Enum<?>[] constants, String[] names) {
      String[] found = super.findEnumValues(config, type, constants, names);
      for (int i = 0; i < found.length; i++) {
        if (found[i] == null) {
          found[i] = constants[i].name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
      }
      return found;
    }
  }

  /** Quotes every text that is not plainly a word or a path, so that it is read back as text. */
  private static final class Quoting extends StringQuotingChecker {
    private static final long serialVersionUID = 1L;
    private static final Pattern WORD =
        Pattern.compile("[A-Za-z/_]([A-Za-z0-9_./+:-]*[A-Za-z0-9_./+-])?");
    private static final Set<String> RESERVED = Set.of("true", "false", "null");

    /** What readers of YAML 1.1, such as PyYAML, take for a truth value. */
    private static final Set<String> TRUTH = Set.of("on", "off", "yes", "no", "y", "n");

    @Override
    public boolean needToQuoteName(String name) {
      return !WORD.matcher(name).matches() || RESERVED.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean needToQuoteValue(String value) {
      return needToQuoteName(value) || TRUTH.contains(value.toLowerCase(Locale.ROOT));
    }
  }
}
