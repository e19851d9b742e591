package dev.retort.report;

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
    return ticks;
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
