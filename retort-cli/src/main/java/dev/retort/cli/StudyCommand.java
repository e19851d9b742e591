package dev.retort.cli;

import dev.retort.engine.Device;
import dev.retort.report.Report;
import dev.retort.study.ConfigurationException;
import dev.retort.study.ConfigurationFile;
import dev.retort.study.RunName;
import dev.retort.study.RunSelection;
import dev.retort.study.StudyConfiguration;
import dev.retort.study.StudyFolder;
import dev.retort.study.StudyRunner;
import dev.retort.study.Summary;
import dev.retort.training.StopRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that train have in common. */
abstract class StudyCommand extends Command {
  @Mixin OverrideOptions overrides;

  @Option(
      names = "--resume",
      description =
          "Go on in the folder from where the study was, or begin where it is missing or empty.")
  boolean resume;

  @Mixin ComputeOptions compute;

  @Mixin JsonOption json;

  /** What the command line changes in the file; the number of threads is a part of it. */
  final List<String> changes() {
    List<String> changes = new ArrayList<>(overrides.overrides);
    if (compute.threads != null) {
      changes.add("training.threads=" + compute.threads);
    }
    return changes;
  }

  /**
   * Does the runs of a study in a folder, prints its table, and draws its report.
   *
   * @param file what was read
   * @param study what it says
   */
  final int run(
      ConfigurationFile<?> file, StudyConfiguration study, Path out, RunSelection selection)
      throws IOException {
    StopRequest stop = signals().stop();
    requireRuns(selection.of(study));
    stop.throwIfRequested();
    Device device = compute.start();
    StudyFolder folder =
        resume ? StudyFolder.createOrResume(out, file) : StudyFolder.create(out, file);
    Summary summary;
    try (StudyRunner runner = open(study, folder, device, stop)) {
      summary = runner.run(selection);
    }
    stop.throwIfRequested();
    List<Path> written = Report.write(out);
    if (json.asked) {
      print(Json.of(summary));
      return ExitCode.DONE;
    }
    SummaryText.lines(summary).forEach(this::print);
    print("");
    print("table    " + out.resolve("summary.md"));
    print("figures  " + out.resolve("figures"));
    print("report   " + written.get(written.size() - 1));
    return ExitCode.DONE;
  }

  /** Also refuses, before the folder is touched, a method that the study lacks. */
  private static void requireRuns(List<RunName> runs) {
    if (runs.isEmpty()) {
      throw new ConfigurationException("this share of the study has no runs: ask for fewer shares");
    }
  }

  private StudyRunner open(
      StudyConfiguration study, StudyFolder folder, Device device, StopRequest stop) {
    try {
      return new StudyRunner(
          study, folder, device, new StudyProgress(terminal(), System::nanoTime), stop);
    } catch (RuntimeException e) {
      if (!resume) {
        folder.discard();
      }
      throw e;
    }
  }
}
