package dev.retort.cli;

import dev.retort.engine.C10d;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Rendezvous;
import dev.retort.engine.SingleProcess;
import dev.retort.report.Report;
import dev.retort.study.Divergence;
import dev.retort.study.RunName;
import dev.retort.study.Study;
import dev.retort.study.StudyFolder;
import dev.retort.study.Summary;
import dev.retort.training.DivergedException;
import dev.retort.training.StopRequest;
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

  /** Does the runs of a study in a folder, prints its table, and draws its report. */
  final int run(Study study, Path out) throws IOException {
    StopRequest stop = signals().stop();
    List<RunName> runs = study.runs();
    stop.throwIfRequested();
    Device device = compute.start();
    try (Collective ranks = join(device)) {
      study.device(device).ranks(ranks).stop(stop).resume(resume);
      if (!ranks.isFirst()) {
        study.follow();
        // Also where runs diverged: a launcher would end the first rank, which may still be
        // writing.
        return ExitCode.DONE;
      }
      Summary summary = study.listener(new StudyProgress(terminal(), System::nanoTime)).run(out);
      List<Path> written = Report.write(StudyFolder.open(out), summary);
      print(summary, out, written.get(written.size() - 1));
      requireNoneDiverged(summary, runs);
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
          """
          %d of %d runs diverged: %s; diverged.json in a run's folder says at which step, and by \
          which term"""
              .formatted(diverged.size(), runs.size(), String.join(", ", diverged)));
    }
  }
}
