package dev.retort.report;

import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.AxisSpace;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.PlotRenderingInfo;
import org.jfree.chart.plot.PlotState;
import org.jfree.chart.plot.XYPlot;
import org.jspecify.annotations.Nullable;

/**
 * Small multiples: plots in columns, their areas aligned. All have the same ordinate, whose label
 * stands at the left column only. The label of the abscissa stands under the last of each column,
 * or, where the abscissae differ, under each plot.
 */
final class PanelPlot extends Plot {
  private static final long serialVersionUID = 1L;

  private static final int PANEL_WIDTH = ChartStyle.WIDTH / 2;
  private static final int PANEL_HEIGHT = 168;
  private static final int LAST_ROW_EXTRA = 20;
  private static final int TITLE_HEIGHT = 26;
  private static final int LABEL_WIDTH = 60;
  private static final int TICK_WIDTH = 34;
  private static final int LABEL_HEIGHT = 44;
  private static final int TICK_HEIGHT = 24;

  /** One plot and the line of text above it. */
  record Panel(String title, XYPlot plot) {}

  private final transient List<Panel> panels;
  private final int columns;
  private final boolean abscissaeDiffer;
  private final transient LegendItemCollection legend;
  private final transient Theme theme;

  PanelPlot(Theme theme, List<Panel> panels, LegendItemCollection legend, boolean abscissaeDiffer) {
    this.abscissaeDiffer = abscissaeDiffer;
    this.theme = theme;
    this.panels = List.copyOf(panels);
    this.columns = columns(panels.size());
    this.legend = legend;
    setOutlineVisible(false);
    setBackgroundPaint(theme.surface);
    for (int i = 0; i < panels.size(); i++) {
      XYPlot plot = panels.get(i).plot();
      if (i % columns > 0) {
        plot.getRangeAxis().setLabel(null);
      }
      if (!hasLabel(i)) {
        plot.getDomainAxis().setLabel(null);
      }
      AxisSpace left = new AxisSpace();
      left.setLeft(i % columns == 0 ? LABEL_WIDTH : TICK_WIDTH);
      plot.setFixedRangeAxisSpace(left);
      AxisSpace bottom = new AxisSpace();
      bottom.setBottom(hasLabel(i) ? LABEL_HEIGHT : TICK_HEIGHT);
      plot.setFixedDomainAxisSpace(bottom);
    }
  }

  List<Panel> panels() {
    return panels;
  }

  private boolean hasLabel(int index) {
    return abscissaeDiffer || index + columns >= panels.size();
  }

  /** Two columns for the few panels of a demo; more for more, so that a figure fits a slide. */
  private static int columns(int panels) {
    return panels < 2 ? 1 : panels <= 4 ? 2 : panels <= 6 ? 3 : 4;
  }

  private static int rows(int panels) {
    return (panels + columns(panels) - 1) / columns(panels);
  }

  /** The width of a figure of so many panels. */
  static int figureWidth(int panels) {
    return Math.max(2, columns(panels)) * PANEL_WIDTH;
  }

  /** The height of a figure of so many panels, with a title, one line of legend and a note. */
  static int figureHeight(int panels, boolean abscissaeDiffer) {
    int labels = abscissaeDiffer ? rows(panels) : 1;
    return 112 + rows(panels) * PANEL_HEIGHT + labels * LAST_ROW_EXTRA;
  }

  @Override
  public String getPlotType() {
    return "panels";
  }

  @Override
  public LegendItemCollection getLegendItems() {
    return legend;
  }

  @Override
  public void draw(
      Graphics2D graphics,
      Rectangle2D area,
      @Nullable Point2D anchor,
      @Nullable PlotState parentState,
      @Nullable PlotRenderingInfo info) {
    int rows = rows(panels.size());
    double gap = 14;
    double plotWidth =
        (area.getWidth() - LABEL_WIDTH - (columns - 1) * (TICK_WIDTH + gap)) / columns;
    double rowHeight = (area.getHeight() - (abscissaeDiffer ? 0 : LAST_ROW_EXTRA)) / rows;
    for (int i = 0; i < panels.size(); i++) {
      int row = i / columns;
      int column = i % columns;
      double left = column == 0 ? LABEL_WIDTH : TICK_WIDTH;
      double x =
          area.getX()
              + (column == 0
                  ? 0
                  : LABEL_WIDTH + plotWidth + gap + (column - 1) * (plotWidth + TICK_WIDTH + gap));
      double y = area.getY() + row * rowHeight;
      graphics.setFont(Typeface.bold(15));
      graphics.setPaint(theme.text);
      String title = fitting(panels.get(i).title(), graphics.getFontMetrics(), plotWidth);
      graphics.drawString(title, (float) (x + left), (float) (y + TITLE_HEIGHT - 8));
      boolean taller = !abscissaeDiffer && hasLabel(i);
      double height = rowHeight - TITLE_HEIGHT + (taller ? LAST_ROW_EXTRA : 0);
      panels
          .get(i)
          .plot()
          .draw(
              graphics,
              new Rectangle2D.Double(x, y + TITLE_HEIGHT, left + plotWidth, height),
              null,
              null,
              null);
    }
  }

  /** A title as it is, or cut in its middle to the width of its panel. */
  static String fitting(String title, FontMetrics font, double width) {
    String cut = title;
    for (int letters = title.length() - 1;
        letters > 2 && font.stringWidth(cut) > width;
        letters--) {
      cut = ChartStyle.shortened(title, letters);
    }
    return cut;
  }
}
