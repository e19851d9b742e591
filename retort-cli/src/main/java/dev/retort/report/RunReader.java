package dev.retort.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.report.EpochMetrics.Discrimination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the folders of runs: {@code metrics.jsonl} and {@code result.json} of each. */
final class RunReader {
  private static final Pattern FOLDER = Pattern.compile("(?<grid>.+)-seed(?<seed>\\d{1,18})");

  private final JsonFiles json;
  private final List<String> gaps;

  RunReader(JsonFiles json, List<String> gaps) {
    this.json = json;
    this.gaps = gaps;
  }

  /**
   * All runs below a folder.
   *
   * @param students names of students, longest first, to take the names of unfinished runs apart
   */
  List<Run> readAll(Path runsFolder, List<String> students) {
    if (!Files.isDirectory(runsFolder)) {
      return List.of();
    }
    List<Run> runs = new ArrayList<>();
    try (Stream<Path> folders = Files.list(runsFolder)) {
      for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
        Run run = read(folder, students);
        if (run != null) {
          runs.add(run);
        }
      }
    } catch (IOException e) {
      throw new StudyFolderException(runsFolder + " cannot be read: " + e.getMessage(), e);
    }
    return runs;
  }

  private @Nullable Run read(Path folder, List<String> students) {
    String name = "runs/" + folder.getFileName();
    List<EpochMetrics> epochs = epochs(folder.resolve("metrics.jsonl"), name + "/metrics.jsonl");
    String resultFile = name + "/result.json";
    JsonNode result = json.object(resultFile);
    if (result != null) {
      Double parameters = json.number(resultFile, "parameters", result, "parameters");
      Double seed = json.number(resultFile, "seed", result, "seed");
      if (seed == null) {
        throw json.broken(resultFile, "seed is missing");
      }
      return new Run(
          json.string(resultFile, "student", result, "student"),
          json.string(resultFile, "method", result, "method"),
          seed.longValue(),
          epochs,
          new Run.Result(
              json.number(resultFile, "testAccuracy", result, "testAccuracy"),
              json.number(resultFile, "agreementWithTeacher", result, "agreementWithTeacher"),
              json.number(resultFile, "seconds", result, "seconds"),
              parameters == null ? null : parameters.longValue()));
    }
    Matcher matcher = FOLDER.matcher(folder.getFileName().toString());
    if (!matcher.matches()) {
      gaps.add(
          "The folder %s was left out: it has no result.json and is not named after a run."
              .formatted(name));
      return null;
    }
    String grid = matcher.group("grid");
    int hyphen = grid.indexOf('-');
    String student =
        students.stream()
            .filter(s -> grid.startsWith(s + "-"))
            .findFirst()
            .orElse(hyphen < 0 ? grid : grid.substring(0, hyphen));
    String method = grid.substring(Math.min(grid.length(), student.length() + 1));
    return new Run(student, method, Long.parseLong(matcher.group("seed")), epochs, null);
  }

  /** A resumed run may write an epoch twice: the later line counts. */
  private List<EpochMetrics> epochs(Path file, String name) {
    if (!Files.exists(file)) {
      return List.of();
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new StudyFolderException(file + " cannot be read: " + e.getMessage(), e);
    }
    List<String> lines = text.lines().toList();
    TreeMap<Integer, EpochMetrics> epochs = new TreeMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank()) {
        continue;
      }
      JsonNode node;
      try {
        node = json.line(name, i + 1, line);
      } catch (StudyFolderException e) {
        if (i == lines.size() - 1 && !text.endsWith("\n")) {
          gaps.add("The last line of " + name + " is incomplete and was left out.");
          break;
        }
        throw e;
      }
      EpochMetrics metrics = epoch(name, i + 1, node);
      epochs.put(metrics.epoch(), metrics);
    }
    return List.copyOf(epochs.values());
  }

  private EpochMetrics epoch(String name, int lineNumber, JsonNode node) {
    String where = "line " + lineNumber;
    if (!node.path("epoch").isIntegralNumber()) {
      throw json.broken(name, where + ": epoch should be a whole number");
    }
    Map<String, Discrimination> discriminators = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.path("adversaries").properties()) {
      String inside = where + ", adversaries." + entry.getKey();
      discriminators.put(
          entry.getKey(),
          new Discrimination(
              json.number(name, inside, entry.getValue(), "pTeacher"),
              json.number(name, inside, entry.getValue(), "pStudent"),
              json.number(name, inside, entry.getValue(), "jsdLowerBound")));
    }
    List<String> alarms = new ArrayList<>();
    node.path("alarms").forEach(alarm -> alarms.add(alarm.asText()));
    return new EpochMetrics(
        node.get("epoch").asInt(),
        json.number(name, where, node, "validationAccuracy"),
        discriminators,
        List.copyOf(alarms));
  }
}
