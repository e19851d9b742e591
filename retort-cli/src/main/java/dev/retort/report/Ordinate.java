package dev.retort.report;

import java.util.List;
import java.util.function.Function;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jspecify.annotations.Nullable;

/**
 * The vertical axis of a figure of curves.
 *
 * @param axis that has room for all of the figure's curves
 * @param reference where a dotted line crosses the plot; null without one
 * @param meaning what the dotted line says, to be read after the note of n; empty without one
 */
record Ordinate(
    Function<List<SeedCurve>, NumberAxis> axis, @Nullable Double reference, String meaning) {

  /** Accuracies, in per cent, as far apart as the curves need. */
  static Ordinate accuracy(String label) {
    return new Ordinate(
        curves ->
            ChartStyle.percentAxis(
                label, CurvePlot.lowest(curves), Math.min(1, CurvePlot.highest(curves))),
        null,
        "");
  }

  /** What a discriminator says, from 0 to 1; a dotted line is at 1/2. */
  static Ordinate decision(String label, String meaning) {
    return new Ordinate(
        curves -> {
          NumberAxis axis = new NumberAxis(label);
          axis.setRange(0, 1);
          axis.setTickUnit(new NumberTickUnit(0.25, Numbers.upTo(2)));
          return axis;
        },
        0.5,
        " " + meaning);
  }

  /** A lower bound of the Jensen–Shannon divergence in nats; it is at most log 2. */
  static Ordinate divergence(String label) {
    return new Ordinate(
        curves -> {
          NumberAxis axis = new NumberAxis(label);
          double low = Math.min(0, CurvePlot.lowest(curves));
          double high = Math.max(Math.log(2), CurvePlot.highest(curves));
          axis.setRange(low - (low < 0 ? 0.03 : 0), high + 0.03);
          axis.setNumberFormatOverride(Numbers.upTo(2));
          return axis;
        },
        Math.log(2),
        " Dotted: log 2, where D never errs.");
  }
}
