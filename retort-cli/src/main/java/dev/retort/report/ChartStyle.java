package dev.retort.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Line2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.axis.Axis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.text.TextUtils;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.Layer;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;

/** The common look of all figures: type, axes, grid, title above, legend, and a note of n below. */
final class ChartStyle {
  static final int WIDTH = 640;
  static final int HEIGHT = 420;

  /** The letters of a method's name that a title, a legend or an axis has room for. */
  static final int NAME_LETTERS = 38;

  static {
    // The default turns a rotated label into outlines; a figure's text should stay text.
    TextUtils.setUseDrawRotatedStringWorkaround(false);
  }

  private ChartStyle() {}

  /** A chart with a title above, the plot's legend under it where asked, and a note below. */
  static JFreeChart chart(Theme theme, String title, Plot plot, boolean legend, String note) {
    JFreeChart chart = new JFreeChart(null, null, plot, false);
    chart.setBackgroundPaint(theme.surface);
    chart.setPadding(new RectangleInsets(10, 12, 8, 14));
    TextTitle heading = new TextTitle(title, Typeface.bold(18));
    heading.setPaint(theme.text);
    heading.setTextAlignment(HorizontalAlignment.LEFT);
    heading.setHorizontalAlignment(HorizontalAlignment.LEFT);
    heading.setPadding(0, 4, 4, 0);
    chart.setTitle(heading);
    if (legend) {
      LegendTitle items = new LegendTitle(plot);
      items.setPosition(RectangleEdge.TOP);
      items.setHorizontalAlignment(HorizontalAlignment.LEFT);
      items.setItemFont(Typeface.plain(15));
      items.setItemPaint(theme.text);
      items.setBackgroundPaint(theme.surface);
      items.setItemLabelPadding(new RectangleInsets(2, 4, 2, 14));
      items.setPadding(0, 2, 4, 0);
      chart.addSubtitle(items);
    }
    TextTitle foot = new TextTitle(note, Typeface.plain(13));
    foot.setPaint(theme.mutedText);
    foot.setPosition(RectangleEdge.BOTTOM);
    foot.setTextAlignment(HorizontalAlignment.LEFT);
    foot.setHorizontalAlignment(HorizontalAlignment.LEFT);
    foot.setPadding(4, 4, 0, 0);
    chart.addSubtitle(foot);
    return chart;
  }

  static void style(Theme theme, XYPlot plot) {
    plot.setBackgroundPaint(theme.surface);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinesVisible(false);
    plot.setRangeGridlinePaint(theme.grid);
    plot.setRangeGridlineStroke(new BasicStroke(1));
    plot.setDomainGridlinePaint(theme.grid);
    plot.setDomainGridlineStroke(new BasicStroke(1));
    plot.setAxisOffset(new RectangleInsets(0, 0, 0, 0));
    plot.setInsets(new RectangleInsets(2, 2, 2, 2));
    style(theme, plot.getDomainAxis());
    style(theme, plot.getRangeAxis());
  }

  private static void style(Theme theme, Axis axis) {
    axis.setLabelFont(Typeface.plain(15));
    axis.setLabelPaint(theme.text);
    axis.setTickLabelFont(Typeface.plain(14));
    axis.setTickLabelPaint(theme.mutedText);
    axis.setAxisLinePaint(theme.axis);
    axis.setTickMarkPaint(theme.axis);
  }

  static NumberAxis epochAxis(int first, int last) {
    NumberAxis axis = new NumberAxis("epoch");
    axis.setStandardTickUnits(NumberAxis.createIntegerTickUnits());
    double end = Math.max(first + 1, last);
    // Room for the markers of the first and the last epoch.
    double margin = 0.015 * (end - first);
    axis.setRange(first - margin, end + margin);
    return axis;
  }

  /** An axis of fractions, labelled in per cent. */
  static NumberAxis percentAxis(String quantity, double low, double high) {
    NumberAxis axis = new NumberAxis(quantity + " (%)");
    DecimalFormat format = new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT));
    format.setMultiplier(100);
    axis.setNumberFormatOverride(format);
    double margin = Math.max(0.005, 0.05 * (high - low));
    // Beyond 0 and 100 % only what a marker needs, which is less than to the next tick.
    double room = 0.02 * (high - low + 2 * margin);
    axis.setRange(Math.max(-room, low - margin), Math.min(1 + room, high + margin));
    return axis;
  }

  /** A thin dotted line across a plot. */
  static void reference(Theme theme, XYPlot plot, double value) {
    ValueMarker marker = new ValueMarker(value, theme.axis, MethodStyle.dashed(1.4f, 2, 3));
    marker.setAlpha(1);
    plot.addRangeMarker(marker, Layer.BACKGROUND);
  }

  /** An entry of a legend that speaks of the lines of all panels. */
  static LegendItem legendLine(Theme theme, String label, CurvePlot.Look look) {
    Line2D line = new Line2D.Double(-14, 0, 14, 0);
    Color color = look.color().apply(theme);
    LegendItem item = new LegendItem(label, null, null, null, line, look.stroke(), color);
    item.setLabelFont(Typeface.plain(15));
    item.setLabelPaint(theme.text);
    return item;
  }

  /**
   * A name that may be of any length, cut to what a figure has room for: in the middle, since the
   * names of variants begin alike.
   */
  static String shortened(String name, int most) {
    int tail = (most - 1) / 2;
    return name.length() <= most
        ? name
        : name.substring(0, most - 1 - tail) + "…" + name.substring(name.length() - tail);
  }
}
