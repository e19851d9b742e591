package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;

/**
 * The lower bound of the Jensen–Shannon divergence between teacher and student over training, one
 * figure for each representation: how far the two networks are apart.
 */
final class DivergenceFigures {
  private static final int MOST_LINES = 5;

  private DivergenceFigures() {}

  private record Measured(String method, boolean observed, SeedCurve curve) {
    Line line(StudyResults study, Theme theme) {
      Look look = Look.of(MethodStyle.of(method, study.plan().methods()), theme);
      return new Line(label(), curve, look);
    }

    String label() {
      return ChartStyle.shortened(method, 30) + (observed ? " (observer)" : "");
    }
  }

  static List<Figure> of(StudyResults study, String student) {
    Map<String, List<Measured>> byRepresentation = new LinkedHashMap<>();
    for (String method : study.plan().methods()) {
      for (String name : study.discriminators(student, method)) {
        SeedCurve curve = DiscriminatorCurves.jsdLowerBound(study, student, method, name);
        if (!curve.isEmpty()) {
          byRepresentation
              .computeIfAbsent(DiscriminatorCurves.representation(name), key -> new ArrayList<>())
              .add(new Measured(method, StudyResults.isObserver(name), curve));
        }
      }
    }
    List<Figure> figures = new ArrayList<>();
    byRepresentation.forEach(
        (representation, measured) ->
            figures.add(figure(study, student, representation, measured)));
    return figures;
  }

  private static Figure figure(
      StudyResults study, String student, String representation, List<Measured> measured) {
    String note = SpreadNote.of(measured.stream().map(m -> m.line(study, Theme.LIGHT)).toList());
    boolean panels = measured.size() > MOST_LINES;
    return new Figure(
        DiscriminatorCurves.fileName("divergence", representation),
        "Lower bound of the Jensen–Shannon divergence between the "
            + representation
            + " of the teacher and of "
            + student
            + " for the validation images, log 2 − BCE(D). At 0 nats D sees no difference, at"
            + " log 2 = 0.693 nats it tells them apart without error; below 0 D is worse than"
            + " no D. "
            + note,
        "Line chart of the lower bound of the divergence over epochs. "
            + measured.stream()
                .map(
                    m ->
                        m.label()
                            + " ends at "
                            + Numbers.decimal(
                                m.curve().points().get(m.curve().points().size() - 1).mean(), 3)
                            + " nats")
                .collect(Collectors.joining(", ", "", ".")),
        panels ? PanelPlot.figureWidth(measured.size()) : ChartStyle.WIDTH,
        panels ? PanelPlot.figureHeight(measured.size()) : ChartStyle.HEIGHT,
        theme -> chart(theme, study, student, representation, measured, note));
  }

  private static JFreeChart chart(
      Theme theme,
      StudyResults study,
      String student,
      String representation,
      List<Measured> measured,
      String note) {
    List<SeedCurve> curves = measured.stream().map(Measured::curve).toList();
    String title =
        "How far student and teacher are apart: " + ChartStyle.shortened(representation, 18);
    String foot =
        study.summary().dataset().name()
            + ", "
            + student
            + ". "
            + note
            + " Dotted: log 2, where D never errs.";
    if (measured.size() <= MOST_LINES) {
      List<Line> lines = measured.stream().map(m -> m.line(study, theme)).toList();
      return ChartStyle.chart(
          theme, title, plot(theme, lines, curves, "JSD lower bound (nats)"), true, foot);
    }
    List<PanelPlot.Panel> panels = new ArrayList<>();
    for (Measured m : measured) {
      Line line = m.line(study, theme);
      Line unmarked = new Line(line.label(), line.curve(), line.look().unmarked());
      panels.add(
          new PanelPlot.Panel(m.label(), plot(theme, List.of(unmarked), curves, "JSD (nats)")));
    }
    return ChartStyle.chart(
        theme, title, new PanelPlot(theme, panels, new LegendItemCollection()), false, foot);
  }

  private static XYPlot plot(
      Theme theme, List<Line> lines, List<SeedCurve> curves, String rangeLabel) {
    NumberAxis range = new NumberAxis(rangeLabel);
    double low = Math.min(0, CurvePlot.lowest(curves));
    double high = Math.max(Math.log(2), CurvePlot.highest(curves));
    range.setRange(low - (low < 0 ? 0.03 : 0), high + 0.03);
    range.setNumberFormatOverride(Numbers.upTo(2));
    XYPlot plot =
        CurvePlot.of(
            theme,
            lines,
            ChartStyle.epochAxis(CurvePlot.firstEpoch(curves), CurvePlot.lastEpoch(curves)),
            range);
    ChartStyle.reference(theme, plot, Math.log(2));
    return plot;
  }
}
