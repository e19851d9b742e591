package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;

/**
 * What a figure of curves over epochs shows, whatever its colours: it is drawn from this in each
 * theme.
 *
 * @param name the stem of its files
 * @param title above it
 * @param caption what it shows, in sentences that end in a space; what the bands are comes after it
 * @param description what a reader who cannot see it should know
 * @param panels with the same axes; one without a title is the whole figure
 * @param legend of all panels together; one plot has a legend of its lines
 */
record CurveFigure(
    String name,
    String title,
    String caption,
    String description,
    Ordinate ordinate,
    List<Panel> panels,
    List<LegendEntry> legend) {

  /** The lines of one plot and the text above it. */
  record Panel(String title, List<Line> lines) {
    /** The last line: others stand in every panel. */
    private Line own() {
      return lines.get(lines.size() - 1);
    }
  }

  /** What a line of every panel is. */
  record LegendEntry(String label, Look look) {}

  /** One plot. */
  CurveFigure(
      String name,
      String title,
      String caption,
      String description,
      Ordinate ordinate,
      List<Line> lines) {
    this(name, title, caption, description, ordinate, List.of(new Panel("", lines)), List.of());
  }

  private boolean isOnePlot() {
    return panels.get(0).title().isEmpty();
  }

  /** Ready to be drawn. */
  Figure of(StudyResults study, String student) {
    String note = note();
    String foot = study.summary().dataset().name() + ", " + student + ". " + note;
    return new Figure(
        name,
        caption + note,
        description,
        isOnePlot() ? ChartStyle.WIDTH : PanelPlot.figureWidth(panels.size()),
        isOnePlot() ? ChartStyle.HEIGHT : PanelPlot.figureHeight(panels.size(), false),
        theme -> chart(theme, foot + ordinate.meaning()));
  }

  private JFreeChart chart(Theme theme, String foot) {
    List<SeedCurve> curves =
        panels.stream().flatMap(panel -> panel.lines().stream()).map(Line::curve).toList();
    List<PanelPlot.Panel> plots =
        panels.stream()
            .map(
                panel ->
                    new PanelPlot.Panel(
                        panel.title(), CurvePlot.of(theme, panel.lines(), curves, ordinate)))
            .toList();
    if (isOnePlot()) {
      return ChartStyle.chart(theme, title, plots.get(0).plot(), true, foot);
    }
    LegendItemCollection items = new LegendItemCollection();
    legend.forEach(entry -> items.add(ChartStyle.legendLine(theme, entry.label(), entry.look())));
    return ChartStyle.chart(
        theme, title, new PanelPlot(theme, plots, items, false), !legend.isEmpty(), foot);
  }

  /** Of how many seeds the lines are, and what the bands are. */
  private String note() {
    List<Line> own =
        panels.stream()
            .flatMap(panel -> isOnePlot() ? panel.lines().stream() : Stream.of(panel.own()))
            .toList();
    List<Integer> counts = own.stream().map(line -> line.curve().seeds()).distinct().toList();
    int most = counts.stream().mapToInt(Integer::intValue).max().orElse(0);
    String note;
    if (most <= 1) {
      note = "n = 1 seed, so there is no band.";
    } else {
      String n =
          counts.size() == 1
              ? "n = " + most + " seeds"
              : own.stream()
                  .map(line -> line.label() + " " + line.curve().seeds())
                  .distinct()
                  .collect(Collectors.joining(", ", "n seeds (", ")"));
      note = "Lines: mean over " + n + ". Bands: ± 1 standard deviation.";
    }
    if (own.stream().anyMatch(line -> line.curve().unfinished())) {
      note +=
          " Some runs have not reached the last epoch; where one seed is left, there is no band.";
    }
    return own.stream().anyMatch(line -> line.curve().interrupted())
        ? note + " Of some seeds the last epochs have no figure."
        : note;
  }
}
