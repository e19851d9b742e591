package dev.retort.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class SvgImageTest {
  @TempDir Path folder;

  private List<Figure> figures() throws IOException {
    return FigureSet.of(SyntheticStudy.read(SyntheticStudy.demo(folder)));
  }

  @Test
  void idsAreUniqueOverAllFiguresOfAPageAndEveryReferenceHasItsTarget() throws IOException {
    Set<String> ids = new HashSet<>();
    Pattern id = Pattern.compile(" id=\"([^\"]*)\"");
    Pattern reference = Pattern.compile("url\\(#([^)]*)\\)");
    for (Figure figure : figures()) {
      for (Theme theme : Theme.values()) {
        String svg = SvgImage.of(figure, theme);
        Matcher declared = id.matcher(svg);
        while (declared.find()) {
          assertThat(ids.add(declared.group(1))).as(declared.group(1)).isTrue();
        }
        Matcher used = reference.matcher(svg);
        while (used.find()) {
          assertThat(ids).contains(used.group(1));
        }
      }
    }
    assertThat(ids).isNotEmpty();
  }

  @Test
  void aFigureIsWellFormedWithTextAsTextAndNothingOutsideIt() throws Exception {
    for (Figure figure : figures()) {
      String svg = SvgImage.of(figure, Theme.LIGHT);
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg)));
      assertThat(svg).startsWith("<svg").contains("</text>");
      assertThat(svg).contains("role=\"img\"").contains("aria-label=\"");
      assertThat(svg.replaceAll("xmlns(:\\w+)?=\"[^\"]*\"", "")).doesNotContain("http");
    }
    Figure validation = figures().get(1);
    assertThat(SvgImage.of(validation, Theme.LIGHT))
        .containsPattern(">\\s*epoch\\s*</text>")
        .containsPattern(">\\s*validation accuracy \\(%\\)\\s*</text>")
        .containsPattern(">\\s*cross-entropy\\s*</text>");
  }

  @Test
  void textMeetsTheContrastOfWcagDoubleA() {
    for (Theme theme : Theme.values()) {
      assertThat(contrast(theme.text, theme.surface)).as("%s text", theme).isGreaterThan(4.5);
      assertThat(contrast(theme.mutedText, theme.surface)).as("%s muted", theme).isGreaterThan(4.5);
      // Lines and dots of methods: 3:1, as WCAG 2.1 asks of graphics; the seventh has the colour of
      // the first.
      for (int slot = 0; slot <= 6; slot++) {
        assertThat(contrast(new MethodStyle(slot).color(theme), theme.surface))
            .as("%s slot %d", theme, slot)
            .isGreaterThan(3);
      }
    }
  }

  /** The contrast ratio of WCAG 2.1, from 1 to 21. */
  private static double contrast(Color a, Color b) {
    double one = luminance(a);
    double other = luminance(b);
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }

  private static double luminance(Color color) {
    return 0.2126 * linear(color.getRed())
        + 0.7152 * linear(color.getGreen())
        + 0.0722 * linear(color.getBlue());
  }

  private static double linear(int channel) {
    double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }
}
