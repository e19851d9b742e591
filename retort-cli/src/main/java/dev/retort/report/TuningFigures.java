package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import dev.retort.report.CurvePlot.Look;
import dev.retort.study.ResultNumbers;
import dev.retort.study.Trial;
import dev.retort.study.Tuning;
import dev.retort.study.config.SettingRange;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.util.ShapeUtils;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jspecify.annotations.Nullable;

/**
 * A search in two figures: the accuracy of each trial against each of its settings, and the best to
 * be expected after so many trials.
 */
final class TuningFigures {
  private static final String FOOT = "%s, %s. Accuracies from the search's seeds.%s";

  /** What a ring takes of a panel's height, so that one around the best trial is whole. */
  private static final double RING = 0.08;

  /** How far up a panel the mark of a trial far below it is, as a part of its height. */
  private static final double EDGE = 0.05;

  private static final int LEGEND_ROW = 24;

  private final TuningResults results;

  private TuningFigures(TuningResults results) {
    this.results = results;
  }

  /** None where every trial diverged; of a search that goes on, the accuracies so far. */
  static List<Figure> of(TuningResults results) {
    TuningFigures figures = new TuningFigures(results);
    return results.accuracies().isEmpty()
        ? List.of()
        : results.done()
            ? List.of(figures.expectedBest(), figures.settings())
            : List.of(figures.settings());
  }

  private String foot() {
    long diverged = results.trials().stream().filter(t -> t.searchAccuracy() == null).count();
    return FOOT.formatted(
        results.data(),
        results.student(),
        diverged == 0 || !results.done()
            ? ""
            : " %d %s diverged.".formatted(diverged, diverged == 1 ? "trial" : "trials"));
  }

  private Figure expectedBest() {
    List<Line> lines =
        results.methods().stream()
            .map(
                method ->
                    new Line(
                        ChartStyle.shortened(method, ChartStyle.NAME_LETTERS),
                        curve(Tuning.expectedBest(results.of(method))),
                        Look.of(results.style(method))))
            .toList();
    String foot = foot() + " A trial that diverged counts as 0.";
    return new Figure(
        "expected-best",
        "The best validation accuracy to be expected after so many trials, drawn at random from those of the method, with replacement (Dodge et al. 2019): so the curve ends below the best trial. "
            + foot,
        "Line chart of the expected best validation accuracy over the number of trials. "
            + lines.stream()
                .map(
                    line ->
                        "%s from %s to %s per cent"
                            .formatted(
                                line.label(),
                                ResultNumbers.percent(line.curve().points().get(0).mean()),
                                ResultNumbers.percent(line.curve().last())))
                .collect(Collectors.joining(", ", "", ".")),
        ChartStyle.WIDTH,
        // A row of the legend has room for three names or so; the plot has for two rows.
        ChartStyle.HEIGHT + LEGEND_ROW * Math.max(0, (lines.size() - 6) / 3),
        theme -> {
          List<SeedCurve> curves = lines.stream().map(Line::curve).toList();
          XYPlot plot =
              CurvePlot.of(theme, lines, curves, Ordinate.accuracy("best validation accuracy"));
          plot.getDomainAxis().setLabel("trials");
          return ChartStyle.chart(
              theme, "Best accuracy to be expected after k trials", plot, true, foot);
        });
  }

  private static SeedCurve curve(List<Double> expected) {
    List<SeedCurve.Point> points =
        IntStream.range(0, expected.size())
            .mapToObj(i -> new SeedCurve.Point(i + 1, expected.get(i), 0))
            .toList();
    return new SeedCurve(points, 1, false, false);
  }

  /** One setting of a method. */
  private record Panel(String method, String key, SettingRange range) {}

  private Figure settings() {
    List<Panel> panels = new ArrayList<>();
    for (String method : results.methods()) {
      results
          .tuning()
          .search()
          .ranges(method)
          .forEach((key, range) -> panels.add(new Panel(method, key, range)));
    }
    String note =
        (results.chosen().isEmpty() ? "A point a trial; " : "A point a trial; ring: chosen; ")
            + (panels.stream().anyMatch(this::hasOwn)
                ? "diamond: the method as the configuration has it; "
                : "")
            + (results.accuracies().stream().anyMatch(this::isFar)
                ? "triangle: far below the axis; "
                : "")
            + (panels.stream().anyMatch(panel -> panel.range().log() != null)
                ? "0 is at the left end of a logarithmic axis. "
                : "")
            + foot();
    return new Figure(
        "settings",
        "Validation accuracy of %s against each setting, one panel a setting. "
                .formatted(results.student())
            + note,
        "Scatter plots of validation accuracy against settings, one panel a setting. "
            + results.chosen().stream()
                .map(trial -> "Chosen of %s: %s.".formatted(trial.method(), trial.settingsText()))
                .collect(Collectors.joining(" ")),
        PanelPlot.figureWidth(panels.size()),
        PanelPlot.figureHeight(panels.size(), true),
        theme -> chart(theme, panels, note));
  }

  private boolean hasOwn(Panel panel) {
    return results.of(panel.method()).stream()
        .anyMatch(trial -> trial.trial() == 1 && trial.settings().get(panel.key()) != null);
  }

  private JFreeChart chart(Theme theme, List<Panel> panels, String note) {
    List<PanelPlot.Panel> plots =
        panels.stream()
            .map(
                panel ->
                    new PanelPlot.Panel(
                        ChartStyle.shortened(panel.method(), ChartStyle.NAME_LETTERS),
                        plot(theme, panel)))
            .toList();
    LegendItemCollection none = new LegendItemCollection();
    return ChartStyle.chart(
        theme,
        "Validation accuracy against each setting",
        new PanelPlot(theme, plots, none, true),
        false,
        note);
  }

  private XYPlot plot(Theme theme, Panel panel) {
    Color color = results.style(panel.method()).color(theme);
    List<Object> categories = panel.range().choices() == null ? List.of() : categories(panel);
    XYSeries own = new XYSeries("own");
    XYSeries others = new XYSeries("others");
    XYSeries chosen = new XYSeries("chosen");
    XYSeries far = new XYSeries("far");
    NumberAxis accuracies = accuracies();
    double edge = accuracies.getLowerBound() + EDGE * accuracies.getRange().getLength();
    for (Trial trial : results.of(panel.method())) {
      Double accuracy = trial.searchAccuracy();
      Object value = trial.settings().get(panel.key());
      double place = place(panel.range(), categories, value);
      if (accuracy != null && !Double.isNaN(place)) {
        double height = isFar(accuracy) ? edge : accuracy;
        (isFar(accuracy) ? far : trial.trial() == 1 ? own : others).add(place, height);
        if (trial.chosen()) {
          chosen.add(place, height);
        }
      }
    }
    XYSeriesCollection points = new XYSeriesCollection();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(false, true);
    List.of(chosen, own, others, far).forEach(points::addSeries);
    renderer.setSeriesShape(0, new Ellipse2D.Double(-8, -8, 16, 16));
    renderer.setSeriesShapesFilled(0, false);
    renderer.setSeriesStroke(0, new BasicStroke(1.8f));
    renderer.setSeriesPaint(0, theme.text);
    renderer.setSeriesShape(1, new MethodStyle(3).marker());
    renderer.setSeriesPaint(1, color);
    renderer.setSeriesShape(2, new Ellipse2D.Double(-3.5, -3.5, 7, 7));
    renderer.setSeriesPaint(2, color);
    renderer.setSeriesShape(3, ShapeUtils.createDownTriangle(4));
    renderer.setSeriesPaint(3, color);
    XYPlot plot = new XYPlot(points, abscissa(panel, categories, points), accuracies, renderer);
    ChartStyle.style(theme, plot);
    plot.setDomainGridlinesVisible(true);
    return plot;
  }

  /** An axis for all panels. A student at chance, say, would leave the others no room. */
  private NumberAxis accuracies() {
    double fence = AccuracyFigure.fence(results.accuracies());
    DoubleSummaryStatistics near =
        results.accuracies().stream()
            .mapToDouble(Double::doubleValue)
            .filter(accuracy -> accuracy >= fence)
            .summaryStatistics();
    double room = RING * (near.getMax() - near.getMin());
    return ChartStyle.percentAxis("accuracy", near.getMin() - room, near.getMax() + room);
  }

  private boolean isFar(double accuracy) {
    return accuracy < accuracies().getLowerBound();
  }

  /** The values of a list, and the method's own if it is none of them; numbers ascend. */
  private List<Object> categories(Panel panel) {
    Set<Object> values = new LinkedHashSet<>();
    for (Object choice : Objects.requireNonNull(panel.range().choices())) {
      values.add(choice instanceof Number number ? (Object) number.doubleValue() : choice);
    }
    results.of(panel.method()).stream()
        .map(trial -> trial.settings().get(panel.key()))
        .filter(Objects::nonNull)
        .map(value -> value instanceof Number number ? (Object) number.doubleValue() : value)
        .forEach(values::add);
    List<Object> ordered = new ArrayList<>(values);
    if (ordered.stream().allMatch(Double.class::isInstance)) {
      ordered.sort((a, b) -> Double.compare((Double) a, (Double) b));
    }
    return ordered;
  }

  /**
   * NaN for what the axis has no place for. On a logarithmic axis 0 stands at its left end, as in a
   * method that leaves a penalty out.
   */
  private static double place(SettingRange range, List<Object> categories, @Nullable Object value) {
    if (range.choices() != null) {
      Object comparable = value instanceof Number number ? number.doubleValue() : value;
      int index = categories.indexOf(comparable);
      return index < 0 ? Double.NaN : index;
    }
    double number = value instanceof Number given ? given.doubleValue() : Double.NaN;
    List<Double> log = range.log();
    if (log != null && number <= 0) {
      return number == 0 ? log.get(0) : Double.NaN;
    }
    return number;
  }

  private static ValueAxis abscissa(
      Panel panel, List<Object> categories, XYSeriesCollection points) {
    if (!categories.isEmpty()) {
      SymbolAxis axis =
          new SymbolAxis(
              panel.key(), categories.stream().map(SettingRange::text).toArray(String[]::new));
      axis.setGridBandsVisible(false);
      axis.setRange(-0.5, categories.size() - 0.5);
      return axis;
    }
    List<Double> bounds =
        Objects.requireNonNull(
            panel.range().isLogarithmic() ? panel.range().log() : panel.range().linear());
    double[] all =
        DoubleStream.concat(
                bounds.stream().mapToDouble(Double::doubleValue),
                IntStream.range(0, points.getSeriesCount())
                    .boxed()
                    .flatMapToDouble(
                        series ->
                            IntStream.range(0, points.getItemCount(series))
                                .mapToDouble(item -> points.getXValue(series, item))))
            .sorted()
            .toArray();
    double low = all[0];
    double high = all[all.length - 1];
    if (panel.range().isLogarithmic()) {
      LogAxis axis = new StepAxis(panel.key(), 10, 30);
      double margin = Math.pow(high / low, 0.04);
      axis.setRange(low / margin, high * margin);
      return axis;
    }
    NumberAxis axis = new NumberAxis(panel.key());
    axis.setStandardTickUnits(NumberAxis.createStandardTickUnits(Locale.ROOT));
    double margin = 0.04 * (high - low);
    axis.setRange(low - margin, high + margin);
    return axis;
  }
}
