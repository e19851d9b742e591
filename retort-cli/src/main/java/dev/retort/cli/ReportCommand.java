package dev.retort.cli;

import dev.retort.report.Report;
import dev.retort.report.TuningReport;
import dev.retort.study.StudyFolder;
import dev.retort.study.TuningFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code retort report}. */
@CommandLine.Command(
    name = "report",
    header = "Draws the figures of a study and its page, from the runs that are done so far.",
    description =
        "Sums up the runs in OUT/runs, in OUT/summary.json and OUT/summary.md, and writes OUT/figures"
            + " and OUT/report.html, over an earlier report of that study.")
final class ReportCommand extends Command {
  @Parameters(paramLabel = "OUT", description = "The folder of the study, or of a search.")
  Path folder;

  @Override
  public Integer call() throws IOException {
    List<Path> written;
    if (TuningFolder.isBegun(folder)) {
      written = TuningReport.write(TuningFolder.open(folder));
    } else {
      StudyFolder study = StudyFolder.open(folder);
      written = Report.write(study, study.summarize());
    }
    print(written.get(written.size() - 1).toString());
    return ExitCode.DONE;
  }
}
