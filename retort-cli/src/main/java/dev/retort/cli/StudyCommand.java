package dev.retort.cli;

import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Processor;
import dev.retort.engine.SingleProcess;
import dev.retort.report.LivePage;
import dev.retort.report.Report;
import dev.retort.study.Divergence;
import dev.retort.study.RunSelection;
import dev.retort.study.Study;
import dev.retort.study.StudyFolder;
import dev.retort.study.Summary;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.RunName;
import dev.retort.system.AtomicFile;
import dev.retort.system.TemporaryFolder;
import dev.retort.training.DivergedException;
import dev.retort.training.StopRequest;
import dev.retort.training.StoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that train have in common. */
abstract class StudyCommand extends Command {
  private static final String VISIBLE_GRAPHICS = "CUDA_VISIBLE_DEVICES";

  /** A worker that has lost its parent saves and leaves within this time. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Mixin OverrideOptions overrides;

  @Option(
      names = "--resume",
      description =
          "Go on in the folder from where the study was, or begin where it is missing or empty.")
  boolean resume;

  @Mixin ComputeOptions compute;

  @Mixin JsonOption json;

  /** Whether the runs of a compared pair may end on two kinds of processor. */
  boolean anyProcessor;

  /** What the command line overrides in the file; the number of threads is a part of it. */
  final List<String> overrides() {
    List<String> all = new ArrayList<>(overrides.given);
    if (compute.threads != null) {
      all.add("training.threads=" + compute.threads);
    }
    return all;
  }

  /** Does the runs of a study in a folder, prints its table, and draws its report. */
  final int run(Study study, Path out) throws IOException {
    StopRequest stop = signals().stop();
    stop.throwIfRequested();
    Device device = compute.start();
    try (Collective ranks = join(device)) {
      if (ranks.ranks() == 1) {
        study.runs(); // of ranks, one whose share is empty must tell the others
      }
      study.device(device).ranks(ranks).stop(stop).resume(resume);
      if (!ranks.isFirst()) {
        study.follow();
        // Also where runs diverged: a launcher would end the first rank, which may still be
        // writing.
        return ExitCode.DONE;
      }
      StudyProgress progress = new StudyProgress(terminal(), System::nanoTime, page(out));
      Summary summary;
      try (LivePage page = follow(study, out)) {
        summary = study.listener(progress).train(out);
        ends(page, study);
      }
      measureServing(study, StudyFolder.open(out));
      show(summary, out, study.runs());
      return ExitCode.DONE;
    }
  }

  /** Who trains together with this process. */
  Collective join(Device device) {
    return SingleProcess.INSTANCE;
  }

  /**
   * Does the runs of a study by one process, or shares them out among several.
   *
   * @param path the configuration's
   * @param overrides of its values
   */
  final int run(
      Path path, List<String> overrides, RunSelection selection, Path out, JobsOption jobs)
      throws IOException {
    Study study = read(path, overrides).only(selection).anyProcessor(anyProcessor);
    StudyFolder begun = resume && StudyFolder.isBegun(out) ? StudyFolder.open(out) : null;
    Integer own = study.configuration().training().threads();
    // As they were when the study was begun, since the last bits depend on them.
    Integer configured = own == null && begun != null ? begun.configuredThreads() : own;
    List<RunName> runs = selection.of(study.configuration());
    JobsOption.Sharing sharing =
        jobs.sharing(
            begun == null
                ? runs.size()
                : begun.runs().left(runs, study.configuration().test()).size(),
            compute.device.equalsIgnoreCase("cuda") ? visibleGraphics().size() : 0,
            configured == null && begun != null ? begun.threads() : configured);
    Study chosen = study;
    if (own == null && (configured != null || (begun == null && sharing.workers() > 1))) {
      List<String> all = new ArrayList<>(overrides);
      all.add("training.threads=" + sharing.threads());
      chosen = read(path, all).only(selection).anyProcessor(anyProcessor);
    }
    try {
      return run(chosen, out, sharing);
    } catch (ConfigurationException e) {
      if (own == null && resume && begun == null && isBegunWithOthers(out, chosen)) {
        return run(path, overrides, selection, out, jobs); // with the threads of that process
      }
      throw e;
    }
  }

  /** Whether another process has begun the study since, and with other threads. */
  private static boolean isBegunWithOthers(Path out, Study refused) {
    return StudyFolder.isBegun(out)
        && !Objects.equals(
            StudyFolder.open(out).configuredThreads(),
            refused.configuration().training().threads());
  }

  /** The study that a file describes, as this command does it. */
  Study read(Path path, List<String> overrides) {
    return Study.read(path, overrides);
  }

  private int run(Study study, Path out, JobsOption.Sharing sharing) throws IOException {
    if (sharing.workers() == 1) {
      return run(study, out);
    }
    RanksOption.requireOneProcess("--jobs", "the study without it");
    try (TemporaryFolder temporary = new TemporaryFolder()) { // before a folder is begun
      return share(study, out, sharing, temporary.path());
    }
  }

  private int share(Study study, Path out, JobsOption.Sharing sharing, Path temporary)
      throws IOException {
    List<RunName> runs = study.runs();
    StudyFolder folder = study.resume(resume).begin(out);
    terminal()
        .println(
            "%d workers of %d threads each (%s)"
                .formatted(sharing.workers(), sharing.threads(), sharing.why()));
    terminal().println("page " + page(out).toUri());
    int code;
    try (LivePage page = follow(study, out)) {
      // The user's own file may be another one when a later worker begins.
      Path handedOver = temporary.resolve("study.yaml");
      AtomicFile.write(handedOver, study.resolved());
      Workers workers =
          new Workers(
              terminal(),
              signals().stop(),
              sharing,
              number -> worker(number, sharing.threads(), handedOver, out),
              folder.runs().left(runs, study.configuration().test()),
              run -> folder.runs().hasEnded(List.of(run), study.configuration().test()),
              PATIENCE);
      code = workers.work();
      if (code == ExitCode.DONE) {
        ends(page, study);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.INTERRUPTED;
    }
    if (code != ExitCode.DONE) {
      // One that resumes may have been joined by others, which may have what is missing here.
      if (code == ExitCode.USAGE || (!resume && code != ExitCode.INTERRUPTED)) {
        folder.discard();
      }
      return code;
    }
    study.listener(new StudyProgress(terminal(), System::nanoTime, null)).stop(signals().stop());
    measureServing(study, folder);
    show(folder.summarize(), out, runs);
    return ExitCode.DONE;
  }

  private static void measureServing(Study study, StudyFolder folder) throws IOException {
    try {
      study.measureServing(folder);
    } catch (StoppedException e) { // until now the page says that it goes on
      Report.write(folder, folder.summarize());
      throw e;
    }
  }

  /** Before serving is measured, which drawing would disturb, the page is written once more. */
  private static void ends(LivePage page, Study study) {
    if (study.configuration().serving() == null) {
      page.done();
    } else {
      page.goesOn();
    }
  }

  private ProcessBuilder worker(int number, int threads, Path configuration, Path out) {
    List<String> command =
        new ArrayList<>(
            List.of(WorkerCommand.NAME, configuration.toString(), "--out", out.toString()));
    command.addAll(List.of("--device", compute.device));
    if (anyProcessor) {
      command.add("--any-processor");
    }
    int width = terminal().statusWidth() + 1 - (number + ": ").length();
    List<String> properties =
        List.of(
            // Of stdout only answers are read.
            "-XX:+DisplayVMOutputToStderr",
            "-Dretort.stdout.terminal=false",
            "-Dretort.stderr.terminal=" + terminal().showsStatus(),
            "-Dretort.columns=" + width);
    ProcessBuilder builder = ChildProcess.builder(main(), properties, command);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    if (compute.device.equalsIgnoreCase("cuda")) {
      builder.environment().put(VISIBLE_GRAPHICS, visibleGraphics().get(number));
    }
    return builder;
  }

  /** The GPUs that this process may use, as CUDA numbers or names them; at least one. */
  private static List<String> visibleGraphics() {
    String chosen = System.getenv(VISIBLE_GRAPHICS);
    if (chosen != null) {
      List<String> visible =
          Arrays.stream(chosen.split(",", -1))
              .map(String::strip)
              .takeWhile(entry -> !entry.isEmpty() && !entry.equals("-1"))
              .toList();
      if (visible.isEmpty()) {
        throw new IllegalArgumentException(
            "%s is \"%s\", which leaves no GPU for --device cuda"
                .formatted(VISIBLE_GRAPHICS, chosen));
      }
      return visible;
    }
    int all = Math.max(1, Processor.graphicsCards());
    return IntStream.range(0, all).mapToObj(Integer::toString).toList();
  }

  /** Where the page is that shows how the runs go. */
  Path page(Path out) {
    return out.resolve(Report.PAGE);
  }

  /** Writes it while they do. */
  LivePage follow(Study study, Path out) {
    // Of all shares: each process writes the same page.
    return LivePage.follow(
        out, study.configuration().runs(), study.configuration().training().epochs());
  }

  /**
   * What is done when the runs are: the report is drawn, the table printed.
   *
   * @param runs of this command
   * @throws DivergedException if one of them diverged
   */
  void show(Summary summary, Path out, List<RunName> runs) throws IOException {
    print(summary, out, Report.write(StudyFolder.open(out), summary));
    requireNoneDiverged(summary, runs);
  }

  /** Prints the study's result. */
  void print(Summary summary, Path out, Path report) {
    if (json.asked) {
      print(Json.of(summary));
      return;
    }
    SummaryText.lines(summary).forEach(this::print);
    StudyFolder.open(out).serving().map(SummaryText::serving).ifPresent(this::printServing);
    print("");
    print("table    " + out.resolve("summary.md"));
    print("figures  " + out.resolve(Report.FIGURES));
    print("report   " + report);
  }

  private void printServing(List<String> lines) {
    print("");
    lines.forEach(this::print);
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
