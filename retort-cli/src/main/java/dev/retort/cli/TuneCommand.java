package dev.retort.cli;

import dev.retort.report.LivePage;
import dev.retort.report.Report;
import dev.retort.report.TuningReport;
import dev.retort.study.ResultNumbers;
import dev.retort.study.RunSelection;
import dev.retort.study.Study;
import dev.retort.study.StudyFolder;
import dev.retort.study.Summary;
import dev.retort.study.Trial;
import dev.retort.study.Tuning;
import dev.retort.study.TuningFolder;
import dev.retort.study.config.RunName;
import dev.retort.training.DivergedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort tune}. */
@CommandLine.Command(
    name = "tune",
    header = "Searches for the settings of a study's methods, by the same budget for each.",
    description =
        "Tries tune.trials settings of each method, by the accuracy"
            + " on the validation images, and writes OUT/tuned.yaml, the study of the best. The test"
            + " images are not read.")
final class TuneCommand extends StudyCommand {
  @Parameters(paramLabel = "CONFIG", description = "A YAML file such as examples/tune.yaml.")
  Path configuration;

  @Option(
      names = "--out",
      paramLabel = "OUT",
      required = true,
      description = "The folder for the search; missing or empty, unless with --resume.")
  Path out;

  @Mixin JobsOption jobs;

  private @Nullable TuningFolder begun;

  @Override
  public Integer call() throws IOException {
    RanksOption.requireOneProcess("a search", "its two studies, by retort compare");
    Tuning tuning = Tuning.read(configuration, overrides());
    TuningFolder folder = TuningFolder.begin(out, tuning, resume);
    begun = folder;
    int code = search(folder);
    if (code == ExitCode.DONE && folder.chooseBest()) {
      Study confirmation = folder.confirmationStudy();
      terminal()
          .println(
              "%d trials get %d more seeds each"
                  .formatted(
                      confirmation.configuration().methods().size(),
                      tuning.search().tune().confirm().seeds().size()));
      boolean confirmed = false;
      try {
        code = runs(confirmation, folder.confirmationFile(), folder.confirmation());
        confirmed = code == ExitCode.DONE;
      } finally {
        if (!confirmed) { // perhaps before the page had a version of it
          writePage(folder);
        }
      }
    }
    if (code == ExitCode.DONE) {
      show(folder);
    }
    return code;
  }

  /** What ended the confirmation is to be heard of, whatever becomes of the page. */
  private void writePage(TuningFolder folder) {
    try {
      TuningReport.write(folder);
    } catch (IOException | RuntimeException e) {
      terminal().println("warn: the page could not be written: " + e.getMessage());
    }
  }

  private int search(TuningFolder folder) throws IOException {
    Tuning tuning = folder.tuning();
    terminal()
        .println(
            "%d methods of %d trials each"
                .formatted(tuning.search().settings().size(), tuning.search().tune().trials()));
    try {
      return runs(folder.searchStudy(), folder.searchFile(), folder.search());
    } finally {
      folder.discardUnlessSearched();
    }
  }

  /** Does what is left of the runs of one of the two studies. */
  private int runs(Study study, Path file, Path into) throws IOException {
    if (StudyFolder.isBegun(into)) { // its runs are called after the numbers of their settings
      Integer threads = StudyFolder.open(into).configuredThreads();
      read(file, List.of("training.threads=" + (threads == null ? "" : threads)))
          .resume(true)
          .begin(into);
    }
    if (TuningFolder.isDone(study, into)) { // a process that was killed may not have summed it up
      StudyFolder done = StudyFolder.open(into);
      Report.write(done, done.summarize());
      return ExitCode.DONE;
    }
    resume = StudyFolder.isBegun(into);
    return run(file, List.of(), RunSelection.ALL, into, jobs);
  }

  /** One page shows the whole search. */
  @Override
  Path page(Path ofStudy) {
    return out.resolve(Report.PAGE);
  }

  @Override
  LivePage follow(Study study, Path into) {
    return LivePage.follow(
        into,
        study.runs(),
        study.configuration().training().epochs(),
        Objects.requireNonNull(begun));
  }

  /** A trial that diverged is one without an accuracy. */
  @Override
  void show(Summary summary, Path ofStudy, List<RunName> runs) throws IOException {
    Report.write(StudyFolder.open(ofStudy), summary);
  }

  private void show(TuningFolder folder) throws IOException {
    Tuning tuning = folder.tuning();
    List<Trial> trials = folder.finish();
    Path report = TuningReport.write(folder);
    if (json.asked) {
      print(Json.of(trials));
    } else {
      print(table(trials));
      print("");
      print("trials   " + out.resolve("trials.json"));
      print("figures  " + out.resolve(Report.FIGURES));
      print("report   " + report);
    }
    folder.warnings(trials).forEach(warning -> terminal().println("warn: " + warning));
    List<String> without = tuning.withoutChoice(trials);
    if (!without.isEmpty()) {
      throw new DivergedException(
          "none of the best settings of %s could be trained to its end from all seeds, so there is no tuned.yaml: change tune.space; %s shows what diverged"
              .formatted(String.join(", ", without), out.resolve(Report.PAGE)));
    }
    if (!json.asked) {
      print("study    " + folder.tuned());
    }
  }

  private static Table table(List<Trial> trials) {
    Table table =
        new Table("method", "trial", "search %", "all seeds %", "seeds", "epochs", "", "settings");
    trials.forEach(
        trial ->
            table.row(
                trial.method(),
                Integer.toString(trial.trial()),
                ResultNumbers.percent(trial.searchAccuracy()),
                ResultNumbers.percent(trial.mean()),
                Integer.toString(trial.seeds().size()),
                Integer.toString(trial.epochs()),
                trial.chosen() ? "chosen" : "",
                trial.settingsText()));
    return table;
  }
}
