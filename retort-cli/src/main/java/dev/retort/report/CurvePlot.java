package dev.retort.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Line2D;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;

/** Lines over epochs, each with a band of one standard deviation to either side. */
final class CurvePlot {
  private static final int MOST_MARKERS = 13;

  private CurvePlot() {}

  /**
   * One line.
   *
   * @param look colour, stroke and marker
   */
  record Line(String label, SeedCurve curve, Look look) {
    Line unmarked() {
      return new Line(label, curve, new Look(look.color(), look.stroke(), look.marker(), false));
    }
  }

  /** Colour, stroke and marker of a line. */
  record Look(Function<Theme, Color> color, BasicStroke stroke, Shape marker, boolean marked) {
    static Look of(MethodStyle style) {
      return new Look(style::color, style.stroke(), style.marker(), true);
    }
  }

  /**
   * The lines in one plot.
   *
   * @param curves that the axes have room for
   */
  static XYPlot of(Theme theme, List<Line> lines, List<SeedCurve> curves, Ordinate ordinate) {
    YIntervalSeriesCollection dataset = new YIntervalSeriesCollection();
    DeviationRenderer renderer = new MarkedDeviationRenderer(dataset);
    renderer.setAlpha(1);
    renderer.setLegendLine(new Line2D.Double(-14, 0, 14, 0));
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      // Indexed keys: two lines may well carry the same label.
      YIntervalSeries series = new YIntervalSeries(new Key(i, line.label()));
      for (SeedCurve.Point point : line.curve().points()) {
        series.add(point.epoch(), point.mean(), point.low(), point.high());
      }
      dataset.addSeries(series);
      Look look = line.look();
      Color color = look.color().apply(theme);
      renderer.setSeriesPaint(i, color);
      renderer.setSeriesFillPaint(i, theme.band(color));
      renderer.setSeriesStroke(i, look.stroke());
      renderer.setSeriesShape(i, look.marker());
      renderer.setSeriesShapesVisible(i, look.marked());
    }
    NumberAxis epochs = ChartStyle.epochAxis(firstEpoch(curves), lastEpoch(curves));
    XYPlot plot = new XYPlot(dataset, epochs, ordinate.axis().apply(curves), renderer);
    ChartStyle.style(theme, plot);
    if (ordinate.reference() != null) {
      ChartStyle.reference(theme, plot, ordinate.reference());
    }
    return plot;
  }

  /** A series' key that is unique and reads as its label. */
  record Key(int index, String label) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return Integer.compare(index, other.index);
    }

    @Override
    public String toString() {
      return label;
    }
  }

  private static Stream<SeedCurve.Point> points(List<SeedCurve> curves) {
    return curves.stream().flatMap(curve -> curve.points().stream());
  }

  private static int firstEpoch(List<SeedCurve> curves) {
    return points(curves).mapToInt(SeedCurve.Point::epoch).min().orElse(0);
  }

  private static int lastEpoch(List<SeedCurve> curves) {
    return points(curves).mapToInt(SeedCurve.Point::epoch).max().orElse(1);
  }

  static double lowest(List<SeedCurve> curves) {
    return points(curves).mapToDouble(SeedCurve.Point::low).min().orElse(0);
  }

  static double highest(List<SeedCurve> curves) {
    return points(curves).mapToDouble(SeedCurve.Point::high).max().orElse(1);
  }

  /** Draws markers only so densely that they can be told apart. */
  private static final class MarkedDeviationRenderer extends DeviationRenderer {
    private static final long serialVersionUID = 1L;
    private final transient YIntervalSeriesCollection dataset;

    MarkedDeviationRenderer(YIntervalSeriesCollection dataset) {
      super(true, true);
      this.dataset = dataset;
    }

    @Override
    public boolean getItemShapeVisible(int series, int item) {
      int items = dataset.getItemCount(series);
      int every = Math.max(1, (items + MOST_MARKERS - 1) / MOST_MARKERS);
      return items == 1 // there is no line
          || (super.getItemShapeVisible(series, item) && item % every == 0);
    }
  }
}
