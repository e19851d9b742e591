package dev.retort.report;

import java.util.function.Function;
import org.jfree.chart.JFreeChart;

/**
 * One figure, ready to be drawn in either theme.
 *
 * @param name the stem of its files
 * @param caption what it shows, of how many runs, and what the bands are
 * @param description what a reader who cannot see it should know
 * @param width in pixels at a scale of one
 * @param height in pixels at a scale of one
 */
record Figure(
    String name,
    String caption,
    String description,
    int width,
    int height,
    Function<Theme, JFreeChart> chart) {

  /** Whether it takes the width of two. */
  boolean isWide() {
    return width > ChartStyle.WIDTH;
  }

  Figure named(String newName) {
    return new Figure(newName, caption, description, width, height, chart);
  }
}
