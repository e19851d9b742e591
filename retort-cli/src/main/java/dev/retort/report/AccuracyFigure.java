package dev.retort.report;

import dev.retort.study.ResultNumbers;
import dev.retort.study.Statistics;
import dev.retort.study.Summary;
import java.awt.BasicStroke;
import java.awt.geom.Ellipse2D;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jfree.chart.annotations.XYPointerAnnotation;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYErrorRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.statistics.BoxAndWhiskerCalculator;
import org.jfree.data.xy.XIntervalSeries;
import org.jfree.data.xy.XIntervalSeriesCollection;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jspecify.annotations.Nullable;

/**
 * The accuracy of each method: a dot a seed, the mean, and the mean's 95 % interval. Exploratory
 * seeds have a smaller dot, and enter neither. A method whose seeds all lie far below the others'
 * is an arrow at the edge, so that the others' differences can be seen.
 */
final class AccuracyFigure {
  /** Where the dots stand above their row's middle, and the interval below it, in rows. */
  private static final double DOTS = -0.17;

  private static final double INTERVAL = 0.17;
  private static final int ROW_HEIGHT = 50;

  /** How many quartile distances below the first quartile is far: Tukey's outer fence. */
  private static final double FAR = 3;

  private AccuracyFigure() {}

  /**
   * One method's.
   *
   * @param values of the seeds that enter the mean
   * @param exploratory those of the others
   */
  private record Row(String method, List<Double> values, List<Double> exploratory, double mean) {
    /** Half the width of the mean's 95 % interval; null with one seed, or if all are equal. */
    @Nullable Double halfWidth95() {
      // The interval of a mean is that of a mean difference from nothing.
      List<Double> interval = Statistics.paired(values).interval();
      return interval == null ? null : (interval.get(1) - interval.get(0)) / 2;
    }

    String value() {
      Double half = halfWidth95();
      return ResultNumbers.percent(mean)
          + (half == null ? "" : " ± " + Numbers.decimal(100 * half, 2));
    }

    /** Its dots, and the ends of its interval. */
    DoubleStream extent() {
      double half = Objects.requireNonNullElse(halfWidth95(), 0.0);
      return DoubleStream.concat(
          DoubleStream.of(mean - half, mean + half),
          Stream.concat(values.stream(), exploratory.stream()).mapToDouble(Double::doubleValue));
    }

    boolean below(double limit) {
      return values.stream().allMatch(value -> value < limit);
    }
  }

  /** Those that would lie left of an axis for the others. */
  private static List<Row> far(List<Row> rows, String split) {
    double fence = fence(rows.stream().map(Row::mean).toList());
    double edge = axis(split, rows.stream().filter(row -> !row.below(fence))).getLowerBound();
    return rows.stream().filter(row -> row.below(Math.min(fence, edge))).toList();
  }

  private static NumberAxis axis(String split, Stream<Row> shown) {
    DoubleSummaryStatistics extent = shown.flatMapToDouble(Row::extent).summaryStatistics();
    return ChartStyle.percentAxis(split + " accuracy", extent.getMin(), extent.getMax());
  }

  /** What is below it is far from the others. */
  static double fence(List<Double> accuracies) {
    List<Double> ascending = accuracies.stream().sorted().toList();
    double firstQuartile = BoxAndWhiskerCalculator.calculateQ1(ascending);
    double thirdQuartile = BoxAndWhiskerCalculator.calculateQ3(ascending);
    return firstQuartile - FAR * (thirdQuartile - firstQuartile);
  }

  static List<Figure> of(StudyResults study, String student) {
    List<Row> rows = study.measured(student).stream().map(method -> row(study, method)).toList();
    // One number is in the table, and needs no figure.
    return rows.stream().mapToInt(row -> row.values().size()).sum() < 2
        ? List.of()
        : List.of(figure(study, student, study.split(), rows));
  }

  private static Row row(StudyResults study, Summary.MethodResult method) {
    List<Double> accuracies = study.accuracies(method);
    return new Row(
        method.name(),
        List.copyOf(method.counted(accuracies).values()),
        IntStream.range(0, accuracies.size())
            .filter(i -> method.exploratory().contains(method.seeds().get(i)))
            .mapToObj(accuracies::get)
            .toList(),
        Objects.requireNonNull(method.mean()));
  }

  private static Figure figure(StudyResults study, String student, String split, List<Row> rows) {
    List<Integer> counts = rows.stream().map(row -> row.values().size()).distinct().toList();
    String n =
        counts.size() == 1
            ? "n = %d %s a method.".formatted(counts.get(0), counts.get(0) == 1 ? "seed" : "seeds")
            : "n: "
                + rows.stream()
                    .map(row -> row.method() + " " + row.values().size())
                    .collect(Collectors.joining(", "))
                + ".";
    boolean spread = rows.stream().anyMatch(row -> row.values().size() > 1);
    String note =
        "Dots: one a seed. "
            + (rows.stream().allMatch(row -> row.exploratory().isEmpty())
                ? ""
                : "Small dots: exploratory seeds, which enter neither mean nor interval. ")
            + (spread ? "Diamonds and numbers: mean and its 95 % interval (Student's t). " : "")
            + (far(rows, split).isEmpty() ? "" : "Arrow: far below the axis. ")
            + n
            + diverged(study, student)
            + (rows.stream().allMatch(row -> row.halfWidth95() != null)
                ? ""
                : " No bar: one seed, or all seeds equal.");
    return new Figure(
        split + "-accuracy",
        "Accuracy of " + student + " on the " + split + " images after the last epoch. " + note,
        "Dot plot of "
            + split
            + " accuracy by method, mean ± half of its 95 % interval. "
            + rows.stream()
                .map(row -> row.method() + " " + row.value() + " per cent")
                .collect(Collectors.joining(", ", "", ".")),
        ChartStyle.WIDTH,
        140 + ROW_HEIGHT * rows.size(),
        theme ->
            ChartStyle.chart(
                theme,
                Character.toUpperCase(split.charAt(0)) + split.substring(1) + " accuracy by method",
                plot(theme, study, rows, split),
                false,
                study.summary().dataset().name() + ", " + student + ". " + note));
  }

  /** The mean of those that did not diverge flatters a method. */
  static String diverged(StudyResults study, String student) {
    return study.methods(student).stream()
        .filter(method -> method.diverged() > 0)
        .map(method -> method.name() + " " + method.diverged())
        .reduce((some, more) -> some + ", " + more)
        .map(" Diverged, and left out: %s."::formatted)
        .orElse("");
  }

  private static XYPlot plot(Theme theme, StudyResults study, List<Row> rows, String split) {
    XYSeriesCollection dots = new XYSeriesCollection();
    XYLineAndShapeRenderer dotRenderer = new XYLineAndShapeRenderer(false, true);
    XIntervalSeriesCollection intervals = new XIntervalSeriesCollection();
    XYErrorRenderer intervalRenderer = new XYErrorRenderer();
    intervalRenderer.setDrawYError(false);
    intervalRenderer.setCapLength(8);
    List<Row> far = far(rows, split);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      for (boolean exploratory : new boolean[] {false, true}) {
        if (exploratory && row.exploratory().isEmpty()) {
          continue;
        }
        int series = dots.getSeriesCount();
        XYSeries seeds = new XYSeries(new CurvePlot.Key(series, row.method()));
        for (double value : exploratory ? row.exploratory() : row.values()) {
          seeds.add(value, i + DOTS);
        }
        dots.addSeries(seeds);
        double diameter = exploratory ? 5 : 9;
        dotRenderer.setSeriesPaint(series, study.style(row.method()).color(theme));
        dotRenderer.setSeriesShape(
            series, new Ellipse2D.Double(-diameter / 2, -diameter / 2, diameter, diameter));
      }
      XIntervalSeries interval = new XIntervalSeries(new CurvePlot.Key(i, row.method()));
      Double half = row.halfWidth95();
      if (row.values().size() > 1) {
        double reach = Objects.requireNonNullElse(half, 0.0);
        interval.add(row.mean(), row.mean() - reach, row.mean() + reach, i + INTERVAL);
      }
      intervals.addSeries(interval);
      intervalRenderer.setSeriesPaint(i, theme.text);
      intervalRenderer.setSeriesStroke(i, new BasicStroke(1.8f));
      intervalRenderer.setSeriesShape(i, new MethodStyle(3).marker());
    }
    NumberAxis accuracy = axis(split, rows.stream().filter(row -> !far.contains(row)));
    SymbolAxis names =
        rowAxis(
            rows.stream()
                .map(row -> ChartStyle.shortened(row.method(), ChartStyle.NAME_LETTERS))
                .toList());
    SymbolAxis values = rowAxis(rows.stream().map(Row::value).toList());
    XYPlot plot = new XYPlot(dots, accuracy, names, dotRenderer);
    plot.setRangeAxis(1, values);
    plot.setRangeAxisLocation(1, AxisLocation.BOTTOM_OR_RIGHT);
    plot.setDataset(1, intervals);
    plot.setRenderer(1, intervalRenderer);
    ChartStyle.style(theme, plot);
    for (int i = 0; i < rows.size(); i++) {
      if (far.contains(rows.get(i))) {
        plot.addAnnotation(arrow(theme, accuracy.getLowerBound(), i));
      }
    }
    plot.setDomainGridlinesVisible(true);
    plot.setRangeGridlinesVisible(false);
    for (SymbolAxis axis : List.of(names, values)) {
      axis.setTickLabelFont(Typeface.plain(15));
      axis.setTickLabelPaint(theme.text);
      axis.setTickMarksVisible(false);
    }
    names.setAxisLinePaint(theme.axis);
    values.setAxisLineVisible(false);
    return plot;
  }

  private static XYPointerAnnotation arrow(Theme theme, double edge, int row) {
    XYPointerAnnotation arrow = new XYPointerAnnotation("", edge, row, 0);
    arrow.setTipRadius(2);
    arrow.setBaseRadius(26);
    arrow.setArrowLength(9);
    arrow.setArrowWidth(4.5);
    arrow.setArrowStroke(new BasicStroke(1.8f));
    arrow.setArrowPaint(theme.text);
    return arrow;
  }

  private static SymbolAxis rowAxis(List<String> labels) {
    SymbolAxis axis = new SymbolAxis(null, labels.toArray(String[]::new));
    axis.setInverted(true);
    axis.setGridBandsVisible(false);
    axis.setRange(-0.5, labels.size() - 0.5);
    return axis;
  }
}
