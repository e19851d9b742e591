package dev.retort.study.config;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.BeanSerializerFactory;
import com.fasterxml.jackson.databind.ser.ResolvableSerializer;
import dev.retort.system.NearestNames;
import java.io.IOException;
import java.util.Map;

/**
 * A value that is one of several records, written as the name of one, or as the name with its
 * settings: {@code one-cycle}, or {@code one-cycle: {peak: 0.3}}.
 *
 * @param type what the records have in common
 * @param choices by name, each with all its defaults; of one record's names the first is written
 */
record NamedChoice<T>(Class<T> type, Map<String, T> choices) {
  /** Teaches Jackson to write and read it. */
  void register(SimpleModule module) {
    module.addSerializer(new Writer());
    module.addDeserializer(type, new Reader());
  }

  private final class Writer extends JsonSerializer<T> {
    @Override
    public Class<T> handledType() {
      return type;
    }

    @Override
    public void serialize(T value, JsonGenerator to, SerializerProvider provider)
        throws IOException {
      to.writeStartObject();
      to.writeFieldName(nameOf(value));
      settingsSerializer(value, provider).serialize(value, to, provider);
      to.writeEndObject();
    }

    private String nameOf(T value) {
      return choices.entrySet().stream()
          .filter(choice -> choice.getValue().getClass() == value.getClass())
          .map(Map.Entry::getKey)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException(value.getClass() + " has no name"));
    }

    /** The one for the record as such: asked for by its class, the provider would give this one. */
    private JsonSerializer<Object> settingsSerializer(T value, SerializerProvider provider)
        throws JsonMappingException {
      JsonSerializer<Object> serializer =
          BeanSerializerFactory.instance.createSerializer(
              provider, provider.constructType(value.getClass()));
      if (serializer instanceof ResolvableSerializer resolvable) {
        resolvable.resolve(provider);
      }
      return serializer;
    }
  }

  private final class Reader extends JsonDeserializer<T> {
    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      JsonNode node = context.readTree(parser);
      if (node.isTextual()) {
        return choice(context, node.textValue());
      }
      if (!node.isObject() || node.size() != 1) {
        throw new ConfigurationProblem(
            context,
            "must be a name such as %s, or one name with its settings"
                .formatted(choices.keySet().iterator().next()));
      }
      String name = node.fieldNames().next();
      T defaults = choice(context, name);
      JsonNode settings = node.get(name);
      if (settings.isNull()) {
        return defaults;
      }
      try {
        return bind(context, defaults, settings);
      } catch (JsonMappingException e) {
        throw JsonMappingException.wrapWithPath(e, defaults, name);
      }
    }

    private T bind(DeserializationContext context, T defaults, JsonNode settings)
        throws IOException {
      if (!(settings instanceof ObjectNode given)) {
        throw new ConfigurationProblem(context, "must be a mapping of its settings");
      }
      JsonNode named = ((ObjectMapper) context.getParser().getCodec()).valueToTree(defaults);
      JsonNode all = RecordDefaults.fill(given, named.elements().next(), defaults.getClass());
      return type.cast(context.readTreeAsValue(all, defaults.getClass()));
    }

    private T choice(DeserializationContext context, String name) throws JsonMappingException {
      T defaults = choices.get(name);
      if (defaults == null) {
        throw new ConfigurationProblem(
            context,
            "must not be '%s'; did you mean %s? Known are %s"
                .formatted(
                    name,
                    NearestNames.of(name, choices.keySet()).get(0),
                    String.join(", ", choices.keySet())));
      }
      return defaults;
    }
  }
}
