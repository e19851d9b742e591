package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import dev.retort.study.EpochMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;

/**
 * Validation accuracy over training: the talk's second figure (the adversarial method and
 * cross-entropy), its third (Hinton's and the adversarial method, with their sum), and, where a
 * study has more methods than those, a panel for each.
 */
final class ValidationFigures {
  private static final String CROSS_ENTROPY = "cross-entropy";
  private static final String HINTON = "hinton";
  private static final String SUM = "adversarial-hinton";

  private ValidationFigures() {}

  static List<Figure> of(StudyResults study, String student) {
    List<String> methods =
        study.plan().methods().stream()
            .filter(method -> !accuracy(study, student, method).isEmpty())
            .toList();
    Optional<String> adversarial = adversarial(study, student, methods);
    List<Figure> figures = new ArrayList<>();
    List<String> second = present(methods, List.of(CROSS_ENTROPY), adversarial);
    if (adversarial.isPresent() && second.size() == 2) {
      figures.add(
          lines(
              study,
              student,
              "validation-adversarial-cross-entropy",
              "Adversarial training and cross-entropy",
              second));
    }
    List<String> third = present(methods, List.of(HINTON), adversarial);
    if (adversarial.isPresent() && third.size() == 2) {
      if (methods.contains(SUM) && !third.contains(SUM)) {
        third = new ArrayList<>(third);
        third.add(SUM);
      }
      figures.add(
          lines(
              study,
              student,
              "validation-hinton-adversarial",
              "Hinton's distillation and the adversarial method",
              third));
    }
    boolean someUndrawn =
        methods.stream().anyMatch(m -> !second.contains(m) && !m.equals(HINTON) && !m.equals(SUM));
    if (!methods.isEmpty() && (figures.size() < 2 || someUndrawn)) {
      figures.add(panels(study, student, methods));
    }
    return figures;
  }

  /** The method of that name; in a study without it, the first that has an adversary. */
  private static Optional<String> adversarial(
      StudyResults study, String student, List<String> methods) {
    if (methods.contains("adversarial")) {
      return Optional.of("adversarial");
    }
    return methods.stream().filter(method -> study.isAdversarial(student, method)).findFirst();
  }

  private static List<String> present(
      List<String> methods, List<String> baseline, Optional<String> adversarial) {
    List<String> chosen = new ArrayList<>(baseline);
    adversarial.ifPresent(chosen::add);
    chosen.retainAll(methods);
    return chosen.stream().distinct().toList();
  }

  private static SeedCurve accuracy(StudyResults study, String student, String method) {
    return study.curve(student, method, EpochMetrics::validationAccuracy);
  }

  private static Line line(
      StudyResults study, String student, String method, Theme theme, boolean marked) {
    Look look = Look.of(MethodStyle.of(method, study.plan().methods()), theme);
    return new Line(
        ChartStyle.shortened(method, ChartStyle.NAME_LETTERS),
        accuracy(study, student, method),
        marked ? look : look.unmarked());
  }

  private static NumberAxis accuracyAxis(List<SeedCurve> curves, String label) {
    return ChartStyle.percentAxis(
        label, CurvePlot.lowest(curves), Math.min(1, CurvePlot.highest(curves)));
  }

  private static Figure lines(
      StudyResults study, String student, String name, String title, List<String> methods) {
    List<Line> light =
        methods.stream().map(m -> line(study, student, m, Theme.LIGHT, true)).toList();
    List<SeedCurve> curves = light.stream().map(Line::curve).toList();
    String note = SpreadNote.of(light);
    return new Figure(
        name,
        "Validation accuracy of " + student + " over training by " + and(methods) + ". " + note,
        "Line chart of validation accuracy over epochs. " + describe(study, student, methods),
        ChartStyle.WIDTH,
        ChartStyle.HEIGHT,
        theme ->
            ChartStyle.chart(
                theme,
                title,
                CurvePlot.of(
                    theme,
                    methods.stream().map(m -> line(study, student, m, theme, true)).toList(),
                    ChartStyle.epochAxis(CurvePlot.firstEpoch(curves), CurvePlot.lastEpoch(curves)),
                    accuracyAxis(curves, "validation accuracy")),
                true,
                study.summary().dataset().name() + ", " + student + ". " + note));
  }

  private static Figure panels(StudyResults study, String student, List<String> methods) {
    List<Line> light =
        methods.stream().map(m -> line(study, student, m, Theme.LIGHT, false)).toList();
    String note = SpreadNote.of(light);
    boolean baseline = methods.contains(CROSS_ENTROPY);
    return new Figure(
        "validation",
        "Validation accuracy of "
            + student
            + " over training, one panel a method"
            + (baseline ? ", with cross-entropy in every panel. " : ". ")
            + note,
        "Line charts of validation accuracy over epochs, one panel a method. "
            + describe(study, student, methods),
        PanelPlot.figureWidth(methods.size()),
        PanelPlot.figureHeight(methods.size()),
        theme -> panelChart(theme, study, student, methods, note));
  }

  private static JFreeChart panelChart(
      Theme theme, StudyResults study, String student, List<String> methods, String note) {
    List<SeedCurve> curves = methods.stream().map(m -> accuracy(study, student, m)).toList();
    int first = CurvePlot.firstEpoch(curves);
    int last = CurvePlot.lastEpoch(curves);
    LegendItemCollection legend = new LegendItemCollection();
    if (methods.contains(CROSS_ENTROPY)) {
      MethodStyle style = MethodStyle.of(CROSS_ENTROPY, study.plan().methods());
      legend.add(ChartStyle.legendLine(CROSS_ENTROPY, theme, style.stroke(), style.color(theme)));
    }
    List<PanelPlot.Panel> panels = new ArrayList<>();
    for (String method : methods) {
      List<Line> lines = new ArrayList<>();
      if (methods.contains(CROSS_ENTROPY) && !method.equals(CROSS_ENTROPY)) {
        lines.add(line(study, student, CROSS_ENTROPY, theme, false));
      }
      lines.add(line(study, student, method, theme, false));
      XYPlot plot =
          CurvePlot.of(
              theme, lines, ChartStyle.epochAxis(first, last), accuracyAxis(curves, "accuracy"));
      panels.add(new PanelPlot.Panel(ChartStyle.shortened(method, ChartStyle.NAME_LETTERS), plot));
    }
    return ChartStyle.chart(
        theme,
        "Validation accuracy of every method",
        new PanelPlot(theme, panels, legend),
        legend.getItemCount() > 0,
        study.summary().dataset().name() + ", " + student + ". " + note);
  }

  private static String describe(StudyResults study, String student, List<String> methods) {
    return methods.stream()
        .map(
            method -> {
              List<SeedCurve.Point> points = accuracy(study, student, method).points();
              return "%s ends at %s per cent"
                  .formatted(method, Numbers.percent(points.get(points.size() - 1).mean()));
            })
        .collect(Collectors.joining(", ", "", "."));
  }

  static String and(List<String> names) {
    int last = names.size() - 1;
    return last < 1
        ? String.join("", names)
        : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
  }
}
