package dev.retort.study;

import dev.retort.study.config.Comparison;
import dev.retort.study.config.RunName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes a study's summary from its plan and the results of the runs that are done. */
final class SummaryBuilder {
  private final StudyPlan study;
  private final List<RunResult> results;
  private final List<Divergence> diverged;
  private final Set<RunName> lost;
  private final Set<RunName> measured;
  private final boolean registered;
  private final Function<RunResult, @Nullable Environment> environments;

  /**
   * For a study and the results of its students and methods.
   *
   * @param diverged the runs that have no result because they diverged
   * @param environments where a run ended; null where its record does not say
   * @param registered whether only the seeds that the plan names for a method enter means and
   *     comparisons; otherwise, in folders that have no registration, all do
   */
  SummaryBuilder(
      StudyPlan study,
      List<RunResult> results,
      List<Divergence> diverged,
      boolean registered,
      Function<RunResult, @Nullable Environment> environments) {
    this.environments = environments;
    this.study = study;
    this.results = List.copyOf(results);
    this.diverged = List.copyOf(diverged);
    this.lost = diverged.stream().map(Divergence::run).collect(Collectors.toSet());
    this.measured =
        results.stream()
            .filter(result -> accuracy(result) != null)
            .map(RunResult::run)
            .collect(Collectors.toSet());
    this.registered = registered;
  }

  Summary build(Summary.DatasetSizes dataset, @Nullable TeacherRecord teacher) {
    return new Summary(
        dataset,
        teacher == null ? null : Summary.Teacher.of(teacher),
        study.students().stream().map(this::student).toList(),
        study.test() ? Summary.TEST : Summary.VALIDATION,
        registered ? null : Summary.UNKNOWN,
        methods(),
        comparisons(),
        diverged);
  }

  /** The accuracy that the study measures by. */
  private @Nullable Double accuracy(RunResult result) {
    return study.test() ? result.testAccuracy() : result.validationAccuracy();
  }

  /** The runs of a student by a method that have been measured, by seed. */
  private SortedMap<Long, RunResult> runs(String student, String method) {
    SortedMap<Long, RunResult> runs = new TreeMap<>();
    for (RunResult result : results) {
      if (result.student().equals(student)
          && result.method().equals(method)
          && accuracy(result) != null) {
        runs.put(result.seed(), result);
      }
    }
    return runs;
  }

  /** Those of them that enter means and comparisons. */
  private SortedMap<Long, RunResult> counted(SortedMap<Long, RunResult> runs) {
    SortedMap<Long, RunResult> counted = new TreeMap<>(runs);
    counted.values().removeIf(result -> !counts(result.run()));
    return counted;
  }

  private boolean counts(RunName run) {
    return !registered || study.names(run);
  }

  /** Of how many seeds that count for all of these methods a run has diverged. */
  private int diverged(String student, List<String> methods) {
    return Math.toIntExact(
        diverged.stream()
            .filter(run -> run.student().equals(student) && methods.contains(run.method()))
            .mapToLong(Divergence::seed)
            .distinct()
            .filter(
                seed ->
                    methods.stream().allMatch(method -> counts(new RunName(student, method, seed))))
            .count());
  }

  /** Of how many seeds that are registered for all of these methods a run has yet to end. */
  private int missing(String student, List<String> methods) {
    return Math.toIntExact(
        study.seeds().getOrDefault(methods.get(0), List.of()).stream()
            .map(
                seed -> methods.stream().map(method -> new RunName(student, method, seed)).toList())
            .filter(runs -> runs.stream().allMatch(study::names))
            .filter(runs -> runs.stream().noneMatch(lost::contains))
            .filter(runs -> !measured.containsAll(runs))
            .count());
  }

  private Summary.Student student(String name) {
    return results.stream()
        .filter(result -> result.student().equals(name))
        .findFirst()
        .map(result -> new Summary.Student(name, result.parameters(), result.macs()))
        .orElse(new Summary.Student(name, null, null));
  }

  private List<Summary.MethodResult> methods() {
    List<Summary.MethodResult> rows = new ArrayList<>();
    for (String student : study.students()) {
      for (String method : study.methods()) {
        rows.add(method(student, method));
      }
    }
    return rows;
  }

  private Summary.MethodResult method(String student, String method) {
    SortedMap<Long, RunResult> runs = runs(student, method);
    SortedMap<Long, RunResult> counted = counted(runs);
    List<Double> accuracies = Objects.requireNonNull(values(counted, this::accuracy));
    return new Summary.MethodResult(
        student,
        method,
        List.copyOf(runs.keySet()),
        runs.keySet().stream().filter(seed -> !counted.containsKey(seed)).toList(),
        study.test() ? values(runs, RunResult::testAccuracy) : null,
        values(runs, RunResult::validationAccuracy),
        values(runs, RunResult::agreementWithTeacher),
        Statistics.mean(accuracies),
        Statistics.standardDeviation(accuracies),
        Statistics.mean(counted.values().stream().map(RunResult::seconds).toList()),
        diverged(student, List.of(method)),
        missing(student, List.of(method)),
        study.budgets().get(method));
  }

  /** A value a run, in the order of seeds; null if one has none. */
  private static @Nullable List<Double> values(
      SortedMap<Long, RunResult> runs, Function<RunResult, @Nullable Double> quantity) {
    List<Double> values = new ArrayList<>();
    for (RunResult run : runs.values()) {
      Double value = quantity.apply(run);
      if (value == null) {
        return null;
      }
      values.add(value);
    }
    return values;
  }

  private List<Summary.ComparisonResult> comparisons() {
    List<List<Pair>> pairs = new ArrayList<>();
    for (String student : study.students()) {
      for (Comparison comparison : study.comparisons()) {
        pairs.add(pairs(student, comparison));
      }
    }
    List<Statistics.PairedDifference> differences =
        pairs.stream()
            .map(rows -> Statistics.paired(rows.stream().map(Pair::difference).toList()))
            .toList();
    List<@Nullable Double> adjusted = adjusted(differences);
    List<Summary.ComparisonResult> rows = new ArrayList<>();
    for (String student : study.students()) {
      for (Comparison comparison : study.comparisons()) {
        Statistics.PairedDifference difference = differences.get(rows.size());
        rows.add(
            new Summary.ComparisonResult(
                student,
                comparison.method(),
                comparison.baseline(),
                difference.n(),
                difference.mean(),
                difference.interval(),
                difference.pValue(),
                adjusted.get(rows.size()),
                Statistics.detectableDifference(difference.n(), difference.standardDeviation()),
                !Objects.equals(
                    study.budgets().get(comparison.method()),
                    study.budgets().get(comparison.baseline())),
                comparison.equals(study.primary()),
                diverged(student, comparison.pair()),
                missing(student, comparison.pair()),
                Math.toIntExact(
                    pairs.get(rows.size()).stream().filter(Pair::acrossProcessors).count())));
      }
    }
    return rows;
  }

  /** Holm's p, in the order of the rows: the primary comparison's are a family of their own. */
  private List<@Nullable Double> adjusted(List<Statistics.PairedDifference> differences) {
    List<@Nullable Double> adjusted =
        new ArrayList<>(Collections.nCopies(differences.size(), null));
    for (boolean primary : new boolean[] {true, false}) {
      int[] family =
          IntStream.range(0, differences.size())
              .filter(row -> primary == comparisonOf(row).equals(study.primary()))
              .toArray();
      List<@Nullable Double> pValues = new ArrayList<>();
      for (int row : family) {
        pValues.add(differences.get(row).pValue());
      }
      List<@Nullable Double> own = Statistics.holm(pValues);
      for (int i = 0; i < family.length; i++) {
        adjusted.set(family[i], own.get(i));
      }
    }
    return adjusted;
  }

  private Comparison comparisonOf(int row) {
    return study.comparisons().get(row % study.comparisons().size());
  }

  /** Two runs of one seed; {@code acrossProcessors} as far as their records tell. */
  private record Pair(double difference, boolean acrossProcessors) {}

  /** One for each seed that both have. */
  private List<Pair> pairs(String student, Comparison comparison) {
    SortedMap<Long, RunResult> baselines = counted(runs(student, comparison.baseline()));
    List<Pair> pairs = new ArrayList<>();
    counted(runs(student, comparison.method()))
        .forEach(
            (seed, run) -> {
              RunResult baseline = baselines.get(seed);
              Double with = accuracy(run);
              Double without = baseline == null ? null : accuracy(baseline);
              if (baseline != null && with != null && without != null) {
                pairs.add(new Pair(with - without, isAcrossProcessors(run, baseline)));
              }
            });
    return pairs;
  }

  private boolean isAcrossProcessors(RunResult run, RunResult baseline) {
    Environment here = environments.apply(run);
    Environment there = environments.apply(baseline);
    return here != null && there != null && !here.computesLike(there);
  }
}
