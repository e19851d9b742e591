package dev.retort.report;

import dev.retort.study.StudyFolder;
import dev.retort.study.StudyRecordException;
import dev.retort.study.Summary;
import dev.retort.system.AtomicFile;
import dev.retort.system.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes the figures and the page of a study's folder, from what the study has left there so far:
 * {@code figures/NAME.svg}, {@code NAME-dark.svg} and {@code NAME.png} (light, twice the size), and
 * {@code report.html}, one file with nothing outside it.
 */
public final class Report {
  /** The page's name. */
  public static final String PAGE = "report.html";

  /** The name of the figures' folder. */
  public static final String FIGURES = "figures";

  private static final List<String> ENDINGS = List.of(".svg", "-dark.svg", ".png");

  /** A figure of a page, by the name of its files. */
  private static final Pattern FIGURE = Pattern.compile("id=\"figure-([A-Za-z0-9._-]+)\"");

  private Report() {}

  /**
   * Writes the report of a study into its folder, over an earlier one. Several processes may do so
   * at the same time: the report is that of the latest summary.
   *
   * @param summary what the study has been summed up to
   * @return the page, {@code report.html}
   * @throws StudyRecordException where a file of the folder is damaged
   * @throws IOException where a file cannot be written
   */
  public static Path write(StudyFolder folder, Summary summary) throws IOException {
    return write(folder, summary, List.of());
  }

  /**
   * The same with a figure of what a longer training gives.
   *
   * @param otherLengths folders of the same study with other numbers of epochs
   * @throws IllegalArgumentException if one of them has another study, or no other length
   */
  public static Path write(StudyFolder folder, Summary summary, List<StudyFolder> otherLengths)
      throws IOException {
    while (true) {
      Path page = write(StudyResults.read(folder, summary, otherLengths), null);
      Summary latest = folder.summarize();
      if (latest.equals(summary)) {
        return page;
      }
      summary = latest;
    }
  }

  /**
   * The same of what was read already.
   *
   * @param live what is shown of a study that still runs; null where it does not
   */
  static Path write(StudyResults study, LivePage.@Nullable Live live) throws IOException {
    List<ReportPage.Drawn> drawn = draw(() -> FigureSet.of(study), study.folder().resolve(FIGURES));
    return write(study.folder().resolve(PAGE), ReportPage.of(study, drawn, live));
  }

  /** Draws figures into a folder, over those of an earlier report; none where there is no font. */
  static List<ReportPage.Drawn> draw(Supplier<List<Figure>> figures, Path folder)
      throws IOException {
    // Before the first class of AWT: figures need no display, and must not look for one.
    System.setProperty("java.awt.headless", "true");
    Folders.make(folder);
    List<ReportPage.Drawn> drawn = new ArrayList<>();
    for (Figure figure : Typeface.isAvailable() ? figures.get() : List.<Figure>of()) {
      String light = SvgImage.of(figure, Theme.LIGHT);
      String dark = SvgImage.of(figure, Theme.DARK);
      write(folder.resolve(figure.name() + ".svg"), light + "\n");
      write(folder.resolve(figure.name() + "-dark.svg"), dark + "\n");
      AtomicFile.write(folder.resolve(figure.name() + ".png"), PngImage.of(figure, Theme.LIGHT));
      drawn.add(new ReportPage.Drawn(figure, light, dark));
    }
    if (Typeface.isAvailable()) {
      Set<String> stale = named(folder.resolveSibling(PAGE));
      drawn.forEach(figure -> stale.remove(figure.figure().name()));
      for (String name : stale) {
        for (String ending : ENDINGS) {
          Files.deleteIfExists(
              folder.resolve(name + ending)); // another process may have, meanwhile
        }
      }
    }
    return drawn;
  }

  static Path write(Path file, String text) throws IOException {
    AtomicFile.write(file, text);
    return file;
  }

  /**
   * The figures of an earlier page. Those of a study that had not come so far would seem to be of
   * this one; what else is beside them is the user's.
   */
  private static Set<String> named(Path page) throws IOException {
    Set<String> names = new HashSet<>();
    if (Files.isRegularFile(page)) {
      // Whatever somebody has put there: each byte is a letter.
      Matcher figure = FIGURE.matcher(Files.readString(page, StandardCharsets.ISO_8859_1));
      while (figure.find()) {
        names.add(figure.group(1));
      }
    }
    return names;
  }
}
