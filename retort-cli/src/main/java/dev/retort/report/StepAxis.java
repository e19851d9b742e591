package dev.retort.report;

import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.io.Serial;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/** A logarithmic axis with ticks at a few multiples of each power of ten. */
final class StepAxis extends LogAxis {
  @Serial private static final long serialVersionUID = 1L;

  /** For a range that is too short for two ticks of its own multiples: tenths of a power of ten. */
  private static final List<int[]> FINER =
      List.of(
          new int[] {10, 20, 30, 40, 50, 60, 70, 80, 90},
          new int[] {10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95},
          IntStream.range(10, 100).toArray());

  /** Between the texts of two ticks, in pixels. */
  private static final int GAP = 4;

  private final int[] tenths;

  /**
   * An axis.
   *
   * @param tenths the multiples of a tenth of a power of ten: 10, 20, 50 for 1, 2, 5
   */
  StepAxis(String label, int... tenths) {
    super(label);
    this.tenths = tenths.clone();
  }

  @Override
  public List<NumberTick> refreshTicks(
      Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
    List<NumberTick> ticks = ticks(tenths);
    for (int[] finer : FINER) {
      ticks = ticks.size() < 2 ? ticks(finer) : ticks;
    }
    List<NumberTick> decades = ticks(new int[] {10});
    for (int every = 1; isCrowded(ticks, graphics, area, edge) && every < decades.size(); every++) {
      ticks = everyNth(decades, every);
    }
    return ticks;
  }

  private static List<NumberTick> everyNth(List<NumberTick> ticks, int every) {
    return IntStream.range(0, ticks.size())
        .filter(i -> i % every == 0)
        .mapToObj(ticks::get)
        .toList();
  }

  /** Whether the text of one is drawn over that of the next, or close to it. */
  private boolean isCrowded(
      List<NumberTick> ticks, Graphics2D graphics, Rectangle2D area, RectangleEdge edge) {
    FontMetrics metrics = graphics.getFontMetrics(getTickLabelFont());
    for (int i = 1; i < ticks.size(); i++) {
      NumberTick one = ticks.get(i - 1);
      NumberTick next = ticks.get(i);
      double between =
          Math.abs(
              valueToJava2D(next.getValue(), area, edge)
                  - valueToJava2D(one.getValue(), area, edge));
      double needed =
          (metrics.stringWidth(one.getText()) + metrics.stringWidth(next.getText())) / 2.0;
      if (between < needed + GAP) {
        return true;
      }
    }
    return false;
  }

  private List<NumberTick> ticks(int[] multiples) {
    List<NumberTick> ticks = new ArrayList<>();
    int first = (int) Math.floor(Math.log10(getLowerBound())) - 1;
    for (int power = first; Math.pow(10, power + 1) <= getUpperBound(); power++) {
      for (int multiple : multiples) {
        BigDecimal value = BigDecimal.valueOf(multiple).scaleByPowerOfTen(power);
        if (getRange().contains(value.doubleValue())) {
          ticks.add(
              new NumberTick(
                  value.doubleValue(), text(value), TextAnchor.TOP_CENTER, TextAnchor.CENTER, 0));
        }
      }
    }
    return ticks;
  }

  private static String text(BigDecimal value) {
    BigDecimal shortest = value.stripTrailingZeros();
    return shortest.scale() > 6 ? shortest.toString() : shortest.toPlainString();
  }
}
