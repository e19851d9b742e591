package dev.retort.study.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A piece of a configuration as it was written, with the place of every key and value. */
sealed interface YamlNode {
  /** Where it begins. */
  Location location();

  /** What it is, for a message: {@code the text 'abc'}. */
  String describe();

  /** A copy that can be changed without changing this one. */
  YamlNode copy();

  /** The same without places. */
  JsonNode toJson();

  /**
   * A text, number, truth value, or nothing.
   *
   * @param value as YAML's core schema reads it
   */
  record Scalar(JsonNode value, Location location) implements YamlNode {
    @Override
    public String describe() {
      if (value.isNull()) {
        return "nothing";
      }
      return value.isTextual()
          ? "the text '" + value.textValue() + "'"
          : (value.isNumber() ? "the number " : "") + value.asText();
    }

    @Override
    public YamlNode copy() {
      return this;
    }

    @Override
    public JsonNode toJson() {
      return value;
    }
  }

  /**
   * A list.
   *
   * @param items may be changed
   */
  record Sequence(List<YamlNode> items, Location location) implements YamlNode {
    @Override
    public String describe() {
      return "a list";
    }

    @Override
    public Sequence copy() {
      return new Sequence(
          items.stream().map(YamlNode::copy).collect(Collectors.toCollection(ArrayList::new)),
          location);
    }

    @Override
    public JsonNode toJson() {
      return JsonNodeFactory.instance
          .arrayNode()
          .addAll(items.stream().map(YamlNode::toJson).toList());
    }
  }

  /**
   * Keys and values in the order in which they were written.
   *
   * @param entries may be changed
   */
  record Mapping(Map<String, Entry> entries, Location location) implements YamlNode {
    /** A value and the place of its key. */
    record Entry(Location key, YamlNode value) {}

    Mapping(Location location) {
      this(new LinkedHashMap<>(), location);
    }

    /** Gives a key a value, in the place of an earlier one; it stands where the value does. */
    void put(String key, YamlNode value) {
      put(key, value.location(), value);
    }

    /** Gives a key a value, in the place of an earlier one. */
    void put(String key, Location place, YamlNode value) {
      entries.put(key, new Entry(place, value));
    }

    /** The value of a key; null without the key. */
    @Nullable YamlNode get(String key) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.value();
    }

    @Override
    public String describe() {
      return "a mapping of keys";
    }

    @Override
    public Mapping copy() {
      Mapping copy = new Mapping(location);
      entries.forEach(
          (key, entry) -> copy.entries.put(key, new Entry(entry.key, entry.value.copy())));
      return copy;
    }

    @Override
    public JsonNode toJson() {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      entries.forEach((key, entry) -> object.set(key, entry.value().toJson()));
      return object;
    }
  }

  /** A tree whose places are all the same. */
  static YamlNode of(JsonNode tree, Location location) {
    if (tree.isArray()) {
      List<YamlNode> items = new ArrayList<>();
      tree.forEach(item -> items.add(of(item, location)));
      return new Sequence(items, location);
    }
    if (tree.isObject()) {
      Mapping mapping = new Mapping(location);
      tree.properties()
          .forEach(
              property -> {
                YamlNode value = of(property.getValue(), location);
                mapping.put(property.getKey(), location, value);
              });
      return mapping;
    }
    return new Scalar(tree, location);
  }

  /** Whether a key is there and has no value. */
  static boolean isNull(@Nullable YamlNode node) {
    return node instanceof Scalar scalar && scalar.value().isNull();
  }

  /** The key of a mapping that has one; null of anything else. */
  static @Nullable String onlyKey(@Nullable YamlNode node) {
    return node instanceof Mapping mapping && mapping.entries().size() == 1
        ? mapping.entries().keySet().iterator().next()
        : null;
  }

  /** The text of a scalar that is one; null of anything else. */
  static @Nullable String text(@Nullable YamlNode node) {
    return node instanceof Scalar scalar && scalar.value().isTextual()
        ? scalar.value().textValue()
        : null;
  }
}
