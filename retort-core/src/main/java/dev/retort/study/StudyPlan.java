package dev.retort.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.study.config.Comparison;
import dev.retort.study.config.NetworkTrainingConfiguration;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.study.config.TuningBudget;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A study by its names: what its folder is read, summed up and reported by. The terms of the losses
 * are no part of it, so it is known from {@code resolved.yaml} also where the classes of a user's
 * own objectives and networks are missing.
 *
 * @param students their names, in the study's order
 * @param methods their names, in the study's order
 * @param seeds those that the configuration names, by method; a study may have gone on with others
 * @param budgets what the tuning of a method's settings cost, by method; none of one of which
 *     nothing is said
 * @param comparisons the pairs that are tested
 * @param primary that of them whose p is adjusted for no other pair; null if all are one family
 * @param hasTeacher whether there is a teacher
 * @param training whether it is the training of one network, which is a study of one run
 * @param test whether the test images are read at the end
 */
public record StudyPlan(
    List<String> students,
    List<String> methods,
    Map<String, List<Long>> seeds,
    Map<String, TuningBudget> budgets,
    List<Comparison> comparisons,
    @Nullable Comparison primary,
    boolean hasTeacher,
    boolean training,
    boolean test) {
  private static final Pattern FOLDER = Pattern.compile("(?<grid>.+)-seed(?<seed>-?\\d+)");

  public StudyPlan {
    students = List.copyOf(students);
    methods = List.copyOf(methods);
    seeds = Map.copyOf(seeds);
    budgets = Map.copyOf(budgets);
    comparisons = List.copyOf(comparisons);
  }

  /**
   * The plan in {@code resolved.yaml}, of a study or of a plain training.
   *
   * @throws IllegalArgumentException if a key that it needs is damaged; the message names the key
   */
  static StudyPlan of(JsonNode resolved) {
    boolean training = resolved.has("network");
    List<String> methods =
        training ? List.of(NetworkTrainingConfiguration.METHOD) : names(resolved, "methods");
    return new StudyPlan(
        names(resolved, training ? "network" : "students"),
        methods,
        training
            ? Map.of(NetworkTrainingConfiguration.METHOD, seeds(resolved, "seed"))
            : seedsByMethod(resolved),
        training ? Map.of() : budgets(resolved),
        training ? List.of() : comparisons(resolved, methods),
        resolved.hasNonNull("primary") ? comparison(resolved.get("primary")) : null,
        resolved.hasNonNull("teacher"),
        training,
        resolved.path("test").asBoolean(true));
  }

  private static List<String> names(JsonNode resolved, String key) {
    List<String> names = new ArrayList<>();
    for (JsonNode entry : entries(resolved, key)) {
      JsonNode name = entry.isObject() ? entry.path("name") : entry;
      if (!name.isTextual()) {
        throw new IllegalArgumentException(key + " has an entry without a name");
      }
      names.add(name.textValue());
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException(key + " must have at least one entry");
    }
    return names;
  }

  private static Map<String, List<Long>> seedsByMethod(JsonNode resolved) {
    List<Long> all = seeds(resolved, "seeds");
    Map<String, List<Long>> seeds = new LinkedHashMap<>();
    for (JsonNode method : entries(resolved, "methods")) {
      seeds.put(
          method.isObject() ? method.path("name").asText() : method.asText(),
          method.hasNonNull("seeds") ? seeds(method, "seeds") : all);
    }
    return seeds;
  }

  private static Map<String, TuningBudget> budgets(JsonNode resolved) {
    Map<String, TuningBudget> budgets = new LinkedHashMap<>();
    for (JsonNode method : entries(resolved, "methods")) {
      JsonNode budget = method.path("budget");
      if (budget.isObject()) {
        budgets.put(
            method.path("name").asText(),
            new TuningBudget(budget.path("trials").asInt(), budget.path("epochs").asInt()));
      }
    }
    return budgets;
  }

  private static List<Long> seeds(JsonNode resolved, String key) {
    List<Long> seeds = new ArrayList<>();
    for (JsonNode seed : entries(resolved, key)) {
      if (!seed.isIntegralNumber() || !seed.canConvertToLong()) {
        throw new IllegalArgumentException(key + " must be whole numbers, not " + seed);
      }
      seeds.add(seed.longValue());
    }
    return seeds;
  }

  private static List<Comparison> comparisons(JsonNode resolved, List<String> methods) {
    if (!resolved.path("comparisons").isArray()) {
      return StudyConfiguration.defaultComparisons(methods);
    }
    List<Comparison> comparisons = new ArrayList<>();
    for (JsonNode entry : resolved.get("comparisons")) {
      comparisons.add(comparison(entry));
    }
    return comparisons;
  }

  private static Comparison comparison(JsonNode entry) {
    List<String> pair = new ArrayList<>();
    entry.forEach(name -> pair.add(name.asText()));
    return Comparison.of(pair);
  }

  /** What a key's list holds; a value alone is a list of one, and a missing one of none. */
  private static Iterable<JsonNode> entries(JsonNode resolved, String key) {
    JsonNode value = resolved.path(key);
    return value.isArray() || value.isMissingNode() ? value : List.of(value);
  }

  /** The run of every student and method from each seed that the configuration names. */
  public List<RunName> runs() {
    return students.stream()
        .flatMap(
            student ->
                methods.stream()
                    .flatMap(
                        method ->
                            seeds.getOrDefault(method, List.of()).stream()
                                .map(seed -> new RunName(student, method, seed))))
        .toList();
  }

  /** The run of every student and method from the method's first seed. */
  public List<RunName> firstRuns() {
    return runs().stream()
        .filter(run -> seeds.getOrDefault(run.method(), List.of()).get(0) == run.seed())
        .toList();
  }

  /**
   * The run of a student by its first method, from that method's first seed.
   *
   * @throws java.util.NoSuchElementException if it is none of the students
   */
  public RunName firstRun(String student) {
    return firstRuns().stream()
        .filter(run -> run.student().equals(student))
        .findFirst()
        .orElseThrow();
  }

  /** Whether a run is of a seed that the configuration names for its method. */
  public boolean names(RunName run) {
    return seeds.getOrDefault(run.method(), List.of()).contains(run.seed());
  }

  /**
   * The run that a folder is named after: one of these students and methods, of whatever seed. Two
   * never have the same folder: {@link StudyConfiguration} refuses such names.
   */
  Optional<RunName> run(String folder) {
    Matcher matcher = FOLDER.matcher(folder);
    if (!matcher.matches() || new BigInteger(matcher.group("seed")).bitLength() >= Long.SIZE) {
      return Optional.empty();
    }
    long seed = Long.parseLong(matcher.group("seed"));
    return students.stream()
        .flatMap(student -> methods.stream().map(method -> new RunName(student, method, seed)))
        .filter(run -> run.toString().equals(folder))
        .findFirst();
  }
}
