package dev.retort.report;

import dev.retort.engine.AtomicFile;
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
   * Writes the report of a study's folder into that folder, over an earlier one. Several processes
   * may do so at the same time: the report is that of the latest summary.
   *
   * @return the files written, {@code report.html} last
   * @throws StudyRecordException where the folder is no study's, or a file in it is broken
   * @throws IOException where a file cannot be written
   */
  public static List<Path> write(Path studyFolder) throws IOException {
    // Before the first class of AWT: figures need no display, and must not look for one.
    System.setProperty("java.awt.headless", "true");
    while (true) {
      String summary = summary(studyFolder);
      List<Path> written = writeOnce(studyFolder);
      if (summary.equals(summary(studyFolder))) {
        return written;
      }
    }
  }

  private static String summary(Path studyFolder) throws IOException {
    Path file = studyFolder.resolve("summary.json");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private static List<Path> writeOnce(Path studyFolder) throws IOException {
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
      written.add(write(figuresFolder.resolve(figure.name() + ".svg"), light + "\n"));
      written.add(write(figuresFolder.resolve(figure.name() + "-dark.svg"), dark + "\n"));
      Path png = figuresFolder.resolve(figure.name() + ".png");
      AtomicFile.write(png, PngImage.of(figure, Theme.LIGHT));
      written.add(png);
      drawn.add(new ReportPage.Drawn(figure, light, dark));
    }
    removeAllBut(written, figuresFolder);
    written.add(write(studyFolder.resolve("report.html"), ReportPage.of(study, drawn)));
    return List.copyOf(written);
  }

  private static Path write(Path file, String text) throws IOException {
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    return file;
  }

  /**
   * Figures of an earlier report, of a study that had not come so far, would seem to be of this
   * one.
   */
  private static void removeAllBut(List<Path> written, Path folder) throws IOException {
    try (DirectoryStream<Path> figures = Files.newDirectoryStream(folder, "*.{svg,png}")) {
      for (Path figure : figures) {
        if (!written.contains(figure)) {
          Files.deleteIfExists(figure); // another process may have, meanwhile
        }
      }
    }
  }
}
