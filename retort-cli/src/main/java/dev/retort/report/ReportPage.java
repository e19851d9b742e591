package dev.retort.report;

import freemarker.core.HTMLOutputFormat;
import freemarker.core.TemplateHTMLOutputModel;
import freemarker.template.Configuration;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code report.html}: a template and {@code report.css} filled with the results of a study, or of
 * a search. The template escapes every text; only drawn figures and the style sheet go in as they
 * are.
 */
final class ReportPage {
  private ReportPage() {}

  /** A figure and its two drawings. */
  record Drawn(Figure figure, String light, String dark) {}

  /** A figure as the template sees it. */
  public record PageFigure(
      String name,
      String caption,
      boolean wide,
      int width,
      TemplateHTMLOutputModel light,
      TemplateHTMLOutputModel dark) {}

  static String of(StudyResults study, List<Drawn> figures, LivePage.@Nullable Live live)
      throws IOException {
    return of("report.ftlh", "study", PageText.of(study, live), figures);
  }

  /**
   * A page.
   *
   * @param file of the template
   * @param name of the text in the template
   */
  static String of(String file, String name, Object text, List<Drawn> figures) throws IOException {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
    configuration.setClassForTemplateLoading(ReportPage.class, "");
    configuration.setDefaultEncoding("UTF-8");
    configuration.setLocale(Locale.ROOT);
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    configuration.setLogTemplateExceptions(false);
    Template template = configuration.getTemplate(file);
    StringWriter page = new StringWriter();
    try {
      List<PageFigure> pageFigures = new ArrayList<>();
      for (Drawn drawn : figures) {
        pageFigures.add(
            new PageFigure(
                drawn.figure().name(),
                drawn.figure().caption(),
                drawn.figure().isWide(),
                drawn.figure().width(),
                HTMLOutputFormat.INSTANCE.fromMarkup(drawn.light()),
                HTMLOutputFormat.INSTANCE.fromMarkup(drawn.dark())));
      }
      template.process(
          Map.of(
              "css",
              HTMLOutputFormat.INSTANCE.fromMarkup(css()),
              name,
              text,
              "figures",
              pageFigures),
          page);
    } catch (TemplateException e) {
      throw new IllegalStateException("The template " + file + " does not fit its data", e);
    }
    return page.toString();
  }

  private static String css() throws IOException {
    try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("report.css is missing from the retort-cli jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
