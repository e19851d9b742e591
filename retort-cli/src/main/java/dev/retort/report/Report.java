package dev.retort.report;

import dev.retort.study.StudyRecordException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the figures and the page of a study's folder, from what the study has left there so far:
 * {@code figures/NAME.svg}, {@code NAME-dark.svg} and {@code NAME.png} (light, twice the size), and
 * {@code report.html}, one file with nothing outside it.
 */
public final class Report {
  private Report() {}

  /**
   * Writes the report of a study's folder into that folder, over an earlier one.
   *
   * @return the files written, {@code report.html} last
   * @throws StudyRecordException where the folder is no study's, or a file in it is broken
   * @throws IOException where a file cannot be written
   */
  public static List<Path> write(Path studyFolder) throws IOException {
    // Before the first class of AWT: figures need no display, and must not look for one.
    System.setProperty("java.awt.headless", "true");
    StudyResults study = StudyResults.read(studyFolder);
    Path figuresFolder = Files.createDirectories(studyFolder.resolve("figures"));
    List<Path> written = new ArrayList<>();
    List<ReportPage.Drawn> drawn = new ArrayList<>();
    boolean fonts = Typeface.isAvailable();
    if (!fonts) {
      study =
          study.withGap(
              "No figure could be drawn, because Java finds no font here. Install fontconfig and a"
                  + " font (on Debian: fontconfig, fonts-dejavu-core) and write the report again.");
    }
    for (Figure figure : fonts ? FigureSet.of(study) : List.<Figure>of()) {
      String light = SvgImage.of(figure, Theme.LIGHT);
      String dark = SvgImage.of(figure, Theme.DARK);
      written.add(Files.writeString(figuresFolder.resolve(figure.name() + ".svg"), light + "\n"));
      written.add(
          Files.writeString(figuresFolder.resolve(figure.name() + "-dark.svg"), dark + "\n"));
      written.add(
          Files.write(
              figuresFolder.resolve(figure.name() + ".png"), PngImage.of(figure, Theme.LIGHT)));
      drawn.add(new ReportPage.Drawn(figure, light, dark));
    }
    removeAllBut(written, figuresFolder);
    String page = ReportPage.of(study, drawn);
    written.add(
        Files.writeString(studyFolder.resolve("report.html"), page, StandardCharsets.UTF_8));
    return List.copyOf(written);
  }

  /**
   * Figures of an earlier report, of a study that had not come so far, would seem to be of this
   * one.
   */
  private static void removeAllBut(List<Path> written, Path folder) throws IOException {
    try (DirectoryStream<Path> figures = Files.newDirectoryStream(folder, "*.{svg,png}")) {
      for (Path figure : figures) {
        if (!written.contains(figure)) {
          Files.delete(figure);
        }
      }
    }
  }
}
