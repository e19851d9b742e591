package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.XYPlot;

/**
 * How often a discriminator ranks a teacher's representation above a student's (AUC) over training,
 * one figure for each representation: what can be said of a discriminator whose output is no
 * probability. Those that have one are in the other two kinds of figures.
 */
final class RankingFigures {
  private RankingFigures() {}

  static List<Figure> of(StudyResults study, String student) {
    Map<String, Map<String, SeedCurve>> byRepresentation = new LinkedHashMap<>();
    for (String method : study.plan().methods()) {
      for (String name : study.discriminators(student, method)) {
        SeedCurve curve = DiscriminatorCurves.auc(study, student, method, name);
        if (!curve.isEmpty()
            && DiscriminatorCurves.jsdLowerBound(study, student, method, name).isEmpty()) {
          byRepresentation
              .computeIfAbsent(name, representation -> new LinkedHashMap<>())
              .put(method, curve);
        }
      }
    }
    List<Figure> figures = new ArrayList<>();
    byRepresentation.forEach((name, curves) -> figures.add(figure(study, student, name, curves)));
    return figures;
  }

  private static Figure figure(
      StudyResults study, String student, String representation, Map<String, SeedCurve> curves) {
    String note = SpreadNote.of(lines(study, curves, Theme.LIGHT));
    return new Figure(
        DiscriminatorCurves.fileName("ranking", representation),
        "How often the discriminator ranks the "
            + representation
            + " of the teacher above that of "
            + student
            + " for the validation images (AUC). At 0.5 it cannot tell them apart, at 1 it never"
            + " errs. Its output is no probability. "
            + note,
        "Line chart of the discriminator's AUC over epochs. "
            + curves.entrySet().stream()
                .map(entry -> entry.getKey() + " ends at " + last(entry.getValue()))
                .collect(Collectors.joining(", ", "", ".")),
        ChartStyle.WIDTH,
        ChartStyle.HEIGHT,
        theme -> chart(theme, study, student, representation, curves, note));
  }

  private static String last(SeedCurve curve) {
    return Numbers.decimal(curve.points().get(curve.points().size() - 1).mean(), 2);
  }

  private static List<Line> lines(StudyResults study, Map<String, SeedCurve> curves, Theme theme) {
    return curves.entrySet().stream()
        .map(
            entry ->
                new Line(
                    ChartStyle.shortened(entry.getKey(), ChartStyle.NAME_LETTERS),
                    entry.getValue(),
                    Look.of(MethodStyle.of(entry.getKey(), study.plan().methods()), theme)))
        .toList();
  }

  private static JFreeChart chart(
      Theme theme,
      StudyResults study,
      String student,
      String representation,
      Map<String, SeedCurve> curves,
      String note) {
    List<SeedCurve> all = List.copyOf(curves.values());
    NumberAxis range = new NumberAxis("AUC");
    range.setRange(0, 1);
    range.setTickUnit(new NumberTickUnit(0.25, Numbers.upTo(2)));
    XYPlot plot =
        CurvePlot.of(
            theme,
            lines(study, curves, theme),
            ChartStyle.epochAxis(CurvePlot.firstEpoch(all), CurvePlot.lastEpoch(all)),
            range);
    ChartStyle.reference(theme, plot, 0.5);
    return ChartStyle.chart(
        theme,
        "How often D ranks the teacher higher: " + ChartStyle.shortened(representation, 18),
        plot,
        true,
        study.summary().dataset().name()
            + ", "
            + student
            + ". "
            + note
            + " Dotted: D cannot tell them apart.");
  }
}
