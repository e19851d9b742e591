package dev.retort.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.StudyRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON files of one study's folder; every complaint names the file. */
final class JsonFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;

  JsonFiles(Path folder) {
    this.folder = folder;
  }

  /** The object in a file, named relative to the folder; null where there is no such file. */
  @Nullable JsonNode object(String name) {
    return Files.exists(folder.resolve(name)) ? parsed(name) : null;
  }

  private JsonNode parsed(String name) {
    try {
      JsonNode node = JSON.readTree(Files.readAllBytes(folder.resolve(name)));
      if (node == null || !node.isObject()) {
        throw broken(name, "it should hold one object");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw broken(name, position(e) + e.getOriginalMessage());
    } catch (IOException e) {
      throw new StudyRecordException(folder.resolve(name) + " cannot be read: " + e, e);
    }
  }

  /** A number under a key; null where the key is missing or its value is null. */
  @Nullable Double number(String name, String where, JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isNumber()) {
      throw broken(name, where + ": " + key + " should be a number or null, not " + value);
    }
    return value.asDouble();
  }

  String string(String name, String where, JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isTextual()) {
      throw broken(name, where + ": " + key + " should be a text");
    }
    return value.asText();
  }

  StudyRecordException broken(String name, String what) {
    return new StudyRecordException(
        folder.resolve(name)
            + " is broken: "
            + what
            + ". Restore the file, or delete it and run the study again with --resume.");
  }

  private static String position(JsonProcessingException e) {
    return e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
  }

  /** Adds a node's leaves under their keys, joined by dots; lists of plain values on one line. */
  static void flatten(String prefix, JsonNode node, Map<String, String> into) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              entry ->
                  flatten(
                      prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey(),
                      entry.getValue(),
                      into));
    } else if (node.isArray()) {
      StringBuilder joined = new StringBuilder();
      for (JsonNode element : node) {
        joined
            .append(joined.isEmpty() ? "" : ", ")
            .append(element.isValueNode() ? element.asText() : element.toString());
      }
      into.put(prefix, joined.toString());
    } else {
      into.put(prefix, node.isNull() ? Numbers.UNDEFINED : node.asText());
    }
  }
}
