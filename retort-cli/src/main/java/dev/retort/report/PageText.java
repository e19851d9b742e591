package dev.retort.report;

import dev.retort.study.EpochMetrics;
import dev.retort.study.ResultNumbers;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingTable;
import dev.retort.study.Summary;
import dev.retort.study.SummaryCells;
import dev.retort.study.TeacherRecord;
import dev.retort.study.config.RunName;
import dev.retort.system.ShellWord;
import dev.retort.teacher.ViewComparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything on the page that is text, as the template takes it: numbers already written out.
 *
 * @param results one sentence a student
 * @param gaps what is missing
 * @param split the images that the accuracies are of: "test", or "validation" where the test set is
 *     left unread
 * @param testLeftUnread whether the study was told not to read the test images
 * @param registrationUnknown whether an earlier build made the folder, all of whose seeds count
 * @param budgets whether a method says what the tuning of its settings cost
 * @param marks what the marks of comparisons mean; none where no comparison has one
 * @param teacher the row of the teacher below the methods; null without one
 * @param serving what the models cost to serve; null where that was not measured
 * @param networks facts of the teacher and of each student
 * @param commands how to get the same again
 * @param live how far the runs are, in numbers, of a study that goes on; null of one that does not
 */
public record PageText(
    String title,
    List<String> results,
    List<String> gaps,
    String split,
    boolean testLeftUnread,
    boolean registrationUnknown,
    boolean severalStudents,
    List<MethodRow> methods,
    boolean budgets,
    List<String> marks,
    @Nullable TeacherRow teacher,
    List<ComparisonRow> comparisons,
    @Nullable Serving serving,
    List<Facts> networks,
    Facts dataset,
    List<AlarmRow> alarms,
    Facts environment,
    String configuration,
    List<Command> commands,
    LivePage.@Nullable Live live) {

  /** One row of the table of methods; {@code light} and {@code dark} are the method's colours. */
  public record MethodRow(
      String student,
      String name,
      String light,
      String dark,
      String mean,
      String deviation,
      String seeds,
      String agreement,
      String parameters,
      String seconds,
      String budget) {}

  /** The teacher's row in the table of methods. */
  public record TeacherRow(String network, String accuracy, String parameters) {}

  /** One row of the table of comparisons. */
  public record ComparisonRow(
      String student,
      String method,
      String baseline,
      String difference,
      String interval,
      String pValue,
      String adjustedPValue,
      String n,
      String detectableDifference) {}

  /** What the models cost to serve: titles of columns, rows of cells, and a note on them. */
  public record Serving(List<String> titles, List<List<String>> rows, String note) {}

  /**
   * What runs of a method complained of.
   *
   * @param method and its student, where there are several
   * @param epochs in which, and of which seeds
   */
  public record AlarmRow(String method, List<String> epochs, String message) {}

  /** A command line and what it does. */
  public record Command(String purpose, String line) {}

  static PageText of(StudyResults study, LivePage.@Nullable Live live) {
    List<String> students = study.plan().students();
    return new PageText(
        String.join(", ", students) + " on " + study.summary().dataset().name(),
        Headline.of(study),
        live == null ? gaps(study) : List.of(),
        study.split(),
        !study.plan().test(),
        study.summary().registration() != null,
        students.size() > 1,
        study.summary().methods().stream().map(m -> methodRow(study, m)).toList(),
        study.summary().hasBudgets(),
        SummaryCells.marks(study.summary()),
        teacherRow(study),
        study.summary().comparisons().stream().map(PageText::comparisonRow).toList(),
        serving(study.serving()),
        networks(study),
        Facts.of("Data", study.summary().dataset()),
        alarms(study),
        Facts.ofAll("Environment", study.environments()),
        study.configuration(),
        commands(study),
        live);
  }

  private static @Nullable Serving serving(@Nullable ServingRecord serving) {
    return serving == null
        ? null
        : new Serving(
            ServingTable.titles(serving.measuredOn()),
            ServingTable.rows(serving),
            ServingTable.note(serving));
  }

  private static List<String> gaps(StudyResults study) {
    List<String> gaps = new ArrayList<>(study.gaps());
    if (!Typeface.isAvailable()) {
      gaps.add(
          "No figure could be drawn, because Java finds no font here. Install fontconfig and a"
              + " font (on Debian: fontconfig, fonts-dejavu-core) and write the report again.");
    }
    return gaps;
  }

  private static MethodRow methodRow(StudyResults study, Summary.MethodResult method) {
    MethodStyle style = study.style(method.name());
    Double seconds = method.seconds();
    return new MethodRow(
        method.student(),
        method.name(),
        style.css(Theme.LIGHT),
        style.css(Theme.DARK),
        ResultNumbers.percent(method.mean()),
        ResultNumbers.percent(method.sd()),
        SummaryCells.seeds(method),
        ResultNumbers.percent(method.meanAgreement()),
        Numbers.count(method.seeds().isEmpty() ? null : parameters(study, method.student())),
        seconds == null ? ResultNumbers.UNDEFINED : Numbers.decimal(seconds, seconds < 10 ? 1 : 0),
        SummaryCells.budget(method.budget()));
  }

  private static @Nullable Long parameters(StudyResults study, String student) {
    return study.summary().students().stream()
        .filter(s -> s.name().equals(student))
        .findFirst()
        .map(Summary.Student::parameters)
        .orElse(null);
  }

  private static @Nullable TeacherRow teacherRow(StudyResults study) {
    TeacherRecord teacher = study.teacher();
    return teacher == null
        ? null
        : new TeacherRow(
            teacher.network(),
            ResultNumbers.percent(study.teacherAccuracy()),
            Numbers.count(teacher.parameters()));
  }

  private static ComparisonRow comparisonRow(Summary.ComparisonResult comparison) {
    List<Double> interval = comparison.ci95();
    return new ComparisonRow(
        comparison.student(),
        SummaryCells.method(comparison),
        SummaryCells.baseline(comparison),
        Numbers.points(comparison.meanDifference()),
        interval == null
            ? ResultNumbers.UNDEFINED
            : Numbers.points(interval.get(0)) + " to " + Numbers.points(interval.get(1)),
        ResultNumbers.pValue(comparison.pValue()),
        ResultNumbers.pValue(comparison.adjustedPValue()),
        SummaryCells.pairs(comparison),
        ResultNumbers.percent(comparison.detectableDifference()));
  }

  private static List<Facts> networks(StudyResults study) {
    List<Facts> networks = new ArrayList<>();
    if (study.teacher() != null) {
      networks.add(teacher(study.teacher()));
    }
    study.summary().students().forEach(student -> networks.add(Facts.of("Student", student)));
    return networks;
  }

  /** What its record holds, and its accuracy in each view as a line of its own. */
  private static Facts teacher(TeacherRecord teacher) {
    List<Facts.Fact> facts = new ArrayList<>(Facts.of("Teacher", teacher).facts());
    facts.removeIf(fact -> fact.label().startsWith("viewComparison."));
    ViewComparison views = teacher.viewComparison();
    if (views != null) {
      views
          .candidates()
          .forEach(
              view ->
                  facts.add(
                      new Facts.Fact(
                          "view: " + view.name(),
                          "%s %% of %s validation images"
                              .formatted(
                                  ResultNumbers.percent(view.accuracy()),
                                  Numbers.count((long) views.images())))));
    }
    return new Facts("Teacher", List.copyOf(facts));
  }

  /** The same complaint in several epochs and runs of a method is one row. */
  private static List<AlarmRow> alarms(StudyResults study) {
    record Complaint(String student, String method, String message) {}
    Map<Complaint, Map<Long, List<Long>>> complaints = new LinkedHashMap<>();
    for (Run run : Stream.concat(study.runs().stream(), study.diverged().stream()).toList()) {
      RunName name = run.name();
      for (EpochMetrics metrics : run.epochs()) {
        for (String alarm : metrics.alarms()) {
          complaints
              .computeIfAbsent(
                  new Complaint(name.student(), name.method(), alarm), key -> new TreeMap<>())
              .computeIfAbsent(name.seed(), key -> new ArrayList<>())
              .add((long) metrics.epoch());
        }
      }
    }
    boolean several = study.plan().students().size() > 1;
    List<AlarmRow> rows = new ArrayList<>();
    complaints.forEach(
        (complaint, epochs) ->
            rows.add(
                new AlarmRow(
                    several ? complaint.student() + " " + complaint.method() : complaint.method(),
                    bySeeds(epochs),
                    complaint.message())));
    return rows;
  }

  /** Seeds of the same epochs together: seeds 1–3: 2, 4–7. */
  private static List<String> bySeeds(Map<Long, List<Long>> epochs) {
    Map<String, List<Long>> seeds = new LinkedHashMap<>();
    epochs.forEach(
        (seed, when) -> seeds.computeIfAbsent(ranges(when), key -> new ArrayList<>()).add(seed));
    return seeds.entrySet().stream()
        .map(
            same ->
                (same.getValue().size() == 1 ? "seed " : "seeds ")
                    + ranges(same.getValue())
                    + ": "
                    + same.getKey())
        .toList();
  }

  /** Ascending numbers with runs of neighbours drawn together: 1, 4–7. */
  static String ranges(List<Long> numbers) {
    List<String> ranges = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= numbers.size(); i++) {
      if (i == numbers.size() || numbers.get(i) != numbers.get(i - 1) + 1) {
        long first = numbers.get(start);
        long last = numbers.get(i - 1);
        ranges.add(first == last ? Long.toString(first) : first + "–" + last);
        start = i;
      }
    }
    return String.join(", ", ranges);
  }

  private static List<Command> commands(StudyResults study) {
    String folder = ShellWord.nameOf(study.folder());
    List<Command> commands = new ArrayList<>();
    String configuration = ShellWord.of(folder + "/resolved.yaml");
    boolean training = study.plan().training();
    String options = options(study);
    commands.add(
        new Command(
            (training ? "The training" : "The whole study") + ", into a new folder",
            "retort %s %s --out %s%s"
                .formatted(
                    training ? "train" : "compare",
                    configuration,
                    ShellWord.of(folder + "-again"),
                    options)));
    if (!training && !study.runs().isEmpty()) {
      methodsOfMoreSeeds(study)
          .forEach(
              (seeds, methods) ->
                  commands.add(
                      new Command(
                          "The seeds that were added to it",
                          "retort compare %s --out %s --resume --only %s --seeds %s%s"
                              .formatted(
                                  configuration,
                                  ShellWord.of(folder + "-again"),
                                  ShellWord.of(String.join(",", methods)),
                                  seeds,
                                  options))));
      RunName run = study.runs().get(0).name();
      commands.add(
          new Command(
              "One method and seed of it",
              "retort compare %s --only %s --seeds %d --out %s%s"
                  .formatted(
                      configuration,
                      ShellWord.of(run.method()),
                      run.seed(),
                      ShellWord.of(folder + "-one-run"),
                      options)));
    }
    commands.add(new Command("This page and its figures", "retort report " + ShellWord.of(folder)));
    return commands;
  }

  /** What gives the same beside the configuration: code of the user's own, and a GPU. */
  private static String options(StudyResults study) {
    boolean onGraphics =
        study.environments().stream().anyMatch(environment -> environment.device() != null);
    return (study.ownCode() ? " --classpath JARS" : "") + (onGraphics ? " --device cuda" : "");
  }

  /**
   * Seeds that the configuration does not name, as {@code --seeds} takes them, and their methods.
   */
  private static Map<String, List<String>> methodsOfMoreSeeds(StudyResults study) {
    Map<String, List<String>> methods = new LinkedHashMap<>();
    for (String method : study.plan().methods()) {
      String seeds =
          study.runs().stream()
              .map(Run::name)
              .filter(name -> name.method().equals(method) && !study.plan().names(name))
              .map(RunName::seed)
              .distinct()
              .sorted()
              .map(String::valueOf)
              .collect(Collectors.joining(","));
      if (!seeds.isEmpty()) {
        methods.computeIfAbsent(seeds, key -> new ArrayList<>()).add(method);
      }
    }
    return methods;
  }
}
