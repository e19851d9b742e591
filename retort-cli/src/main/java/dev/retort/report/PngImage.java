package dev.retort.report;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** A figure as PNG, two pixels to each of the figure's own, or fewer where it is very large. */
final class PngImage {
  private static final double SCALE = 2;

  /** 80 MB of memory. A search of hundreds of trials has a panel for each. */
  private static final double MOST_PIXELS = 2e7;

  private PngImage() {}

  static byte[] of(Figure figure, Theme theme) {
    double pixels = (double) figure.width() * figure.height();
    double scale = Math.min(SCALE, Math.sqrt(MOST_PIXELS / pixels));
    BufferedImage image =
        new BufferedImage(
            (int) (scale * figure.width()),
            (int) (scale * figure.height()),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    graphics.scale(scale, scale);
    figure
        .chart()
        .apply(theme)
        .draw(graphics, new Rectangle2D.Double(0, 0, figure.width(), figure.height()));
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.setUseCache(false);
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
