package dev.retort.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.ResolvedConfiguration;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.system.Folders;
import dev.retort.system.Sha256;
import dev.retort.teacher.ModelSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a study's results. Its files are a contract:
 *
 * <pre>
 * config.yaml  resolved.yaml  environment.json  inputs.json  teacher.json
 * runs/&lt;student&gt;-&lt;method&gt;-seed&lt;k&gt;/  metrics.jsonl  result.json  student.safetensors  checkpoints/
 * summary.json  summary.md  serving.json
 * </pre>
 *
 * <p>A run that has diverged has {@code diverged.json} in the place of {@code result.json}.
 *
 * <p>Several processes may work in one folder, on different runs.
 */
public final class StudyFolder {
  private static final Logger LOG = LoggerFactory.getLogger(StudyFolder.class);

  /** What there is before the data and the teacher are open; taken back in this order. */
  private static final List<String> BEGINNING =
      List.of(ModelSource.Saved.RUNS, "config.yaml", "resolved.yaml");

  private final Path path;
  private final RunFolders runs;
  private final EnvironmentFiles environments;
  private final InputsFile inputs;
  private final ResultsFolder folder;

  private StudyFolder(ResultsFolder folder) {
    this.path = folder.path();
    this.runs = new RunFolders(path.resolve(ModelSource.Saved.RUNS));
    this.environments = new EnvironmentFiles(path);
    this.inputs = new InputsFile(folder, environments);
    this.folder = folder;
  }

  /**
   * Begins a study in a folder that is missing or empty, or goes on with the one in it.
   *
   * @param resumes whether it goes on where there is one
   * @throws ConfigurationException if there is something else in it, it cannot be written, or the
   *     study was begun with a configuration that gives other results; more seeds and other places
   *     of the same files are no difference
   */
  static StudyFolder begin(Path path, ConfigurationFile<?> configuration, boolean resumes) {
    ResultsFolder results = new ResultsFolder(path, BEGINNING);
    results.begin(configuration, resumes, () -> noneIn(path), ResolvedConfiguration::difference);
    StudyFolder folder = new StudyFolder(results);
    try {
      Folders.make(folder.runs.path());
      return folder;
    } catch (IOException e) {
      folder.discard();
      throw results.notWritable(e);
    }
  }

  /** Whether a study was begun in a folder. */
  public static boolean isBegun(Path path) {
    return new ResultsFolder(path, BEGINNING).isBegun();
  }

  /**
   * The folder of a study that was begun, to read from.
   *
   * @throws ConfigurationException if it is none
   */
  public static StudyFolder open(Path path) {
    ResultsFolder folder = new ResultsFolder(path, BEGINNING);
    if (!folder.isBegun()) {
      throw noneIn(path);
    }
    return new StudyFolder(folder);
  }

  private static ConfigurationException noneIn(Path path) {
    Path within = path.resolve("study"); // of shrink's folder
    return new ConfigurationException(
        "%s is no study's folder: it has no resolved.yaml; name %s"
            .formatted(path, isBegun(within) ? within : "the folder that was given to --out"));
  }

  /**
   * Takes back the beginning of a study that turns out to be impossible. Nothing is taken back
   * where the study was begun before, or has its inputs recorded since. One that has joined and not
   * recorded them loses the folder, too.
   */
  public void discard() {
    folder.discard();
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** The runs' folders. */
  public RunFolders runs() {
    return runs;
  }

  /**
   * The study as it was begun, of objectives that {@link ConfigurationReader#standard} knows of.
   *
   * @throws ConfigurationException if it has others, or its file is damaged
   */
  public StudyConfiguration configuration() {
    return configuration(ConfigurationReader.standard());
  }

  /**
   * The study as it was begun; a plain training's as the study of its one run.
   *
   * @param reader one that knows of the study's objectives
   * @throws ConfigurationException if it knows of others only, or the file is damaged
   */
  StudyConfiguration configuration(ConfigurationReader reader) {
    return reader.readResolved(folder.resolved());
  }

  /**
   * The study as it was begun, by its names: known whatever its objectives are.
   *
   * @throws StudyRecordException if {@code resolved.yaml} is damaged
   */
  public StudyPlan plan() {
    try {
      return StudyPlan.of(folder.read().toJson());
    } catch (IllegalArgumentException e) {
      throw ResultsFolder.damaged(folder.resolved() + ": " + e.getMessage(), e);
    }
  }

  /**
   * {@code resolved.yaml}: the study's configuration with every default written out.
   *
   * @throws StudyRecordException if it cannot be read
   */
  public String resolvedText() {
    return new String(folder.readBytes(), StandardCharsets.UTF_8);
  }

  /**
   * How many threads an operation has by the study's configuration; null where it leaves that open.
   *
   * @throws StudyRecordException if {@code resolved.yaml} is damaged
   */
  public @Nullable Integer configuredThreads() {
    JsonNode threads = folder.read().toJson().path("training").path("threads");
    return threads.isIntegralNumber() ? threads.intValue() : null;
  }

  /**
   * Whether the study was begun with code that {@code --classpath} added.
   *
   * @throws StudyRecordException if {@code inputs.json} is damaged
   */
  public boolean hasOwnCode() {
    return inputs.read().map(StudyInputs::extensions).isPresent();
  }

  /** What the study's results derive from. */
  InputsFile inputs() {
    return inputs;
  }

  /**
   * Where the methods of another configuration are others than this study's.
   *
   * @param resolved with every default written out
   * @return a sentence on the first difference; null if there is none
   */
  @Nullable String differenceOfMethods(String resolved) {
    return folder.difference(resolved, "its trials", ResolvedConfiguration::differenceOfMethods);
  }

  /**
   * Checks that another folder has the same study, but for the length of the trainings: of the same
   * data and teacher, in the same precision.
   *
   * @throws IllegalArgumentException if it has another one
   * @throws StudyRecordException if a file of either is damaged or missing
   */
  public void requireSameButLength(StudyFolder other) {
    String difference =
        folder.difference(
            other.resolvedText(),
            other.folder.resolved().toString(),
            ResolvedConfiguration::differenceBesideLength);
    if (difference == null) {
      difference = inputs.required().difference(other.inputs.required());
    }
    if (difference != null) {
      throw new IllegalArgumentException(
          "%s is not the study of %s with another length: %s"
              .formatted(other.path(), path(), difference));
    }
  }

  /** Where the study ran. */
  EnvironmentFiles environmentFiles() {
    return environments;
  }

  /**
   * The machines and builds that the study ran on, in the order of their files.
   *
   * @throws StudyRecordException if a file is damaged
   */
  public List<Environment> environments() {
    return environments.all();
  }

  /**
   * How many threads an operation had where the study was begun, if its configuration did not say.
   *
   * @return null where that is not recorded yet
   * @throws StudyRecordException if the file is damaged
   */
  public @Nullable Integer threads() {
    return environments.first().map(Environment::threads).orElse(null);
  }

  /**
   * How many threads an operation has in what is left of the study, since its last bits depend on
   * them: as configured, else as where it was begun.
   *
   * @return null where neither is known
   * @throws StudyRecordException if a file is damaged
   */
  public @Nullable Integer threadsAsBegun() {
    Integer configured = configuredThreads();
    return configured == null ? threads() : configured;
  }

  /**
   * Records the teacher, when it is loaded and again when it has been tested. Until it has been,
   * the accuracy on the test images that is on record for the same teacher stands.
   */
  void recordTeacher(TeacherRecord teacher) {
    TeacherRecord before = teacher.testAccuracy() == null ? recorded(teacher.sha256()) : null;
    Double known = before == null ? null : before.testAccuracy();
    StudyJson.write(teacherFile(), known == null ? teacher : teacher.withTestAccuracy(known));
  }

  private Path teacherFile() {
    return path.resolve("teacher.json");
  }

  /** What is on record of a teacher; null if it is nothing, or damaged. */
  @Nullable TeacherRecord recorded(String sha256) {
    try {
      return teacher().filter(before -> before.sha256().equals(sha256)).orElse(null);
    } catch (StudyRecordException e) {
      LOG.warn("{}; the teacher is recorded anew", e.getMessage());
      return null;
    }
  }

  /** The teacher as recorded; none before it was loaded, or without one. */
  public Optional<TeacherRecord> teacher() {
    return StudyJson.readIfPresent(teacherFile(), TeacherRecord.class);
  }

  /**
   * What the models cost to serve; none where that was not measured yet.
   *
   * @throws StudyRecordException if the file is damaged
   */
  public Optional<ServingRecord> serving() {
    try {
      return StudyJson.readIfPresent(servingFile(), ServingRecord.class);
    } catch (StudyRecordException e) {
      throw new StudyRecordException(
          e.getMessage() + "; remove it, and retort report --serving measures again", e);
    }
  }

  /**
   * Whether {@code resolved.yaml} is the one that the study was begun with: who changes it changes
   * which seeds and comparisons count.
   *
   * @throws StudyRecordException if the study's inputs have not been recorded yet, or are damaged
   */
  public boolean isAsRegistered() {
    return inputs.required().configuration().equals(Sha256.of(folder.readBytes()));
  }

  /** Whether that was measured of every run of a first seed that is done, with so many threads. */
  boolean servingIsMeasured(int threads) {
    return servingIsMeasured() && serving().orElseThrow().threads() == threads;
  }

  /** Whether that was measured of every run of a first seed that is done. */
  public boolean servingIsMeasured() {
    Set<String> measured =
        serving().stream()
            .flatMap(serving -> serving.models().stream())
            .map(ServingRecord.Model::name)
            .collect(Collectors.toSet());
    return !measured.isEmpty()
        && plan().firstRuns().stream()
            .filter(run -> Files.exists(runs().student(run)))
            .allMatch(run -> measured.contains(run.toString()));
  }

  /** Records what the models cost to serve, in the place of an earlier measurement. */
  void recordServing(ServingRecord serving) {
    StudyJson.write(servingFile(), serving);
  }

  /** Of a run that was done anew: what was measured is of weights that are gone. */
  void forgetServing(RunName run) {
    if (servingNames(run)) {
      StudyJson.delete(servingFile());
    }
  }

  private boolean servingNames(RunName run) {
    try {
      return serving().stream()
          .flatMap(serving -> serving.models().stream())
          .anyMatch(model -> model.name().equals(run.toString()));
    } catch (StudyRecordException e) {
      return true; // nobody can read what it is of
    }
  }

  private Path servingFile() {
    return path.resolve("serving.json");
  }

  /** Whether the study's configuration has it measured what the models cost to serve. */
  public boolean measuresServing() {
    return folder.read().toJson().hasNonNull("serving");
  }

  /**
   * Sums up the runs that are done, in {@code summary.json} and {@code summary.md}.
   *
   * @throws StudyRecordException as {@link #summary} does
   */
  public Summary summarize() {
    while (true) {
      Summary summary = summary();
      Optional<ServingRecord> serving = serving();
      write(summary, serving.orElse(null));
      // Another process may have ended a run, and summed it up, while this one wrote.
      if (summary().equals(summary) && serving().equals(serving)) {
        return summary;
      }
    }
  }

  /**
   * What the runs that are done sum up to, with the names of those that diverged; nothing is
   * written.
   *
   * @throws StudyRecordException if the study's inputs have not been recorded yet, a record is
   *     damaged, or there is a summary of runs and not one of them
   */
  public Summary summary() {
    StudyPlan plan = plan();
    StudyInputs begun = inputs.required();
    List<RunResult> results = runs.results(plan);
    List<Divergence> diverged = runs.divergences(plan);
    if (results.isEmpty() && diverged.isEmpty()) {
      requireNoSummaryOfRuns();
    }
    return new SummaryBuilder(
            plan, results, diverged, begun.registered() != null, environments::ofOrNull)
        .build(begun.dataset(), teacher().orElse(null));
  }

  /** Who made room, or lost a disk, still has the table. */
  private void requireNoSummaryOfRuns() {
    JsonNode summary = StudyJson.readIfPresent(summaryFile(), JsonNode.class).orElse(null);
    if (summary != null
        && summary.path("methods").findValues("seeds").stream()
            .anyMatch(seeds -> !seeds.isEmpty())) {
      throw new StudyRecordException(
          "%s has none of the runs that %s is the summary of: bring them back; nothing was summed up again"
              .formatted(runs.path(), summaryFile()));
    }
  }

  private Path summaryFile() {
    return path.resolve("summary.json");
  }

  private void write(Summary summary, @Nullable ServingRecord serving) {
    StudyJson.write(summaryFile(), summary);
    StudyJson.writeText(path.resolve("summary.md"), SummaryTable.of(summary, serving));
  }
}
