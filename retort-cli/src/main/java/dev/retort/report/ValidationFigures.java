package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import dev.retort.study.EpochMetrics;
import dev.retort.study.ResultNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Validation accuracy over training: the talk's second figure (the adversarial method and
 * cross-entropy), its third (Hinton's and the adversarial method, with their sum), and, where a
 * study has more methods than those, a panel for each.
 */
final class ValidationFigures {
  private static final String ADVERSARIAL = "adversarial";
  private static final String CROSS_ENTROPY = "cross-entropy";
  private static final String HINTON = "hinton";
  private static final String SUM = "adversarial-hinton";

  private final StudyResults study;
  private final String student;

  /** Those with a validation accuracy. */
  private final List<String> methods;

  private ValidationFigures(StudyResults study, String student) {
    this.study = study;
    this.student = student;
    this.methods =
        study.plan().methods().stream().filter(method -> !accuracy(method).isEmpty()).toList();
  }

  static List<Figure> of(StudyResults study, String student) {
    return new ValidationFigures(study, student)
        .figures().stream().map(figure -> figure.of(study, student)).toList();
  }

  private List<CurveFigure> figures() {
    Optional<String> adversarial = adversarial();
    List<CurveFigure> figures = new ArrayList<>();
    List<String> second = present(CROSS_ENTROPY, adversarial);
    if (second.size() == 2) {
      figures.add(
          lines(
              "validation-adversarial-cross-entropy",
              "Cross-entropy and " + name(adversarial.orElseThrow()),
              second));
    }
    List<String> third = present(HINTON, adversarial);
    if (third.size() == 2) {
      if (methods.contains(SUM) && !third.contains(SUM)) {
        third.add(SUM);
      }
      figures.add(
          lines(
              "validation-hinton-adversarial",
              "Hinton's distillation and " + name(adversarial.orElseThrow()),
              third));
    }
    boolean someUndrawn =
        methods.stream().anyMatch(m -> !second.contains(m) && !m.equals(HINTON) && !m.equals(SUM));
    if (!methods.isEmpty() && (figures.size() < 2 || someUndrawn)) {
      figures.add(panels());
    }
    return figures;
  }

  /** The method of that name; in a study without it, the first that has an adversary. */
  private Optional<String> adversarial() {
    return methods.contains(ADVERSARIAL)
        ? Optional.of(ADVERSARIAL)
        : methods.stream().filter(method -> study.isAdversarial(student, method)).findFirst();
  }

  private static String name(String method) {
    return method.equals(ADVERSARIAL) ? "the adversarial method" : method;
  }

  private List<String> present(String baseline, Optional<String> adversarial) {
    List<String> chosen = new ArrayList<>();
    if (methods.contains(baseline)) {
      chosen.add(baseline);
    }
    adversarial.filter(method -> !chosen.contains(method)).ifPresent(chosen::add);
    return chosen;
  }

  private SeedCurve accuracy(String method) {
    return study.curve(student, method, EpochMetrics::validationAccuracy);
  }

  private Line line(String method) {
    return new Line(
        ChartStyle.shortened(method, ChartStyle.NAME_LETTERS),
        accuracy(method),
        Look.of(study.style(method)));
  }

  private CurveFigure lines(String name, String title, List<String> drawn) {
    return new CurveFigure(
        name,
        title,
        "Validation accuracy of %s over training by %s.%s "
            .formatted(student, and(drawn), AccuracyFigure.diverged(study, student)),
        "Line chart of validation accuracy over epochs. " + ends(drawn),
        Ordinate.accuracy("validation accuracy"),
        drawn.stream().map(this::line).toList());
  }

  private CurveFigure panels() {
    boolean baseline = methods.contains(CROSS_ENTROPY);
    List<CurveFigure.Panel> panels = new ArrayList<>();
    for (String method : methods) {
      List<Line> lines = new ArrayList<>();
      if (baseline && !method.equals(CROSS_ENTROPY)) {
        lines.add(line(CROSS_ENTROPY).unmarked());
      }
      Line own = line(method).unmarked();
      lines.add(own);
      panels.add(new CurveFigure.Panel(own.label(), lines));
    }
    return new CurveFigure(
        "validation",
        "Validation accuracy of every method",
        "Validation accuracy of %s over training, one panel a method%s.%s "
            .formatted(
                student,
                baseline ? ", with cross-entropy in every panel" : "",
                AccuracyFigure.diverged(study, student)),
        "Line charts of validation accuracy over epochs, one panel a method. " + ends(methods),
        Ordinate.accuracy("accuracy"),
        panels,
        baseline
            ? List.of(
                new CurveFigure.LegendEntry(CROSS_ENTROPY, Look.of(study.style(CROSS_ENTROPY))))
            : List.of());
  }

  private String ends(List<String> drawn) {
    return drawn.stream()
        .map(m -> "%s ends at %s per cent".formatted(m, ResultNumbers.percent(accuracy(m).last())))
        .collect(Collectors.joining(", ", "", "."));
  }

  private static String and(List<String> names) {
    int last = names.size() - 1;
    return String.join(", ", names.subList(0, last)) + " and " + names.get(last);
  }
}
