package dev.retort.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.ResultNumbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A list of named values under a heading. */
public record Facts(String heading, List<Fact> facts) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A named value. */
  public record Fact(String label, String value) {}

  /** What a record of a study's folder holds, accuracies in per cent. */
  static Facts of(String heading, Object record) {
    return ofAll(heading, List.of(record));
  }

  /** What several records have in common, and where they differ the value of each, numbered. */
  static Facts ofAll(String heading, List<?> records) {
    List<Map<String, String>> all = new ArrayList<>();
    Set<String> keys = new LinkedHashSet<>();
    for (Object record : records) {
      Map<String, String> values = new LinkedHashMap<>();
      flatten("", JSON.valueToTree(record), values::put);
      keys.addAll(values.keySet());
      all.add(values);
    }
    return new Facts(
        heading, keys.stream().map(key -> new Fact(label(key), inEach(all, key))).toList());
  }

  private static String inEach(List<Map<String, String>> all, String key) {
    List<String> values =
        all.stream().map(record -> record.getOrDefault(key, ResultNumbers.UNDEFINED)).toList();
    return values.stream().distinct().count() == 1
        ? values.get(0)
        : IntStream.range(0, values.size())
            .mapToObj(i -> (i + 1) + ": " + values.get(i))
            .collect(Collectors.joining("; "));
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
      return ResultNumbers.UNDEFINED;
    }
    if (key.endsWith("Accuracy") && value.isNumber()) {
      return ResultNumbers.percent(value.asDouble()) + " %";
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
