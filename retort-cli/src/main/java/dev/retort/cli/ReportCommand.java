package dev.retort.cli;

import dev.retort.report.Report;
import dev.retort.report.TuningReport;
import dev.retort.study.ServingMeasurement;
import dev.retort.study.StudyFolder;
import dev.retort.study.TuningFolder;
import dev.retort.training.StoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort report}. */
@CommandLine.Command(
    name = "report",
    header = "Draws the figures of a study and its page, from the runs that are done so far.",
    description =
        "Sums up the runs in OUT/runs, in OUT/summary.json and OUT/summary.md, and writes OUT/figures"
            + " and OUT/report.html, over an earlier report of that study. With --serving, it measures"
            + " before what the teacher and the students of the first seed cost to serve, in"
            + " OUT/serving.json; if other processes take more than a tenth of a core, it says so, and"
            + " ends with exit code 1. With --other-length, it draws the accuracy against the length"
            + " of the training.")
final class ReportCommand extends Command {
  @Parameters(paramLabel = "OUT", description = "The folder of the study, or of a search.")
  Path folder;

  @Option(
      names = "--serving",
      description =
          "Measure what the models cost to serve in ONNX Runtime, in place of an earlier measurement.")
  boolean serving;

  @Option(
      names = "--other-length",
      paramLabel = "OUT",
      description =
          "The folder of the same study with another number of epochs; may be given several times.")
  List<Path> otherLengths = List.of();

  @Override
  public Integer call() throws IOException {
    if (TuningFolder.isBegun(folder)) {
      if (serving || !otherLengths.isEmpty()) {
        throw new IllegalArgumentException(
            "%s is the folder of a search; --serving and --other-length are about the students of a study"
                .formatted(folder));
      }
      return shown(TuningReport.write(TuningFolder.open(folder)), ExitCode.DONE);
    }
    StudyFolder study = StudyFolder.open(folder);
    if (!study.isAsRegistered()) {
      terminal()
          .println(
              "warn: resolved.yaml was changed since the study was begun: the seeds and comparisons of this report are not those that were registered");
    }
    List<StudyFolder> others = otherLengths.stream().map(StudyFolder::open).toList();
    others.forEach(study::requireSameButLength); // before a measurement, which takes minutes
    try {
      boolean measured = !serving || measure(study);
      return shown(
          Report.write(study, study.summarize(), others),
          measured ? ExitCode.DONE : ExitCode.FAILURE);
    } catch (StoppedException e) {
      terminal()
          .println("retort: stopped; nothing was measured, and an earlier serving.json stands");
      return ExitCode.INTERRUPTED;
    }
  }

  private boolean measure(StudyFolder study) throws IOException {
    StudyProgress progress = new StudyProgress(terminal(), System::nanoTime, null);
    return ServingMeasurement.measure(study, null, progress, signals().stop());
  }

  private int shown(Path page, int code) {
    print(page.toString());
    return code;
  }
}
