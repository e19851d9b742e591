package dev.retort.study;

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
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Reads records whose primitive components may be left out: before Jackson sees a record's keys,
 * those that are missing, or have no value, are put in. The keys are the components' names.
 */
final class RecordDefaults extends BeanDeserializerModifier {
  private static final long serialVersionUID = 1L;

  private final transient Map<Class<?>, Map<String, Object>> defaults;

  /** With component names and values by record. */
  RecordDefaults(Map<Class<?>, Map<String, Object>> defaults) {
    this.defaults = defaults;
  }

  @Override
  public JsonDeserializer<?> modifyDeserializer(
      DeserializationConfig config, BeanDescription description, JsonDeserializer<?> plain) {
    return description.getBeanClass().isRecord()
        ? new Filling(plain, defaults.getOrDefault(description.getBeanClass(), Map.of()))
        : plain;
  }

  /** The keys that are given and have a value, and the others with the values that hold then. */
  static ObjectNode fill(ObjectNode given, ObjectNode defaults) {
    ObjectNode filled = defaults.deepCopy();
    given
        .properties()
        .forEach(
            property -> {
              if (!property.getValue().isNull()) {
                filled.set(property.getKey(), property.getValue());
              }
            });
    return filled;
  }

  private static final class Filling extends DelegatingDeserializer {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, Object> defaults;

    Filling(JsonDeserializer<?> plain, Map<String, Object> defaults) {
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
        node = fill(given, mapper.valueToTree(defaults));
      }
      try (JsonParser filled = node.traverse(parser.getCodec())) {
        filled.nextToken();
        return super.deserialize(filled, context);
      }
    }

    /** Before Jackson does, which would first complain of the key that was meant, as missing. */
    private void refuseUnknownKeys(ObjectNode given, JsonParser parser)
        throws UnrecognizedPropertyException {
      List<Object> known =
          Arrays.stream(handledType().getRecordComponents())
              .<Object>map(RecordComponent::getName)
              .toList();
      for (String key : (Iterable<String>) given::fieldNames) {
        if (!known.contains(key)) {
          throw UnrecognizedPropertyException.from(parser, handledType(), key, known);
        }
      }
    }
  }
}
