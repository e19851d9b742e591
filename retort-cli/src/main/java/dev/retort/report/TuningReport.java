package dev.retort.report;

import dev.retort.study.TuningFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the figures and the page of a search's folder. */
public final class TuningReport {
  private TuningReport() {}

  /**
   * Writes the report of a search into its folder, over an earlier one, as far as it has come.
   *
   * @return the page, {@code report.html}
   * @throws IOException where a file cannot be written
   */
  public static Path write(TuningFolder folder) throws IOException {
    return write(folder, null);
  }

  /**
   * The same of a search that may go on.
   *
   * @param live what is shown of the runs that are being done; null where none are
   */
  static Path write(TuningFolder folder, LivePage.@Nullable Live live) throws IOException {
    TuningResults results = new TuningResults(folder.tuning(), folder.trials(), folder.isDone());
    List<ReportPage.Drawn> drawn =
        Report.draw(() -> TuningFigures.of(results), folder.path().resolve(Report.FIGURES));
    String page =
        ReportPage.of("tuning.ftlh", "tuning", TuningText.of(folder, results, live), drawn);
    return Report.write(folder.path().resolve(Report.PAGE), page);
  }
}
