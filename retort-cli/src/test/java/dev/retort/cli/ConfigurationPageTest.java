package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.retort.study.config.ConfigurationReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The tables of docs/configuration.md are made from the schemas, which are made from the records,
 * and from the comments of these records.
 */
class ConfigurationPageTest {
  private static final String PAGE = "configuration.md";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a comment says of a component that may be null. */
  private static final Pattern ABSENT = Pattern.compile("; null (?:for|where|in) (.*)$");

  private static JsonNode schema(String name) throws IOException {
    try (InputStream file =
        ConfigurationReader.class.getResourceAsStream("/dev/retort/study/config/" + name)) {
      return JSON.readTree(Objects.requireNonNull(file, name));
    }
  }

  @Test
  void theTablesHaveEveryKeyOfAStudy() throws IOException {
    JsonNode study = schema("study.schema.json");
    GeneratedPart.assertCurrent(
        PAGE, "a study", table(study, "StudyConfiguration", study.get("properties")));
    for (String type : List.of("Data", "Teacher", "Student", "Method", "Training")) {
      String name = type + "Configuration";
      GeneratedPart.assertCurrent(
          PAGE, type.toLowerCase(java.util.Locale.ROOT), table(study, name));
    }
    GeneratedPart.assertCurrent(PAGE, "adversary", table(study, "AdversarySettings"));
  }

  @Test
  void theTablesHaveEveryKeyOfATraining() throws IOException {
    JsonNode training = schema("training.schema.json");
    GeneratedPart.assertCurrent(
        PAGE,
        "one network",
        table(training, "NetworkTrainingConfiguration", training.get("properties")));
  }

  private static String table(JsonNode schema, String type) throws IOException {
    JsonNode properties =
        type.equals("AdversarySettings")
            ? objectOf(schema.get("$defs").get("ObjectiveSettings"))
                .get("properties")
                .get("adversary")
                .get("properties")
            : objectOf(schema.get("$defs").get(type)).get("properties");
    return table(schema, type, properties);
  }

  private static String table(JsonNode schema, String type, JsonNode properties)
      throws IOException {
    StringBuilder table = new StringBuilder(GeneratedPart.row("key", "unless given", "what it is"));
    table.append("|---|---|---|\n");
    append(table, schema, type, properties, "");
    return table.toString();
  }

  private static void append(
      StringBuilder table, JsonNode schema, String type, JsonNode properties, String prefix)
      throws IOException {
    SourceComment comment = SourceComment.of(type);
    for (Map.Entry<String, String> parameter : comment.parameters().entrySet()) {
      String key = parameter.getKey();
      JsonNode property = properties.get(key);
      assertThat(property).as("%s.%s of the schema", type, key).isNotNull();
      JsonNode value = referred(schema, property);
      String standard = property.has("default") ? code(property.get("default")) : "";
      String text = parameter.getValue();
      Matcher absent = ABSENT.matcher(text);
      if (text.endsWith("; required")) {
        standard = "required";
        text = text.substring(0, text.length() - "; required".length());
      } else if (absent.find()) {
        standard = absent.group(1);
        text = text.substring(0, absent.start());
      } else if (standard.isEmpty() && mayBeNull(property)) {
        standard = "none";
      }
      assertThat(standard)
          .as("%s.%s has no default: end its comment in '; required' or '; null for …'", type, key)
          .isNotEmpty();
      String shown = prefix + (key.equals("students") ? "student`, `students" : key);
      table.append(GeneratedPart.row("`" + shown + "`", standard, text + choices(value)));
      if (isNested(property) && value != null && value.has("properties")) {
        String name = reference(property);
        append(table, schema, name, value.get("properties"), prefix + key + ".");
      }
    }
    assertThat(comment.parameters().keySet())
        .as("the comment of " + type)
        .containsAll(names(properties, type));
  }

  private static boolean mayBeNull(JsonNode property) {
    return property.path("type").toString().contains("\"null\"")
        || property.path("anyOf").toString().contains("{\"type\":\"null\"}");
  }

  /** A study's schema has the singular key beside the plural one, which is the component. */
  private static List<String> names(JsonNode properties, String type) {
    List<String> names = new ArrayList<>();
    properties.fieldNames().forEachRemaining(names::add);
    if (type.equals("StudyConfiguration")) {
      names.remove("student");
    }
    if (type.equals("MethodConfiguration")) {
      names.remove("extends");
    }
    return names;
  }

  /** The parts of a study have tables of their own. */
  private static boolean isNested(JsonNode property) {
    String name = reference(property);
    return !name.isEmpty()
        && !List.of("DataConfiguration", "TeacherConfiguration", "TrainingConfiguration")
            .contains(name);
  }

  private static String reference(JsonNode property) {
    JsonNode reference = property.path("$ref");
    if (reference.isMissingNode()) {
      reference = property.path("anyOf").path(0).path("$ref");
    }
    return reference.asText("").replaceFirst("#/\\$defs/", "");
  }

  private static JsonNode referred(JsonNode schema, JsonNode property) {
    String name = reference(property);
    return name.isEmpty() ? property : schema.get("$defs").get(name);
  }

  private static JsonNode objectOf(JsonNode definition) {
    return definition.has("anyOf") ? definition.get("anyOf").get(1) : definition;
  }

  /** The values of a key that has few, each with its own keys. */
  private static String choices(JsonNode value) {
    JsonNode names =
        value.has("enum") ? value.get("enum") : value.path("anyOf").path(0).path("enum");
    if (!names.isArray()) {
      return "";
    }
    JsonNode settings = value.path("anyOf").path(1).path("properties");
    List<String> choices = new ArrayList<>();
    for (JsonNode name : names) {
      List<String> keys = new ArrayList<>();
      settings
          .path(name.asText())
          .path("properties")
          .properties()
          .forEach(key -> keys.add(key.getKey() + ": " + flow(key.getValue().get("default"))));
      choices.add(
          "`"
              + name.asText()
              + (keys.isEmpty() ? "" : keys.stream().collect(Collectors.joining(", ", ": {", "}")))
              + "`");
    }
    return ". One of " + String.join(", ", choices);
  }

  private static String code(JsonNode value) {
    return "`" + flow(value) + "`";
  }

  private static String flow(JsonNode value) {
    return ListCommand.flow(JSON.convertValue(value, Object.class));
  }
}
