package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.ui.RectangleEdge;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A narrow panel of a wide range has no room for each tick's text. */
class StepAxisTest {
  @ParameterizedTest
  @CsvSource({
    "0.1, 10, 600, 0.1 0.3 1 3 10",
    "0.0001, 1, 230, 0.0001 0.001 0.01 0.1 1",
    "0.0001, 1, 120, 0.0001 0.01 1",
  })
  void ticksDoNotOverprintOneAnother(double low, double high, int width, String expected) {
    StepAxis axis = new StepAxis("weight", 10, 30);
    axis.setRange(low, high);
    Graphics2D graphics =
        new BufferedImage(width, 100, BufferedImage.TYPE_INT_RGB).createGraphics();
    try {
      List<NumberTick> ticks =
          axis.refreshTicks(
              graphics,
              new AxisState(),
              new Rectangle2D.Double(0, 0, width, 100),
              RectangleEdge.BOTTOM);

      assertThat(ticks.stream().map(NumberTick::getText)).containsExactly(expected.split(" ", -1));
    } finally {
      graphics.dispose();
    }
  }
}
