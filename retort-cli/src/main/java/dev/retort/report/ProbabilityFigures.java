package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import java.awt.BasicStroke;
import java.awt.geom.Ellipse2D;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.XYPlot;

/**
 * The talk's first figure: D's mean output on the teacher's and on the student's representations
 * over training. One figure for each representation that a discriminator reads, one panel for each
 * method; a method without an adversary has its observer's numbers.
 */
final class ProbabilityFigures {
  private ProbabilityFigures() {}

  /** What one discriminator says in the runs of one method. */
  private record Watched(
      String method, String discriminator, SeedCurve teacher, SeedCurve student) {
    String title() {
      String suffix = StudyResults.isObserver(discriminator) ? " (observer)" : "";
      return ChartStyle.shortened(method, 34 - suffix.length()) + suffix;
    }
  }

  static List<Figure> of(StudyResults study, String student) {
    Map<String, List<Watched>> byRepresentation = new LinkedHashMap<>();
    for (String method : study.plan().methods()) {
      for (String name : study.discriminators(student, method)) {
        SeedCurve onTeacher = DiscriminatorCurves.teacher(study, student, method, name);
        SeedCurve onStudent = DiscriminatorCurves.student(study, student, method, name);
        if (!onTeacher.isEmpty() && !onStudent.isEmpty()) {
          byRepresentation
              .computeIfAbsent(DiscriminatorCurves.representation(name), key -> new ArrayList<>())
              .add(new Watched(method, name, onTeacher, onStudent));
        }
      }
    }
    List<Figure> figures = new ArrayList<>();
    byRepresentation.forEach(
        (representation, watched) -> figures.add(figure(study, student, representation, watched)));
    return figures;
  }

  private static Figure figure(
      StudyResults study, String student, String representation, List<Watched> watched) {
    List<SeedCurve> curves =
        watched.stream().flatMap(w -> Stream.of(w.teacher(), w.student())).toList();
    List<Line> counted =
        watched.stream()
            .map(w -> new Line(w.method(), w.student(), Look.of(new MethodStyle(0), Theme.LIGHT)))
            .toList();
    String note = SpreadNote.of(counted);
    boolean observed = watched.stream().anyMatch(w -> StudyResults.isObserver(w.discriminator()));
    return new Figure(
        DiscriminatorCurves.fileName("probability", representation),
        "The discriminator's mean output, P(teacher), on the "
            + representation
            + " of the teacher and of "
            + student
            + " for the validation images. At 0.5 it cannot tell them apart. "
            + (observed
                ? "An observer only watches: it learns beside a method that has no adversary of"
                    + " that kind, and has no influence on the student. "
                : "")
            + note,
        "Line charts of the discriminator's mean output over epochs, one panel a method. "
            + describe(watched),
        PanelPlot.figureWidth(watched.size()),
        PanelPlot.figureHeight(watched.size()),
        theme -> chart(theme, study, student, representation, watched, curves, note));
  }

  private static String describe(List<Watched> watched) {
    StringBuilder text = new StringBuilder();
    for (Watched w : watched) {
      text.append(
          "%s ends at %s on the teacher and %s on the student. "
              .formatted(
                  w.title(),
                  Numbers.decimal(last(w.teacher()), 2),
                  Numbers.decimal(last(w.student()), 2)));
    }
    return text.toString().strip();
  }

  private static double last(SeedCurve curve) {
    return curve.points().get(curve.points().size() - 1).mean();
  }

  private static JFreeChart chart(
      Theme theme,
      StudyResults study,
      String student,
      String representation,
      List<Watched> watched,
      List<SeedCurve> curves,
      String note) {
    int first = CurvePlot.firstEpoch(curves);
    int last = CurvePlot.lastEpoch(curves);
    List<PanelPlot.Panel> panels = new ArrayList<>();
    for (Watched w : watched) {
      MethodStyle method = MethodStyle.of(w.method(), study.plan().methods());
      // Always solid: here dashes mean the teacher.
      Look own = new Look(method.color(theme), solid(), method.marker(), false);
      NumberAxis probability = new NumberAxis("mean P(teacher)");
      probability.setRange(0, 1);
      probability.setTickUnit(new NumberTickUnit(0.25, Numbers.upTo(2)));
      XYPlot plot =
          CurvePlot.of(
              theme,
              List.of(
                  new Line("teacher", w.teacher(), teacherLook(theme)),
                  new Line("student", w.student(), own)),
              ChartStyle.epochAxis(first, last),
              probability);
      ChartStyle.reference(theme, plot, 0.5);
      panels.add(new PanelPlot.Panel(w.title(), plot));
    }
    return ChartStyle.chart(
        theme,
        "Mean output of the discriminator: " + ChartStyle.shortened(representation, 24),
        new PanelPlot(theme, panels, legend(theme)),
        true,
        study.summary().dataset().name()
            + ", "
            + student
            + ". "
            + note
            + " Dotted: D cannot tell them apart.");
  }

  private static Look teacherLook(Theme theme) {
    return new Look(theme.mutedText, MethodStyle.dashed(2.4f, 7, 4), new Ellipse2D.Double(), false);
  }

  private static LegendItemCollection legend(Theme theme) {
    LegendItemCollection items = new LegendItemCollection();
    items.add(
        ChartStyle.legendLine(
            "on the teacher", theme, teacherLook(theme).stroke(), theme.mutedText));
    items.add(
        ChartStyle.legendLine(
            "on the student (each method in its own colour)", theme, solid(), theme.text));
    return items;
  }

  private static BasicStroke solid() {
    return new MethodStyle(0).stroke();
  }
}
