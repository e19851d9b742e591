package dev.retort.shrink;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.retort.study.StudyRecordException;
import dev.retort.system.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for, and what the candidates cost: {@code candidates.json}.
 *
 * @param request the options' values by name
 * @param costs null until they were measured
 */
record CostsRecord(Map<String, String> request, @JsonUnwrapped @Nullable CandidateCosts costs) {
  /** The value of an option that was not given. */
  static final String NONE = "none";

  /** The file's name. */
  static final String FILE = "candidates.json";

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  public CostsRecord {
    request = Collections.unmodifiableMap(new LinkedHashMap<>(request));
  }

  /** Writes the file. */
  void write(Path folder) throws IOException {
    String json = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    AtomicFile.write(folder.resolve(FILE), json);
  }

  /**
   * Reads a folder's file.
   *
   * @return nothing where there is none
   * @throws StudyRecordException if it is damaged
   */
  static Optional<CostsRecord> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode tree = JSON.readTree(Files.readAllBytes(file));
      Map<String, String> request = new LinkedHashMap<>();
      tree.path("request")
          .properties()
          .forEach(option -> request.put(option.getKey(), option.getValue().asText()));
      if (request.isEmpty()) {
        throw new StudyRecordException(file + " is damaged: it does not say what was asked for");
      }
      return Optional.of(
          new CostsRecord(
              request,
              tree.has("candidates") ? JSON.treeToValue(tree, CandidateCosts.class) : null));
    } catch (IOException e) {
      throw new StudyRecordException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  /** The options whose values differ from those of another request, each in a phrase. */
  List<String> differences(Map<String, String> asked) {
    List<String> differences = new ArrayList<>();
    asked.forEach(
        (option, value) -> {
          String begun = request.get(option);
          if (begun != null && !begun.equals(value)) {
            differences.add("--%s %s, not %s".formatted(option, begun, value));
          }
        });
    return differences;
  }
}
