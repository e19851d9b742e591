package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.retort.distill.ObjectiveCatalog;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The JSON Schema (2020-12) of configurations, for editors: made from the records' components, the
 * defaults, the named choices and the presets.
 */
final class ConfigurationSchema {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final JsonNode NOTHING = JSON.missingNode();

  private final ConfigurationMapper mapper;
  private final Map<String, YamlNode.Mapping> presets;
  private final ObjectNode definitions = JSON.objectNode();

  private ConfigurationSchema(ObjectiveCatalog catalog) {
    this.mapper = new ConfigurationMapper(catalog);
    this.presets = MethodPresets.trees(catalog);
  }

  /** Of a study: what {@code retort compare} reads. */
  public static JsonNode ofStudy(ObjectiveCatalog catalog) {
    ConfigurationSchema schema = new ConfigurationSchema(catalog);
    ObjectNode study = schema.record(StudyConfiguration.class);
    ObjectNode properties = (ObjectNode) study.get("properties");
    JsonNode student = schema.of(StudentConfiguration.class, NOTHING);
    properties.set("student", anyOf(student, properties.get("students")));
    properties.set("methods", array(anyOf(schema.presetNames(), schema.method())));
    properties.set("comparisons", anyOf(constant("default"), properties.get("comparisons")));
    ArrayNode required = (ArrayNode) study.get("required");
    required.removeIf(key -> key.textValue().equals("students"));
    study.set("oneOf", JSON.arrayNode().add(requiring("student")).add(requiring("students")));
    return schema.document("A study of Retort", study);
  }

  /** Of a plain training: what {@code retort train} reads. */
  public static JsonNode ofTraining(ObjectiveCatalog catalog) {
    ConfigurationSchema schema = new ConfigurationSchema(catalog);
    return schema.document(
        "The training of one network with Retort",
        schema.record(NetworkTrainingConfiguration.class));
  }

  private JsonNode document(String title, ObjectNode root) {
    ObjectNode document = JSON.objectNode();
    document.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    document.put("title", title);
    document.setAll(root);
    document.set("$defs", definitions);
    return document;
  }

  private JsonNode presetNames() {
    ArrayNode names = JSON.arrayNode();
    presets.forEach(
        (name, preset) ->
            names.add(
                constant(name).put("description", MethodPresets.text(preset, "description"))));
    return JSON.objectNode().set("anyOf", names);
  }

  private JsonNode method() {
    ObjectNode method = record(MethodConfiguration.class);
    ((ObjectNode) method.get("properties")).set("extends", type("string"));
    method.set("required", JSON.arrayNode().add("name"));
    method.set("anyOf", JSON.arrayNode().add(requiring("objectives")).add(requiring("extends")));
    return method;
  }

  /**
   * A value.
   *
   * @param standard what a record of this type has where a key is left out; missing if no instance
   *     with defaults contains it
   */
  private JsonNode of(Type type, JsonNode standard) {
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      return array(of(list.getActualTypeArguments()[0], NOTHING));
    }
    if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
      return type("object")
          .set("additionalProperties", of(map.getActualTypeArguments()[1], NOTHING));
    }
    Class<?> plain = (Class<?>) type;
    if (plain == Object.class) {
      return JSON.objectNode();
    }
    for (NamedChoice<?> choice : mapper.choices()) {
      if (choice.type() == plain) {
        return defined(plain, () -> choice(choice));
      }
    }
    if (plain.isEnum()) {
      ArrayNode constants = JSON.arrayNode();
      mapper.constants(plain).forEach(constants::add);
      return JSON.objectNode().set("enum", constants);
    }
    if (plain.isRecord()) {
      return defined(plain, () -> withShortForms(plain, standard));
    }
    return type(scalar(plain));
  }

  private static String scalar(Class<?> type) {
    if (type == String.class) {
      return "string";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "boolean";
    }
    return type == double.class || type == Double.class ? "number" : "integer";
  }

  /** A record, or what its factories make it of: a text, or a list of texts. */
  private JsonNode withShortForms(Class<?> type, JsonNode standard) {
    Optional<Type> shortForm =
        Arrays.stream(type.getDeclaredMethods())
            .filter(ConfigurationSchema::isShortForm)
            .map(method -> method.getGenericParameterTypes()[0])
            .findFirst();
    JsonNode whole = standard.isObject() ? record(type, standard) : record(type);
    if (shortForm.isEmpty()) {
      return whole;
    }
    JsonNode brief = of(shortForm.get(), NOTHING);
    if (type == Comparison.class) {
      return ((ObjectNode) brief).put("minItems", 2).put("maxItems", 2);
    }
    return anyOf(brief, whole);
  }

  private static boolean isShortForm(Method method) {
    JsonCreator creator = method.getAnnotation(JsonCreator.class);
    return creator != null && creator.mode() == JsonCreator.Mode.DELEGATING;
  }

  /** The name of a choice, or the name with its settings. */
  private JsonNode choice(NamedChoice<?> choice) {
    ArrayNode names = JSON.arrayNode();
    ObjectNode settings = JSON.objectNode();
    choice
        .choices()
        .forEach(
            (name, defaults) -> {
              names.add(name);
              settings.set(
                  name,
                  orNull(record(defaults.getClass(), mapper.tree(defaults).elements().next())));
            });
    ObjectNode named = object(settings);
    named.put("minProperties", 1).put("maxProperties", 1);
    return anyOf(JSON.objectNode().set("enum", names), named);
  }

  /** The keys of a record that no other one contains. */
  private ObjectNode record(Class<?> type) {
    Record defaults = ConfigurationDefaults.RECORDS.get(type);
    return record(type, defaults == null ? NOTHING : mapper.tree(defaults));
  }

  /**
   * A record's keys.
   *
   * @param defaults what holds for keys that are left out
   */
  private ObjectNode record(Class<?> type, JsonNode defaults) {
    ObjectNode properties = JSON.objectNode();
    ArrayNode required = JSON.arrayNode();
    for (RecordComponent component : type.getRecordComponents()) {
      String key = component.getName();
      JsonNode standard = defaults.path(key);
      JsonNode schema = of(component.getGenericType(), standard);
      if (RecordDefaults.isRequired(component)) {
        required.add(key);
      } else if (RecordDefaults.hasDefault(component) && !standard.isMissingNode()) {
        schema = ((ObjectNode) orNull(schema)).set("default", standard);
      } else {
        schema = orNull(schema);
      }
      properties.set(key, schema);
    }
    ObjectNode object = object(properties);
    if (!required.isEmpty()) {
      object.set("required", required);
    }
    return object;
  }

  /** A reference to a definition, which is made at its first use. */
  private JsonNode defined(Class<?> type, Supplier<JsonNode> definition) {
    String name = type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    if (!definitions.has(name)) {
      definitions.putNull(name);
      definitions.set(name, definition.get());
    }
    return JSON.objectNode().put("$ref", "#/$defs/" + name);
  }

  private static JsonNode orNull(JsonNode schema) {
    JsonNode type = schema.get("type");
    if (type == null) {
      return anyOf(schema, type("null"));
    }
    return ((ObjectNode) schema).set("type", JSON.arrayNode().add(type).add("null"));
  }

  private static ObjectNode type(String name) {
    return JSON.objectNode().put("type", name);
  }

  private static ObjectNode constant(String text) {
    return JSON.objectNode().put("const", text);
  }

  private static JsonNode array(JsonNode items) {
    return type("array").set("items", items);
  }

  private static ObjectNode object(JsonNode properties) {
    ObjectNode object = type("object");
    object.set("properties", properties);
    return object.put("additionalProperties", false);
  }

  private static ObjectNode requiring(String key) {
    return JSON.objectNode().set("required", JSON.arrayNode().add(key));
  }

  private static JsonNode anyOf(JsonNode... schemas) {
    return JSON.objectNode().set("anyOf", JSON.arrayNode().addAll(Arrays.asList(schemas)));
  }
}
