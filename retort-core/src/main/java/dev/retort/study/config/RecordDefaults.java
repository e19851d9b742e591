package dev.retort.study.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Merges what a file says of a record with an instance that has the defaults, before Jackson binds
 * it. A key that is left out, or has no value, gets the instance's value. A component that is
 * {@link Nullable} stays without a value then, since its record, or the networks, decide what
 * holds; so does one that is required, which Jackson misses.
 */
final class RecordDefaults extends BeanDeserializerModifier {
  private static final long serialVersionUID = 1L;

  /** Keys that are gone when a record is bound, and that its user knows. */
  private static final Map<Class<?>, String> READ_BEFORE =
      Map.of(MethodConfiguration.class, "extends", StudyConfiguration.class, "student");

  private final transient Map<Class<?>, Record> instances;

  /** With the instances for records that no other instance contains. */
  RecordDefaults(Map<Class<?>, Record> instances) {
    this.instances = instances;
  }

  @Override
  public JsonDeserializer<?> modifyDeserializer(
      DeserializationConfig config, BeanDescription description, JsonDeserializer<?> plain) {
    Class<?> type = description.getBeanClass();
    return type.isRecord() ? new Filling(plain, instances.get(type)) : plain;
  }

  /**
   * The keys that are given and have a value, and the others with the values that hold then.
   *
   * @param given of a record of this type
   * @param defaults the default instance as a tree; empty if there is none
   */
  static ObjectNode fill(ObjectNode given, JsonNode defaults, Class<?> type) {
    ObjectNode filled = JsonNodeFactory.instance.objectNode();
    given
        .properties()
        .forEach(
            property -> {
              if (!property.getValue().isNull()) {
                filled.set(property.getKey(), property.getValue());
              }
            });
    for (RecordComponent component : type.getRecordComponents()) {
      JsonNode standard = defaults.path(component.getName());
      JsonNode said = filled.get(component.getName());
      if (said == null && hasDefault(component) && !standard.isMissingNode()) {
        filled.set(component.getName(), standard);
      } else if (said instanceof ObjectNode inner && component.getType().isRecord()) {
        filled.set(component.getName(), fill(inner, standard, component.getType()));
      }
    }
    return filled;
  }

  /** Whether a key that is left out has the default instance's value. */
  static boolean hasDefault(RecordComponent component) {
    return !isRequired(component)
        && !component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  /** Whether a record must say it. */
  static boolean isRequired(RecordComponent component) {
    JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
    return property != null && property.required();
  }

  private static final class Filling extends DelegatingDeserializer {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Record defaults;

    Filling(JsonDeserializer<?> plain, @Nullable Record defaults) {
      super(plain);
      this.defaults = defaults;
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> plain) {
      return new Filling(plain, defaults);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      JsonNode node = context.readTree(parser);
      if (node instanceof ObjectNode given) {
        refuseUnknownKeys(given, parser);
        ObjectMapper mapper = (ObjectMapper) parser.getCodec();
        node =
            fill(
                given,
                defaults == null ? mapper.createObjectNode() : mapper.valueToTree(defaults),
                handledType());
      }
      try (JsonParser filled = node.traverse(parser.getCodec())) {
        filled.nextToken();
        return super.deserialize(filled, context);
      }
    }

    /** Before Jackson does, which would first complain of the key that was meant, as missing. */
    private void refuseUnknownKeys(ObjectNode given, JsonParser parser)
        throws UnrecognizedPropertyException {
      List<String> components =
          Arrays.stream(handledType().getRecordComponents()).map(RecordComponent::getName).toList();
      List<Object> known = new ArrayList<>(components);
      if (READ_BEFORE.containsKey(handledType())) {
        known.add(READ_BEFORE.get(handledType()));
      }
      for (String key : (Iterable<String>) given::fieldNames) {
        if (!components.contains(key)) {
          throw UnrecognizedPropertyException.from(parser, handledType(), key, known);
        }
      }
    }
  }
}
