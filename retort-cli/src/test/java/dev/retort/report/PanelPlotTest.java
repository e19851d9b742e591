package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class PanelPlotTest {
  /** It would run over the next panel's, or out of the figure. */
  @Test
  void aTitleThatIsTooLongIsCutInItsMiddleToThePanelsWidth() {
    FontMetrics font =
        new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB)
            .createGraphics()
            .getFontMetrics(new Font(Font.DIALOG, Font.BOLD, 15));
    String title = "adversarial-pair-random-discriminator (observer)";
    int width = font.stringWidth(title);

    assertThat(PanelPlot.fitting(title, font, width)).isEqualTo(title);
    String cut = PanelPlot.fitting(title, font, width / 2.0);
    assertThat(font.stringWidth(cut)).isBetween(width / 3, width / 2);
    assertThat(cut).startsWith("adversarial").contains("…").endsWith("(observer)");
  }
}
