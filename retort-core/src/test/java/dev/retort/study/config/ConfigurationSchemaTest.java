package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationSchemaTest {
  private static final Path RESOURCES = Path.of("src/main/resources/dev/retort/study/config");

  private static final String ANEW =
      "write it anew: mvn -pl retort-core test -Dtest=ConfigurationSchemaTest -Dretort.schemas=write";

  private static void assertCurrent(String file, JsonNode schema) throws IOException {
    String text = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(schema);
    if ("write".equals(System.getProperty("retort.schemas"))) {
      Files.writeString(RESOURCES.resolve(file), text + "\n");
      return;
    }
    try (var committed = ConfigurationSchemaTest.class.getResourceAsStream(file)) {
      assertThat(committed).as(file).isNotNull();
      boolean current =
          new ObjectMapper().readTree(committed).equals(new ObjectMapper().readTree(text));
      assertThat(current).as("%s is current; if not, %s", file, ANEW).isTrue();
    }
  }

  @Test
  void theCommittedSchemasAreCurrent() throws IOException {
    assertCurrent("study.schema.json", ConfigurationSchema.ofStudy(MethodPresets.objectives()));
    assertCurrent(
        "training.schema.json", ConfigurationSchema.ofTraining(MethodPresets.objectives()));
  }

  @Test
  void theSchemaKnowsRequiredKeysDefaultsChoicesAndPresets() {
    JsonNode schema = ConfigurationSchema.ofStudy(MethodPresets.objectives());
    assertThat(schema.get("required")).hasToString("[\"data\",\"training\",\"methods\"]");
    assertThat(schema.get("additionalProperties").booleanValue()).isFalse();
    JsonNode properties = schema.get("properties");
    assertThat(properties.get("seeds"))
        .hasToString(
            "{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"integer\"},\"default\":[1,2,3]}");
    assertThat(properties.get("views")).hasToString("{\"type\":[\"integer\",\"null\"]}");
    JsonNode training = schema.get("$defs").get("TrainingConfiguration");
    assertThat(training.get("required")).hasToString("[\"epochs\"]");
    assertThat(training.get("properties").get("precision"))
        .hasToString(
            "{\"anyOf\":[{\"enum\":[\"auto\",\"bf16\",\"fp32\",\"fp64\"]},{\"type\":\"null\"}],\"default\":\"auto\"}");
    JsonNode schedules = schema.get("$defs").get("Schedule").get("anyOf");
    assertThat(schedules.get(0))
        .hasToString(
            "{\"enum\":[\"one-cycle\",\"cosine\",\"multi-step\",\"linear\",\"constant\"]}");
    assertThat(schedules.get(1).get("properties").get("one-cycle").get("properties").get("peak"))
        .hasToString("{\"type\":[\"number\",\"null\"],\"default\":0.2}");
    JsonNode presets = properties.get("methods").get("items").get("anyOf").get(0).get("anyOf");
    assertThat(presets.get(0))
        .hasToString("{\"const\":\"cross-entropy\",\"description\":\"the labels\"}");
    JsonNode terms = schema.get("$defs").get("ObjectiveSettings").get("anyOf").get(1);
    assertThat(terms.get("properties").get("hinton").get("properties").get("temperature"))
        .hasToString("{\"type\":[\"number\",\"null\"],\"default\":4.0}");
  }
}
