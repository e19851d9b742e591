package dev.retort.study.config;

import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.retort.system.NearestNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Jackson's complaint about a tree that is no such record, in the words of the configuration. */
final class BindingError {
  private static final Pattern MISSING =
      Pattern.compile("Missing required creator property '([^']*)'.*", Pattern.DOTALL);

  private final JsonMappingException error;
  private final Function<Class<?>, List<String>> constants;
  private final List<JsonMappingException.Reference> path;

  /** The nodes along the path, the root first, as far as they were written. */
  private final List<YamlNode> nodes = new ArrayList<>();

  /**
   * An error and the tree in which it is.
   *
   * @param constants the names in YAML of an enumeration's constants
   */
  BindingError(
      YamlNode root, JsonMappingException error, Function<Class<?>, List<String>> constants) {
    this.error = error;
    this.constants = constants;
    this.path = error.getPath();
    nodes.add(root);
    for (JsonMappingException.Reference reference : path) {
      YamlNode next = step(last(), reference);
      if (next == null) {
        break;
      }
      nodes.add(next);
    }
  }

  private static @Nullable YamlNode step(YamlNode from, JsonMappingException.Reference reference) {
    if (from instanceof YamlNode.Mapping mapping && reference.getFieldName() != null) {
      return mapping.get(reference.getFieldName());
    }
    if (from instanceof YamlNode.Sequence sequence
        && reference.getIndex() >= 0
        && reference.getIndex() < sequence.items().size()) {
      return sequence.items().get(reference.getIndex());
    }
    return null;
  }

  private YamlNode last() {
    return nodes.get(nodes.size() - 1);
  }

  /** One sentence with its place. */
  ConfigurationException toException() {
    if (error instanceof UnrecognizedPropertyException unknown) {
      return unknownKey(unknown);
    }
    Matcher missing = MISSING.matcher(error.getOriginalMessage());
    if (missing.matches()) {
      return missingKey(missing.group(1));
    }
    if (error instanceof ValueInstantiationException && error.getCause() != null) {
      String sentence = Objects.requireNonNullElse(error.getCause().getMessage(), "is not valid");
      return placeOf(sentence).problem(shown(path.size()), sentence);
    }
    return last().location().problem(shown(path.size() - 1), subject() + " " + complaint());
  }

  private ConfigurationException missingKey(String key) {
    int depth = nodes.size() - 1;
    for (int i = depth; i >= 0; i--) {
      if (nodes.get(i) instanceof YamlNode.Mapping mapping) {
        YamlNode empty = mapping.get(key);
        return empty == null
            ? mapping.location().problem(shown(i), key + " is required, and missing")
            : empty.location().problem(shown(i), key + " is required, and has no value");
      }
    }
    return last().location().problem(shown(depth), key + " is required, and missing");
  }

  private ConfigurationException unknownKey(UnrecognizedPropertyException unknown) {
    String key = unknown.getPropertyName();
    List<String> known = unknown.getKnownPropertyIds().stream().map(String::valueOf).toList();
    Location place = last().location();
    for (YamlNode node : nodes) {
      if (node instanceof YamlNode.Mapping mapping && mapping.entries().containsKey(key)) {
        place = Objects.requireNonNull(mapping.entries().get(key)).key();
      }
    }
    return place.problem(shown(path.size() - 1), unknownKey(key, known));
  }

  private static String unknownKey(String key, List<String> known) {
    if (known.isEmpty()) {
      return "unknown key '" + key + "'; there are no settings here";
    }
    String all = String.join(", ", known);
    String meant = NearestNames.meant(key, known);
    return meant == null
        ? "unknown key '%s'. Known are %s".formatted(key, all)
        : "unknown key '%s'; did you mean '%s'? Known are %s".formatted(key, meant, all);
  }

  /** The place of the first key that a record's complaint names, or else the record's. */
  private Location placeOf(String sentence) {
    Location place = last().location();
    int first = Integer.MAX_VALUE;
    if (last() instanceof YamlNode.Mapping mapping) {
      for (var entry : mapping.entries().entrySet()) {
        Matcher named =
            Pattern.compile("(?<!\\w)" + Pattern.quote(entry.getKey()) + "(?!\\w)")
                .matcher(sentence);
        if (named.find() && named.start() < first) {
          first = named.start();
          place = entry.getValue().value().location();
        }
      }
    }
    return place;
  }

  private String subject() {
    if (path.isEmpty()) {
      return "a configuration";
    }
    JsonMappingException.Reference reference = path.get(path.size() - 1);
    return reference.getFieldName() == null
        ? "entry " + (reference.getIndex() + 1)
        : reference.getFieldName();
  }

  private String complaint() {
    if (error instanceof ConfigurationProblem) {
      return error.getOriginalMessage();
    }
    if (error instanceof InvalidNullException) {
      return "has no value";
    }
    if (error instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      return "must be " + expected(mismatch.getTargetType()) + ", not " + last().describe();
    }
    return error.getCause() instanceof InputCoercionException
        ? "is out of range, " + last().describe()
        : "cannot be " + last().describe();
  }

  private String expected(Class<?> type) {
    if (type.isEnum()) {
      return "one of " + String.join(", ", constants.apply(type));
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "a whole number";
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a text";
    }
    return Collection.class.isAssignableFrom(type) ? "a list" : "a mapping of keys";
  }

  /** The first {@code length} steps of the path: {@code methods[1].objectives}. */
  private String shown(int length) {
    StringBuilder shown = new StringBuilder();
    for (JsonMappingException.Reference reference : path.subList(0, Math.max(0, length))) {
      if (reference.getFieldName() == null) {
        shown.append('[').append(reference.getIndex()).append(']');
      } else {
        shown.append(shown.isEmpty() ? "" : ".").append(reference.getFieldName());
      }
    }
    return shown.toString();
  }
}
