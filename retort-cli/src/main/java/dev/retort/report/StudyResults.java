package dev.retort.report;

import dev.retort.distill.Opponent;
import dev.retort.study.Divergence;
import dev.retort.study.Environment;
import dev.retort.study.EpochMetrics;
import dev.retort.study.ServingRecord;
import dev.retort.study.StudyFolder;
import dev.retort.study.StudyPlan;
import dev.retort.study.StudyRecordException;
import dev.retort.study.Summary;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.RunName;
import dev.retort.system.ShellWord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A study as far as it has come: its summary, and what the summary does not hold.
 *
 * @param folder the study's
 * @param teacher null where there is no record of it yet
 * @param runs every run that has a folder and has not diverged, in the order of methods and seeds
 * @param diverged every run that has
 * @param serving what the models cost to serve; null where that was not measured
 * @param environments where the study ran
 * @param configuration {@code resolved.yaml} as text
 * @param ownCode whether it was begun with classes that {@code --classpath} added
 * @param otherLengths the same study with other numbers of epochs
 * @param gaps what is missing, in sentences
 */
record StudyResults(
    Path folder,
    StudyPlan plan,
    Summary summary,
    @Nullable TeacherRecord teacher,
    List<Run> runs,
    List<Run> diverged,
    @Nullable ServingRecord serving,
    List<Environment> environments,
    String configuration,
    boolean ownCode,
    List<StudyResults> otherLengths,
    List<String> gaps) {
  private static final int NAMED_MISSING_RUNS = 6;

  /**
   * Reads what the summary does not hold. What is missing is listed in {@link #gaps}.
   *
   * @throws StudyRecordException where a file of the folder is damaged
   */
  static StudyResults read(StudyFolder folder, Summary summary) {
    return read(folder, summary, List.of());
  }

  /**
   * The same, with other lengths of the study.
   *
   * @param otherLengths folders of the same study with other numbers of epochs
   * @throws IllegalArgumentException if one of them has another study
   */
  static StudyResults read(StudyFolder folder, Summary summary, List<StudyFolder> otherLengths) {
    otherLengths.forEach(folder::requireSameButLength);
    StudyPlan plan = folder.plan();
    Set<RunName> diverged =
        summary.diverged().stream().map(Divergence::run).collect(Collectors.toSet());
    List<Run> all =
        folder.runs().of(plan).stream()
            .map(run -> new Run(run, folder.runs().metrics(run)))
            .toList();
    List<Run> runs = all.stream().filter(run -> !diverged.contains(run.name())).toList();
    TeacherRecord teacher = folder.teacher().orElse(null);
    List<String> gaps = new ArrayList<>();
    summary.diverged().forEach(run -> gaps.add(run.run() + " is left out: " + run.reason()));
    for (String other : folder.runs().ofNoRun(plan)) {
      gaps.add("The folder runs/" + other + " was left out: no run of the study has that name.");
    }
    ServingRecord serving = folder.serving().orElse(null);
    if (folder.measuresServing() && !folder.servingIsMeasured()) {
      gaps.add(
          "What %s cost to serve is not measured yet; on a quiet machine, in the folder above that of this page: retort report %s --serving"
              .formatted(
                  serving == null ? "the models" : "some of the models",
                  ShellWord.of(ShellWord.nameOf(folder.path()))));
    }
    if (serving != null) {
      gaps.addAll(unserved(folder, serving));
    }
    if (teacher == null && plan.hasTeacher()) {
      gaps.add("There is no teacher.json yet.");
    }
    if (runs.isEmpty() && diverged.isEmpty()) {
      gaps.add("There are no per-run records (runs/*/metrics.jsonl), so no curve can be drawn.");
    } else {
      gaps.addAll(unfinished(plan, summary, runs, diverged));
      gaps.addAll(withoutEpochs(summary, runs));
    }
    return new StudyResults(
        folder.path(),
        plan,
        summary,
        teacher,
        runs,
        all.stream().filter(run -> diverged.contains(run.name())).toList(),
        serving,
        folder.environments(),
        folder.resolvedText(),
        folder.hasOwnCode(),
        otherLengths.stream().map(other -> read(other, other.summary())).toList(),
        List.copyOf(gaps));
  }

  private static List<String> unfinished(
      StudyPlan plan, Summary summary, List<Run> runs, Set<RunName> diverged) {
    Set<RunName> expected = new LinkedHashSet<>(plan.runs());
    Set<RunName> finished = finished(summary);
    runs.forEach(run -> expected.add(run.name()));
    expected.removeAll(diverged);
    List<String> missing =
        expected.stream().filter(run -> !finished.contains(run)).map(RunName::toString).toList();
    return missing.isEmpty()
        ? List.of()
        : List.of(
            "%d of %d runs have no result: %s."
                .formatted(missing.size(), expected.size(), named(missing)));
  }

  private static List<String> withoutEpochs(Summary summary, List<Run> runs) {
    Set<RunName> finished = finished(summary);
    List<String> bare =
        runs.stream()
            .filter(run -> run.epochs().isEmpty() && finished.contains(run.name()))
            .map(run -> run.name().toString())
            .toList();
    return bare.isEmpty()
        ? List.of()
        : List.of(
            "%s a result and no metrics.jsonl, so %s and alarms are missing: %s."
                .formatted(
                    bare.size() == 1 ? "1 run has" : bare.size() + " runs have",
                    bare.size() == 1 ? "its curve" : "their curves",
                    named(bare)));
  }

  /** Those of whose student nothing is left to measure, so that a method may have no row. */
  private static List<String> unserved(StudyFolder folder, ServingRecord serving) {
    Set<String> measured =
        serving.models().stream().map(ServingRecord.Model::name).collect(Collectors.toSet());
    List<String> missing =
        folder.plan().firstRuns().stream()
            .filter(run -> !Files.exists(folder.runs().student(run)))
            .map(RunName::toString)
            .filter(run -> !measured.contains(run))
            .toList();
    return missing.isEmpty()
        ? List.of()
        : List.of(
            "What these cost to serve is not measured, because the run has no student: %s."
                .formatted(named(missing)));
  }

  private static String named(List<String> runs) {
    return runs.stream().limit(NAMED_MISSING_RUNS).collect(Collectors.joining(", "))
        + (runs.size() > NAMED_MISSING_RUNS ? " …" : "");
  }

  private static Set<RunName> finished(Summary summary) {
    Set<RunName> finished = new LinkedHashSet<>();
    for (Summary.MethodResult row : summary.methods()) {
      row.seeds().forEach(seed -> finished.add(new RunName(row.student(), row.name(), seed)));
    }
    return finished;
  }

  /** The runs that have a result. */
  Set<RunName> finished() {
    return finished(summary);
  }

  /** Those of one student by one method that enter its mean, or will. */
  List<Run> runs(String student, String method) {
    boolean registered = summary.registration() == null;
    return runs.stream()
        .filter(r -> r.name().student().equals(student) && r.name().method().equals(method))
        .filter(r -> !registered || plan.names(r.name()))
        .toList();
  }

  /** The curve of a quantity over the training of one student by one method. */
  SeedCurve curve(
      String student, String method, Function<EpochMetrics, @Nullable Double> quantity) {
    return SeedCurve.over(runs(student, method), quantity);
  }

  /** The names of the discriminators that watched a method, in the order of the files. */
  List<String> discriminators(String student, String method) {
    return runs(student, method).stream()
        .flatMap(run -> run.epochs().stream())
        .flatMap(metrics -> metrics.adversaries().keySet().stream())
        .distinct()
        .toList();
  }

  /** Whether a discriminator other than an observer took part in the training by this method. */
  boolean isAdversarial(String student, String method) {
    return discriminators(student, method).stream().anyMatch(name -> !isObserver(name));
  }

  static boolean isObserver(String discriminator) {
    return discriminator.startsWith(Opponent.OBSERVER);
  }

  /** How a method looks in every figure. */
  MethodStyle style(String method) {
    return MethodStyle.of(method, plan.methods());
  }

  /** "test" or "validation": the images that the study's accuracies are of. */
  String split() {
    return summary.measuredOn();
  }

  private boolean isTested() {
    return split().equals(Summary.TEST);
  }

  /** A method's accuracies on the images of {@link #split}, a value a finished run. */
  List<Double> accuracies(Summary.MethodResult method) {
    List<Double> values = isTested() ? method.testAccuracy() : method.validationAccuracy();
    return values == null ? List.of() : values;
  }

  /** The teacher's accuracy on the images of {@link #split}; null without one. */
  @Nullable Double teacherAccuracy() {
    if (teacher == null) {
      return null;
    }
    return isTested() ? teacher.testAccuracy() : teacher.validationAccuracy();
  }

  /** The methods of one student with a mean: that of at least one finished run that counts. */
  List<Summary.MethodResult> measured(String student) {
    return methods(student).stream().filter(method -> method.mean() != null).toList();
  }

  /** All methods with a student, measured or not. */
  List<Summary.MethodResult> methods(String student) {
    return summary.methods().stream().filter(m -> m.student().equals(student)).toList();
  }
}
