package dev.retort.cli;

import dev.retort.engine.C10d;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Rendezvous;
import dev.retort.engine.SingleProcess;
import dev.retort.report.Report;
import dev.retort.study.ConfigurationException;
import dev.retort.study.ConfigurationFile;
import dev.retort.study.Divergence;
import dev.retort.study.RunName;
import dev.retort.study.RunSelection;
import dev.retort.study.StudyConfiguration;
import dev.retort.study.StudyFolder;
import dev.retort.study.StudyFollower;
import dev.retort.study.StudyRunner;
import dev.retort.study.Summary;
import dev.retort.training.DivergedException;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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

  @Option(
      names = "--rank-timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "How long a rank waits for the others, where several train together (default:"
              + " ${DEFAULT-VALUE}).")
  int rankTimeout = 600;

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
    try (Collective ranks = join(device)) {
      requireEqualParts(study.training().batchSize(), ranks.ranks());
      if (ranks.ranks() > 1) {
        stop.share();
      }
      if (ranks.isFirst()) {
        return run(file, study, out, selection, device, ranks);
      }
      try (StudyFollower follower = new StudyFollower(study, device, stop, ranks)) {
        follower.run();
      }
      // Also where runs diverged: a launcher would end the first rank, which may still be writing.
      return ExitCode.DONE;
    }
  }

  /** Where the environment says that this process is one of several, it waits for the others. */
  private Collective join(Device device) {
    Rendezvous meeting = Rendezvous.of(System.getenv());
    if (rankTimeout < 1) {
      throw new IllegalArgumentException("--rank-timeout must be at least 1, not " + rankTimeout);
    }
    return meeting == null
        ? SingleProcess.INSTANCE
        : C10d.join(meeting, device, Duration.ofSeconds(rankTimeout));
  }

  private int run(
      ConfigurationFile<?> file,
      StudyConfiguration study,
      Path out,
      RunSelection selection,
      Device device,
      Collective ranks)
      throws IOException {
    StopRequest stop = signals().stop();
    StudyFolder folder =
        resume ? StudyFolder.createOrResume(out, file) : StudyFolder.create(out, file);
    Summary summary;
    try (StudyRunner runner = open(study, folder, device, ranks)) {
      summary = runner.run(selection);
    }
    stop.throwIfRequested();
    List<Path> written = Report.write(folder, summary);
    print(summary, out, written.get(written.size() - 1));
    requireNoneDiverged(summary, selection.of(study));
    return ExitCode.DONE;
  }

  private void print(Summary summary, Path out, Path report) {
    if (json.asked) {
      print(Json.of(summary));
      return;
    }
    SummaryText.lines(summary).forEach(this::print);
    print("");
    print("table    " + out.resolve("summary.md"));
    print("figures  " + out.resolve("figures"));
    print("report   " + report);
  }

  /** Says at the end which of this command's runs diverged, and gives the command its exit code. */
  private static void requireNoneDiverged(Summary summary, List<RunName> runs) {
    List<String> diverged =
        summary.diverged().stream()
            .map(Divergence::run)
            .filter(runs::contains)
            .map(RunName::toString)
            .toList();
    if (!diverged.isEmpty()) {
      throw new DivergedException(
          "%d of %d runs diverged: %s; diverged.json in a run's folder says at which step, and by which term"
              .formatted(diverged.size(), runs.size(), String.join(", ", diverged)));
    }
  }

  private static void requireEqualParts(int batchSize, int ranks) {
    if (batchSize % ranks != 0) {
      throw new ConfigurationException(
          "training.batchSize is %d, which %d ranks cannot share evenly: choose a multiple of %2$d"
              .formatted(batchSize, ranks));
    }
  }

  /** Also refuses, before the folder is touched, a method that the study lacks. */
  private static void requireRuns(List<RunName> runs) {
    if (runs.isEmpty()) {
      throw new ConfigurationException("this share of the study has no runs: ask for fewer shares");
    }
  }

  private StudyRunner open(
      StudyConfiguration study, StudyFolder folder, Device device, Collective ranks) {
    try {
      return new StudyRunner(
          study,
          folder,
          device,
          new StudyProgress(terminal(), System::nanoTime),
          signals().stop(),
          ranks);
    } catch (StoppedException e) {
      throw e; // the same line with --resume goes on in the folder
    } catch (RuntimeException e) {
      // With --resume others may have joined, and may have what is missing here.
      if (!resume || e instanceof ConfigurationException) {
        folder.discard();
      }
      throw e;
    }
  }
}
