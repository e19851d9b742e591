package dev.retort.study;

import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.ResolvedConfiguration;
import dev.retort.study.config.RunName;
import dev.retort.system.AtomicFile;
import dev.retort.teacher.ModelSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a search. Its files are a contract:
 *
 * <pre>
 * config.yaml  tune.yaml  trials.json  trials.md  tuned.yaml
 * search.yaml  search/  confirm.yaml  confirm/
 * </pre>
 *
 * <p>{@code tune.yaml} is the configuration with every default written out; {@code search} and
 * {@code confirm} are the folders of the two studies beside them.
 */
public final class TuningFolder {
  private static final Logger LOG = LoggerFactory.getLogger(TuningFolder.class);
  private static final String TABLE = "trials.md";
  private static final String TRIALS = "trials.json";
  private static final List<String> BEGINNING = List.of("search.yaml", "config.yaml", "tune.yaml");

  private final Path path;
  private final ResultsFolder folder;
  private final Tuning tuning;

  private TuningFolder(ResultsFolder folder, Tuning tuning) {
    this.path = folder.path();
    this.folder = folder;
    this.tuning = tuning;
  }

  /**
   * Begins a search in a folder, or goes on with it.
   *
   * @param path missing or empty, unless it resumes
   * @throws ConfigurationException if there is something else in the folder, or it cannot be
   *     written
   */
  public static TuningFolder begin(Path path, Tuning tuning, boolean resumes) {
    ResultsFolder results = new ResultsFolder(path, BEGINNING);
    results.begin(
        tuning.search().file(),
        resumes,
        () ->
            new ConfigurationException(
                "%s is no search's folder: it has no %s"
                    .formatted(path, results.resolved().getFileName())),
        ResolvedConfiguration::differenceOfSearch);
    TuningFolder folder = new TuningFolder(results, tuning);
    try {
      // Also where it goes on: its cache and checkpoints may be elsewhere now.
      AtomicFile.write(folder.searchFile(), tuning.searchYaml());
      return folder;
    } catch (IOException e) {
      throw results.notWritable(e);
    }
  }

  /** Whether a search was begun in a folder. */
  public static boolean isBegun(Path path) {
    return new ResultsFolder(path, BEGINNING).isBegun();
  }

  /**
   * The folder of a search that was begun, to read from.
   *
   * @throws ConfigurationException if it is none
   * @throws StudyRecordException if it is not done, and the settings that were tried are not those
   *     that this build draws
   */
  public static TuningFolder open(Path path) {
    ResultsFolder results = new ResultsFolder(path, BEGINNING);
    Tuning tuning = Tuning.read(results.resolved(), List.of());
    TuningFolder folder = new TuningFolder(results, tuning);
    if (!folder.isDone() && StudyFolder.isBegun(folder.search())) {
      String yaml = tuning.search().reader().readStudy(tuning.searchYaml(), List.of()).resolved();
      String difference = StudyFolder.open(folder.search()).differenceOfMethods(yaml);
      if (difference != null) {
        throw new StudyRecordException(
            "%s: another build drew the settings of its trials (%s), and can go on with them"
                .formatted(path, difference));
      }
    }
    return folder;
  }

  /** Whether the search has come to its end. */
  public boolean isDone() {
    return Files.exists(path.resolve(TABLE));
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** What is searched. */
  public Tuning tuning() {
    return tuning;
  }

  /** {@code tune.yaml}: the configuration with every default written out. */
  public String resolvedText() {
    return ConfigurationReader.text(folder.resolved());
  }

  /** The configuration of the study of all trials. */
  public Path searchFile() {
    return path.resolve("search.yaml");
  }

  /** The folder of the study of all trials. */
  public Path search() {
    return path.resolve("search");
  }

  /** The configuration of the study of the best trials. */
  public Path confirmationFile() {
    return path.resolve("confirm.yaml");
  }

  /** The folder of the study of the best trials. */
  public Path confirmation() {
    return path.resolve("confirm");
  }

  /** The study of the chosen settings. */
  public Path tuned() {
    return path.resolve("tuned.yaml");
  }

  /** The study of all trials, which goes on where it was. */
  public Study searchStudy() {
    return study(searchFile());
  }

  /** The study of the best trials, which goes on where it was. */
  public Study confirmationStudy() {
    return study(confirmationFile());
  }

  private Study study(Path file) {
    return Study.of(tuning.search().reader().readStudy(file, List.of())).resume(true);
  }

  /** Whether every run of one of the two studies is done, or has diverged. */
  public static boolean isDone(Study study, Path folder) {
    return StudyFolder.isBegun(folder)
        && StudyFolder.open(folder).runs().hasEnded(study.runs(), false);
  }

  /**
   * Takes back the beginning where the search's study was taken back: what it needs is missing, or
   * cannot be had.
   */
  public void discardUnlessSearched() {
    folder.discard();
  }

  private Optional<RunResult> result(RunName run) {
    Path folder = tuning.search().tune().seeds().contains(run.seed()) ? search() : confirmation();
    return StudyFolder.isBegun(folder)
        ? StudyFolder.open(folder).runs().result(run, false)
        : Optional.empty();
  }

  /**
   * Once the search's study is done: writes its trials, and begins the study of the best. An
   * accuracy over the seeds of both is of one data set and one teacher, so that study goes on with
   * those of the search alone.
   *
   * @return whether there is such a study to do
   * @throws IllegalStateException if a run of the search is neither done nor has diverged
   */
  public boolean chooseBest() {
    List<Trial> searched = searched();
    List<Trial> best = tuning.best(searched);
    if (best.isEmpty() || tuning.search().tune().confirm().seeds().isEmpty()) {
      return false;
    }
    // As it was run: the number of threads and the precision decide the last bits.
    StudyFolder search = StudyFolder.open(search());
    String precision = search.inputs().read().map(StudyInputs::precision).orElse(null);
    if (Files.notExists(confirmationFile())) {
      StudyJson.write(path.resolve(TRIALS), searched);
    }
    StudyJson.writeText(
        confirmationFile(), tuning.confirmationYaml(best, threads(search), precision));
    StudyFolder confirmation = confirmationStudy().begin(confirmation());
    search.inputs().read().ifPresent(confirmation.inputs()::takeOver);
    return true;
  }

  /** All trials of a search whose runs have ended. */
  private List<Trial> searched() {
    List<Trial> searched = tuning.searched(this::result);
    requireEnded(search(), tuning.runs(searched, tuning.search().tune().seeds()));
    return searched;
  }

  private static void requireEnded(Path study, List<RunName> runs) {
    new RunFolders(study.resolve(ModelSource.Saved.RUNS)).requireEnded(runs, false);
  }

  /** Those of the search; a confirmation that was begun goes on with its own. */
  private @Nullable Integer threads(StudyFolder search) {
    if (StudyFolder.isBegun(confirmation())) {
      return StudyFolder.open(confirmation()).configuredThreads();
    }
    return search.threadsAsBegun();
  }

  /** The trials as far as they are known; before the search is done, none is chosen. */
  public List<Trial> trials() {
    if (isDone()) { // what was chosen stays so, also where runs were removed since
      return List.of(StudyJson.read(path.resolve(TRIALS), Trial[].class));
    }
    return Files.exists(confirmationFile())
        ? tuning.confirmed(this::result)
        : tuning.searched(this::result);
  }

  /**
   * Once both studies are done: writes {@code trials.json}, {@code trials.md} and {@code
   * tuned.yaml}, the last unless there is a method without a choice.
   *
   * @return all trials, of which one a method is chosen
   * @throws IllegalStateException if a run of either is neither done nor has diverged
   */
  public List<Trial> finish() {
    requireEnded(
        confirmation(),
        tuning.runs(tuning.best(searched()), tuning.search().tune().confirm().seeds()));
    List<Trial> trials = tuning.chosen(this::result);
    StudyJson.write(path.resolve(TRIALS), trials);
    if (tuning.withoutChoice(trials).isEmpty()) {
      StudyJson.writeText(tuned(), tuning.tunedYaml(trials, warnings(trials)));
    } else {
      StudyJson.delete(tuned()); // that of former runs, which were done again
    }
    StudyJson.writeText(
        path.resolve(TABLE),
        TrialTable.of(tuning, trials, warnings(trials))); // last: with it, the search is done
    return trials;
  }

  /** What the user should know of the chosen settings, each in a sentence. */
  public List<String> warnings(List<Trial> trials) {
    List<String> warnings = new ArrayList<>(tuning.warnings(trials));
    List<Environment> environments =
        Stream.of(search(), confirmation())
            .filter(StudyFolder::isBegun)
            .flatMap(TuningFolder::environments)
            .toList();
    if (environments.stream().anyMatch(each -> !each.computesLike(environments.get(0)))) {
      warnings.add(
          "it ran on several kinds of processor (%s), between which one setting's accuracies differ about as much as between two seeds"
              .formatted(
                  environments.stream()
                      .map(Environment::computer)
                      .distinct()
                      .collect(Collectors.joining(", "))));
    }
    return warnings;
  }

  /** A damaged record costs the warning, and not the search. */
  private static Stream<Environment> environments(Path study) {
    try {
      return StudyFolder.open(study).environments().stream();
    } catch (StudyRecordException e) {
      LOG.debug("where {} ran is not known", study, e);
      return Stream.of();
    }
  }
}
