package dev.retort.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.engine.FileFailure;
import dev.retort.study.RunName;
import dev.retort.study.RunResult;
import dev.retort.study.StudyFolder;
import dev.retort.study.StudyPlan;
import dev.retort.study.StudyRecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a study's folder while the study may still be running: what is missing becomes a sentence
 * in {@link StudyResults#gaps}, what is there but broken a {@link StudyRecordException}.
 */
final class StudyFolderReader {
  private static final int NAMED_MISSING_RUNS = 6;

  private final Path folder;
  private final JsonFiles json;
  private final List<String> gaps = new ArrayList<>();

  StudyFolderReader(Path folder) {
    this.folder = folder;
    this.json = new JsonFiles(folder);
  }

  StudyResults read() {
    Path runsFolder = folder.resolve("runs");
    Path summaryFile = folder.resolve("summary.json");
    if (!Files.isDirectory(runsFolder) && !Files.exists(summaryFile)) {
      throw new IllegalArgumentException(
          folder
              + " is not a study's folder: it holds neither summary.json nor runs. Name the folder"
              + " that was given to --out.");
    }
    JsonNode summary = json.object("summary.json");
    if (summary == null) {
      gaps.add("There is no summary.json yet, so the comparisons are missing.");
    }
    String configuration = text("resolved.yaml");
    StudyPlan plan = configuration == null ? plan(summary) : StudyFolder.open(folder).plan();
    RunReader reader = new RunReader(plan, gaps);
    List<Run> runs = reader.readAll(runsFolder);
    List<MethodResult> methods = methods(summary, runs, plan);
    JsonNode teacher = json.object("teacher.json");
    if (teacher == null && plan.hasTeacher()) {
      gaps.add("There is no teacher.json yet.");
    }
    noteUnfinished(plan, methods, runs, reader.diverged());
    return new StudyResults(
        folder,
        summary == null || !summary.path("dataset").isObject() ? null : summary.get("dataset"),
        teacher,
        summary == null ? null : summary.get("students"),
        methods,
        comparisons(summary),
        inOrder(runs, methods),
        environments(),
        configuration,
        plan.seeds(),
        plan.training(),
        !plan.test(),
        List.copyOf(gaps));
  }

  /** What all machines have in common, and where they differ the one's and the others'. */
  private Map<String, String> environments() {
    Map<String, Set<String>> values = new LinkedHashMap<>();
    JsonNode machine = json.object("environment.json");
    for (int i = 2; machine != null; i++) {
      Map<String, String> facts = new LinkedHashMap<>();
      JsonFiles.flatten("", machine, facts);
      facts.forEach(
          (key, value) -> values.computeIfAbsent(key, k -> new LinkedHashSet<>()).add(value));
      machine = json.object("environment-" + i + ".json");
    }
    Map<String, String> environments = new LinkedHashMap<>();
    values.forEach((key, distinct) -> environments.put(key, String.join("; ", distinct)));
    return environments;
  }

  private @Nullable String text(String name) {
    Path file = folder.resolve(name);
    try {
      return Files.exists(file) ? Files.readString(file) : null;
    } catch (IOException e) {
      throw new StudyRecordException(file + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /** As far as a summary alone tells. */
  private static StudyPlan plan(@Nullable JsonNode summary) {
    Set<String> students = new LinkedHashSet<>();
    Set<String> methods = new LinkedHashSet<>();
    if (summary != null) {
      for (JsonNode method : summary.path("methods")) {
        students.add(method.path("student").asText(""));
        methods.add(method.path("name").asText(""));
      }
    }
    return new StudyPlan(
        List.copyOf(students), List.copyOf(methods), List.of(), List.of(), true, false, true);
  }

  private List<MethodResult> methods(@Nullable JsonNode summary, List<Run> runs, StudyPlan plan) {
    Map<List<String>, MethodResult> methods = new LinkedHashMap<>();
    if (summary != null) {
      int index = 0;
      for (JsonNode node : summary.path("methods")) {
        String where = "methods[" + index++ + "]";
        MethodResult method =
            new MethodResult(
                json.string("summary.json", where, node, "student"),
                json.string("summary.json", where, node, "name"),
                sample(where, node));
        methods.put(List.of(method.student(), method.method()), method);
      }
    }
    // A study that is still running, or was summarised before its last runs, has more than that.
    Set<List<String>> seen = new LinkedHashSet<>();
    plan.students().forEach(s -> plan.methods().forEach(m -> seen.add(List.of(s, m))));
    runs.forEach(run -> seen.add(List.of(run.name().student(), run.name().method())));
    Map<List<String>, List<Run>> byMethod =
        runs.stream()
            .collect(Collectors.groupingBy(r -> List.of(r.name().student(), r.name().method())));
    for (List<String> key : seen) {
      List<Run> own = byMethod.getOrDefault(key, List.of());
      if (!own.isEmpty() || summary == null) {
        methods.computeIfAbsent(
            key, k -> new MethodResult(k.get(0), k.get(1), finishedTestAccuracies(own)));
      }
    }
    return List.copyOf(methods.values());
  }

  private SeedSample sample(String where, JsonNode node) {
    JsonNode seeds = node.path("seeds");
    JsonNode accuracies = node.path("testAccuracy");
    List<Long> knownSeeds = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < accuracies.size(); i++) {
      if (accuracies.get(i).isNull()) {
        continue;
      }
      if (!accuracies.get(i).isNumber() || !seeds.path(i).isIntegralNumber()) {
        throw json.broken(
            "summary.json", where + " needs one number in testAccuracy for each seed in seeds");
      }
      knownSeeds.add(seeds.get(i).asLong());
      values.add(accuracies.get(i).asDouble());
    }
    return new SeedSample(knownSeeds, values);
  }

  private static SeedSample finishedTestAccuracies(List<Run> runs) {
    List<Long> seeds = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (Run run : runs) {
      RunResult result = run.result();
      Double accuracy = result == null ? null : result.testAccuracy();
      if (accuracy != null) {
        seeds.add(run.name().seed());
        values.add(accuracy);
      }
    }
    return new SeedSample(seeds, values);
  }

  private List<PairedComparison> comparisons(@Nullable JsonNode summary) {
    List<PairedComparison> comparisons = new ArrayList<>();
    if (summary == null) {
      return comparisons;
    }
    String file = "summary.json";
    int index = 0;
    for (JsonNode node : summary.path("comparisons")) {
      String where = "comparisons[" + index++ + "]";
      JsonNode interval = node.path("ci95");
      Function<String, @Nullable Double> number = key -> json.number(file, where, node, key);
      comparisons.add(
          new PairedComparison(
              json.string(file, where, node, "student"),
              json.string(file, where, node, "method"),
              json.string(file, where, node, "baseline"),
              node.path("n").asInt(0),
              number.apply("meanDifference"),
              interval.path(0).isNumber() ? interval.get(0).asDouble() : null,
              interval.path(1).isNumber() ? interval.get(1).asDouble() : null,
              number.apply("pValue"),
              number.apply("adjustedPValue"),
              node.path("requiredSeeds").isInt() ? node.get("requiredSeeds").asInt() : null));
    }
    return List.copyOf(comparisons);
  }

  private void noteUnfinished(
      StudyPlan plan, List<MethodResult> methods, List<Run> runs, Set<String> diverged) {
    if (runs.isEmpty() && diverged.isEmpty()) {
      gaps.add("There are no per-run records (runs/*/metrics.jsonl), so no curve can be drawn.");
      return;
    }
    Set<String> finished =
        runs.stream()
            .filter(r -> r.result() != null)
            .map(run -> run.name().toString())
            .collect(Collectors.toSet());
    Set<String> expected = labels(plan);
    runs.forEach(run -> expected.add(run.name().toString()));
    for (MethodResult method : methods) {
      for (long seed : method.testAccuracy().seeds()) {
        expected.add(new RunName(method.student(), method.method(), seed).toString());
      }
    }
    expected.removeAll(diverged);
    List<String> missing = expected.stream().filter(label -> !finished.contains(label)).toList();
    if (!missing.isEmpty()) {
      String named =
          missing.stream().limit(NAMED_MISSING_RUNS).collect(Collectors.joining(", "))
              + (missing.size() > NAMED_MISSING_RUNS ? " …" : "");
      gaps.add(
          "%d of %d runs have no result: %s.".formatted(missing.size(), expected.size(), named));
    }
  }

  private static List<Run> inOrder(List<Run> runs, List<MethodResult> methods) {
    Map<List<String>, Integer> order = new HashMap<>();
    for (MethodResult method : methods) {
      order.put(List.of(method.student(), method.method()), order.size());
    }
    return runs.stream()
        .sorted(
            Comparator.comparingInt(
                    (Run r) ->
                        order.getOrDefault(
                            List.of(r.name().student(), r.name().method()), order.size()))
                .thenComparingLong(run -> run.name().seed()))
        .toList();
  }

  private static Set<String> labels(StudyPlan plan) {
    Set<String> labels = new LinkedHashSet<>();
    for (String student : plan.students()) {
      for (String method : plan.methods()) {
        plan.seeds().forEach(seed -> labels.add(new RunName(student, method, seed).toString()));
      }
    }
    return labels;
  }
}
