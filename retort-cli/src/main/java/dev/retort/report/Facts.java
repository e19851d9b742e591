package dev.retort.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** A list of named values under a heading. */
public record Facts(String heading, List<Fact> facts) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A named value. */
  public record Fact(String label, String value) {}

  /** What a record of a study's folder holds, accuracies in per cent. */
  static Facts of(String heading, Object record) {
    List<Fact> facts = new ArrayList<>();
    JSON.valueToTree(record)
        .properties()
        .forEach(
            entry ->
                flatten(
                    entry.getKey(),
                    entry.getValue(),
                    (key, text) -> facts.add(new Fact(label(key), text))));
    return new Facts(heading, facts);
  }

  /** What all of several records have in common, and where they differ the values of all. */
  static Facts ofAll(String heading, List<?> records) {
    Map<String, Set<String>> values = new LinkedHashMap<>();
    for (Object record : records) {
      flatten(
          "",
          JSON.valueToTree(record),
          (key, text) -> values.computeIfAbsent(key, k -> new LinkedHashSet<>()).add(text));
    }
    List<Fact> facts = new ArrayList<>();
    values.forEach((key, distinct) -> facts.add(new Fact(label(key), String.join("; ", distinct))));
    return new Facts(heading, facts);
  }

  private static String label(String key) {
    return switch (key) {
      case "testAccuracy" -> "test accuracy";
      case "validationAccuracy" -> "validation accuracy";
      case "macs" -> "multiply–accumulates an image";
      case "sha256" -> "SHA-256";
      case "logicalProcessors" -> "logical processors";
      case "memoryBytes" -> "memory, bytes";
      case "vectorInstructions" -> "vector instructions";
      case "train", "validation", "test" -> key + " images";
      default -> key;
    };
  }

  private static String written(String key, JsonNode value) {
    if (value.isNull()) {
      return Numbers.UNDEFINED;
    }
    if (key.endsWith("Accuracy") && value.isNumber()) {
      return Numbers.percent(value.asDouble()) + " %";
    }
    return value.isIntegralNumber() ? Numbers.count(value.asLong()) : value.asText();
  }

  /** A node's leaves under their keys, joined by dots; lists of plain values on one line. */
  private static void flatten(String prefix, JsonNode node, BiConsumer<String, String> to) {
    if (node.isObject()) {
      String before = prefix.isEmpty() ? "" : prefix + ".";
      node.properties().forEach(entry -> flatten(before + entry.getKey(), entry.getValue(), to));
    } else if (node.isArray()) {
      List<String> elements = new ArrayList<>();
      node.forEach(e -> elements.add(e.isValueNode() ? e.asText() : e.toString()));
      to.accept(prefix, String.join(", ", elements));
    } else {
      to.accept(prefix, written(prefix, node));
    }
  }
}
