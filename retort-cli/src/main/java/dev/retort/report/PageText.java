package dev.retort.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.study.EpochMetrics;
import dev.retort.study.ResultNumbers;
import dev.retort.study.RunName;
import dev.retort.study.RunResult;
import dev.retort.study.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything on the page that is text, as the template takes it: numbers already written out.
 *
 * @param results one sentence a student
 * @param gaps what is missing
 * @param split the images that the accuracies are of: "test", or "validation" where the test set is
 *     left unread
 * @param testLeftUnread whether the study was told not to read the test images
 * @param teacher the row of the teacher below the methods; null without one
 * @param networks facts of the teacher and of each student
 * @param commands how to get the same again
 */
public record PageText(
    String title,
    List<String> results,
    List<String> gaps,
    String split,
    boolean testLeftUnread,
    boolean severalStudents,
    List<MethodRow> methods,
    @Nullable TeacherRow teacher,
    List<ComparisonRow> comparisons,
    List<Facts> networks,
    Facts dataset,
    List<AlarmRow> alarms,
    Facts environment,
    String configuration,
    List<Command> commands) {

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
      String seconds) {}

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
      String requiredSeeds) {}

  /** A list of named values under a heading. */
  public record Facts(String heading, List<Fact> facts) {}

  /** A named value. */
  public record Fact(String label, String value) {}

  /** What a run complained of, and in which epochs. */
  public record AlarmRow(String run, String epochs, String message) {}

  /** A command line and what it does. */
  public record Command(String purpose, String line) {}

  static PageText of(StudyResults study) {
    return new PageText(
        String.join(", ", study.studentNames()) + " on " + study.datasetName(),
        Headline.of(study),
        study.gaps(),
        study.studentNames().stream()
            .map(study::split)
            .distinct()
            .collect(Collectors.joining(" or ")),
        study.testLeftUnread(),
        study.studentNames().size() > 1,
        study.methods().stream().map(m -> methodRow(study, m)).toList(),
        teacherRow(study),
        study.comparisons().stream().map(PageText::comparisonRow).toList(),
        networks(study),
        facts("Data", study.dataset()),
        alarms(study),
        new Facts(
            "Environment",
            study.environment().entrySet().stream()
                .map(e -> new Fact(e.getKey(), e.getValue()))
                .toList()),
        Objects.requireNonNullElse(study.configuration(), ""),
        commands(study));
  }

  private static MethodRow methodRow(StudyResults study, MethodResult method) {
    SeedSample sample = study.accuracy(method);
    List<RunResult> results =
        study.runs(method.student(), method.method()).stream()
            .map(Run::result)
            .filter(Objects::nonNull)
            .toList();
    MethodStyle style = MethodStyle.of(method.method(), study.methodNames());
    Double seconds = mean(results, RunResult::seconds);
    Double parameters = mean(results, result -> (double) result.parameters());
    return new MethodRow(
        method.student(),
        method.method(),
        css(style, Theme.LIGHT),
        css(style, Theme.DARK),
        Numbers.percent(sample.mean()),
        Numbers.percent(sample.standardDeviation()),
        Integer.toString(sample.n()),
        Numbers.percent(mean(results, RunResult::agreementWithTeacher)),
        Numbers.count(parameters == null ? null : Math.round(parameters)),
        seconds == null ? Numbers.UNDEFINED : Numbers.decimal(seconds, seconds < 10 ? 1 : 0));
  }

  private static @Nullable TeacherRow teacherRow(StudyResults study) {
    JsonNode teacher = study.teacher();
    if (teacher == null || study.studentNames().isEmpty()) {
      return null;
    }
    JsonNode parameters = teacher.path("parameters");
    return new TeacherRow(
        teacher.path("network").asText(Numbers.UNDEFINED),
        Numbers.percent(study.teacherAccuracy(study.split(study.studentNames().get(0)))),
        Numbers.count(parameters.isIntegralNumber() ? parameters.asLong() : null));
  }

  private static @Nullable Double mean(
      List<RunResult> results, Function<RunResult, @Nullable Double> quantity) {
    return Statistics.mean(results.stream().map(quantity).filter(Objects::nonNull).toList());
  }

  private static String css(MethodStyle style, Theme theme) {
    return "#%06x".formatted(style.color(theme).getRGB() & 0xffffff);
  }

  private static ComparisonRow comparisonRow(PairedComparison comparison) {
    return new ComparisonRow(
        comparison.student(),
        comparison.method(),
        comparison.baseline(),
        Numbers.points(comparison.meanDifference()),
        comparison.low() == null || comparison.high() == null
            ? Numbers.UNDEFINED
            : Numbers.points(comparison.low()) + " to " + Numbers.points(comparison.high()),
        ResultNumbers.pValue(comparison.pValue()),
        ResultNumbers.pValue(comparison.adjustedPValue()),
        Integer.toString(comparison.n()),
        comparison.requiredSeeds() == null
            ? Numbers.UNDEFINED
            : comparison.requiredSeeds().toString());
  }

  private static List<Facts> networks(StudyResults study) {
    List<Facts> networks = new ArrayList<>();
    if (study.teacher() != null) {
      networks.add(facts("Teacher", study.teacher()));
    }
    JsonNode students = study.students();
    if (students != null && students.isArray()) {
      students.forEach(student -> networks.add(facts("Student", student)));
    }
    return networks;
  }

  private static Facts facts(String heading, @Nullable JsonNode node) {
    List<Fact> facts = new ArrayList<>();
    if (node != null && node.isObject()) {
      node.properties()
          .forEach(
              entry -> {
                JsonNode value = entry.getValue();
                if (value.isValueNode()) {
                  facts.add(new Fact(label(entry.getKey()), written(entry.getKey(), value)));
                } else {
                  Map<String, String> nested = new LinkedHashMap<>();
                  JsonFiles.flatten(entry.getKey(), value, nested);
                  nested.forEach((key, text) -> facts.add(new Fact(key, text)));
                }
              });
    } else if (node != null && node.isTextual()) {
      facts.add(new Fact(label("name"), node.asText()));
    }
    return new Facts(heading, facts);
  }

  private static String label(String key) {
    return switch (key) {
      case "testAccuracy" -> "test accuracy";
      case "validationAccuracy" -> "validation accuracy";
      case "macs" -> "multiply–accumulates an image";
      case "sha256" -> "SHA-256";
      case "train", "validation", "test" -> key + " images";
      default -> key;
    };
  }

  private static String written(String key, JsonNode value) {
    if (value.isNull()) {
      return Numbers.UNDEFINED;
    }
    if (key.endsWith("Accuracy") && value.isNumber()) {
      return Numbers.percent(value.asDouble()) + " %";
    }
    return value.isIntegralNumber() ? Numbers.count(value.asLong()) : value.asText();
  }

  /** The same complaint in several epochs of a run is one row. */
  private static List<AlarmRow> alarms(StudyResults study) {
    List<AlarmRow> rows = new ArrayList<>();
    for (Run run : study.runs()) {
      Map<String, List<Integer>> epochs = new LinkedHashMap<>();
      for (EpochMetrics metrics : run.epochs()) {
        for (String alarm : metrics.alarms()) {
          epochs.computeIfAbsent(alarm, key -> new ArrayList<>()).add(metrics.epoch());
        }
      }
      epochs.forEach(
          (alarm, when) -> rows.add(new AlarmRow(run.name().toString(), ranges(when), alarm)));
    }
    return rows;
  }

  /** Ascending epochs with runs of neighbours drawn together: 1, 4–7. */
  static String ranges(List<Integer> epochs) {
    List<String> ranges = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= epochs.size(); i++) {
      if (i == epochs.size() || epochs.get(i) != epochs.get(i - 1) + 1) {
        int first = epochs.get(start);
        int last = epochs.get(i - 1);
        ranges.add(first == last ? Integer.toString(first) : first + "–" + last);
        start = i;
      }
    }
    return ranges.stream().collect(Collectors.joining(", "));
  }

  private static List<Command> commands(StudyResults study) {
    String folder = folderName(study);
    List<Command> commands = new ArrayList<>();
    if (study.configuration() != null) {
      String configuration = quoted(folder + "/resolved.yaml");
      commands.add(
          new Command(
              (study.training() ? "The training" : "The whole study") + ", into a new folder",
              "retort %s %s --out %s"
                  .formatted(
                      study.training() ? "train" : "compare",
                      configuration,
                      quoted(folder + "-again"))));
      if (!study.training() && !study.runs().isEmpty()) {
        methodsOfMoreSeeds(study)
            .forEach(
                (seeds, methods) ->
                    commands.add(
                        new Command(
                            "The seeds that were added to it",
                            "retort compare %s --out %s --resume --only %s --seeds %s"
                                .formatted(
                                    configuration,
                                    quoted(folder + "-again"),
                                    quoted(String.join(",", methods)),
                                    seeds))));
        Run run = study.runs().get(0);
        commands.add(
            new Command(
                "One method and seed of it",
                "retort compare %s --only %s --seeds %d --out %s"
                    .formatted(
                        configuration,
                        quoted(run.name().method()),
                        run.name().seed(),
                        quoted(folder + "-one-run"))));
      }
    }
    commands.add(new Command("This page and its figures", "retort report " + quoted(folder)));
    return commands;
  }

  /**
   * Seeds that the configuration does not name, as {@code --seeds} takes them, and their methods.
   */
  private static Map<String, List<String>> methodsOfMoreSeeds(StudyResults study) {
    Map<String, List<String>> methods = new LinkedHashMap<>();
    for (String method : study.methodNames()) {
      String seeds =
          study.runs().stream()
              .map(Run::name)
              .filter(name -> name.method().equals(method))
              .map(RunName::seed)
              .filter(seed -> !study.seeds().contains(seed))
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

  private static String folderName(StudyResults study) {
    return String.valueOf(study.folder().toAbsolutePath().normalize().getFileName());
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9.,_/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
