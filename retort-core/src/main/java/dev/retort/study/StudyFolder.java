package dev.retort.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.engine.AtomicFile;
import dev.retort.engine.FileFailure;
import dev.retort.engine.Precision;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.ResolvedConfiguration;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
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
  private static final List<String> BEGINNING = List.of("runs", "config.yaml", "resolved.yaml");

  private final Path path;
  private final boolean begunHere;

  private StudyFolder(Path path, boolean begunHere) {
    this.path = path;
    this.begunHere = begunHere;
  }

  /**
   * Begins a study in a folder that is missing or empty.
   *
   * @throws ConfigurationException if there is something in it, or it cannot be written
   */
  public static StudyFolder create(Path path, ConfigurationFile<?> configuration) {
    StudyFolder begun = isMissingOrEmpty(path) ? begin(path, configuration) : null;
    if (begun == null) {
      throw new ConfigurationException(
          "%s is not empty, and a run never overwrites another: choose another folder, or go on in it with --resume"
              .formatted(path));
    }
    return begun;
  }

  /**
   * Goes on with the study in a folder, or begins one if the folder is missing or empty.
   *
   * @throws ConfigurationException if there is something else in it, it cannot be written, or the
   *     study was begun with a configuration that gives other results; more seeds and other places
   *     of the same files are no difference
   */
  public static StudyFolder createOrResume(Path path, ConfigurationFile<?> configuration) {
    StudyFolder begun = isMissingOrEmpty(path) ? begin(path, configuration) : null;
    if (begun != null) {
      return begun;
    }
    StudyFolder folder = open(path);
    ResolvedConfiguration now =
        ResolvedConfiguration.read(
            configuration.resolved().getBytes(StandardCharsets.UTF_8), configuration.name());
    String difference = folder.readResolved().difference(Objects.requireNonNull(now));
    if (difference != null) {
      throw new ConfigurationException(
          "%s was begun with another configuration: %s; choose another folder"
              .formatted(path, difference));
    }
    completeBeginning(folder, configuration);
    return folder;
  }

  /** Whether a study was begun in a folder. */
  public static boolean isBegun(Path path) {
    return Files.isRegularFile(path.resolve("resolved.yaml"));
  }

  /**
   * The folder of a study that was begun, to read from.
   *
   * @throws ConfigurationException if it is none
   */
  public static StudyFolder open(Path path) {
    StudyFolder folder = new StudyFolder(path, false);
    if (!isBegun(path)) {
      throw new ConfigurationException(
          "%s is no study's folder: it has no resolved.yaml; name the folder that was given to --out"
              .formatted(path));
    }
    return folder;
  }

  /**
   * Whether results may begin in a folder; files that are being written do not count.
   *
   * @throws ConfigurationException if it is a file, or cannot be read
   */
  static boolean isMissingOrEmpty(Path path) {
    if (!Files.exists(path)) {
      return true;
    }
    try (DirectoryStream<Path> content = Files.newDirectoryStream(path, StudyFolder::counts)) {
      return !content.iterator().hasNext();
    } catch (java.nio.file.NotDirectoryException e) {
      throw new ConfigurationException(path + " is a file; a study needs a folder", e);
    } catch (IOException e) {
      throw new ConfigurationException(path + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private static boolean counts(Path file) {
    return !file.toString().endsWith(AtomicFile.TEMPORARY);
  }

  /** Null if another process has begun in the meantime. */
  private static @Nullable StudyFolder begin(Path path, ConfigurationFile<?> configuration) {
    StudyFolder folder = new StudyFolder(path, true);
    try {
      Files.createDirectories(path);
      // First: with it, the folder is a study's for other processes that begin at the same moment.
      byte[] resolved = configuration.resolved().getBytes(StandardCharsets.UTF_8);
      if (!AtomicFile.writeIfAbsent(folder.resolved(), resolved)) {
        return null;
      }
    } catch (IOException e) {
      throw notWritable(path, e);
    }
    try {
      write(path.resolve("config.yaml"), configuration.text());
      Files.createDirectories(folder.runs());
      return folder;
    } catch (IOException e) {
      folder.discard();
      throw notWritable(path, e);
    }
  }

  /**
   * Takes back the beginning of a study that turns out to be impossible. Nothing is taken back
   * where the study was begun before, or has its inputs recorded since. One that has joined and not
   * recorded them loses the folder, too.
   */
  public void discard() {
    if (!begunHere || !Files.isDirectory(path)) {
      return;
    }
    try (DirectoryStream<Path> content =
        Files.newDirectoryStream(
            path, file -> counts(file) && !BEGINNING.contains(file.getFileName().toString()))) {
      if (content.iterator().hasNext()) {
        return;
      }
      for (String file : BEGINNING) {
        Files.deleteIfExists(path.resolve(file));
      }
      Files.delete(path);
    } catch (IOException e) {
      LOG.warn("{} could not be taken back: {}", path, e.getMessage());
    }
  }

  /** What a process that was killed while it began has not written; and whether writing works. */
  private static void completeBeginning(StudyFolder folder, ConfigurationFile<?> configuration) {
    try {
      Files.createDirectories(folder.runs());
      Path verbatim = folder.path.resolve("config.yaml");
      write(verbatim, Files.exists(verbatim) ? Files.readString(verbatim) : configuration.text());
    } catch (IOException e) {
      throw notWritable(folder.path, e);
    }
  }

  static ConfigurationException notWritable(Path path, IOException e) {
    return new ConfigurationException(
        "the folder for results cannot be written: %s (%s)".formatted(path, FileFailure.reason(e)),
        e);
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** The folder of all runs. */
  public Path runs() {
    return path.resolve("runs");
  }

  private Path resolved() {
    return path.resolve("resolved.yaml");
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
  public StudyConfiguration configuration(ConfigurationReader reader) {
    return reader.readResolved(resolved());
  }

  /**
   * The study as it was begun, by its names: known whatever its objectives are.
   *
   * @throws StudyRecordException if {@code resolved.yaml} is damaged
   */
  public StudyPlan plan() {
    try {
      return StudyPlan.of(readResolved().toJson());
    } catch (IllegalArgumentException e) {
      throw damagedResolved(resolved() + ": " + e.getMessage(), e);
    }
  }

  private static StudyRecordException damagedResolved(String what, RuntimeException cause) {
    return new StudyRecordException(
        what + "; bring the file back, or begin in another folder", cause);
  }

  /**
   * Records what the study's results derive from or, if it has been, checks that it is the same.
   *
   * @param dataset the data set's name and sizes
   * @param data the digest of the data
   * @param teacher the digest of the teacher; null where nothing is distilled
   * @param initialWeights the digests of the models that students start from, by the students'
   *     names
   * @param precision in which networks compute here
   * @throws StudyRecordException if the data, the teacher, initial weights, the precision or {@code
   *     resolved.yaml} are others than when the study was begun
   */
  StudyInputs recordInputs(
      Summary.DatasetSizes dataset,
      String data,
      @Nullable String teacher,
      Map<String, String> initialWeights,
      Precision precision) {
    StudyInputs inputs =
        new StudyInputs(
            dataset,
            data,
            teacher,
            initialWeights,
            precision.name().toLowerCase(Locale.ROOT),
            SourceDigest.of(resolvedText()),
            SourceDigest.ofLibrary(),
            true);
    Path file = path.resolve("inputs.json");
    if (Files.notExists(file) && StudyJson.writeIfAbsent(file, inputs)) {
      return inputs;
    }
    StudyInputs begun = StudyJson.read(file, StudyInputs.class);
    begun.requireSame(inputs, path);
    return begun;
  }

  /**
   * {@code resolved.yaml}: the study's configuration with every default written out.
   *
   * @throws StudyRecordException if it cannot be read
   */
  public String resolvedText() {
    return new String(readResolvedBytes(), StandardCharsets.UTF_8);
  }

  private ResolvedConfiguration readResolved() {
    try {
      ResolvedConfiguration read =
          ResolvedConfiguration.read(readResolvedBytes(), resolved().toString());
      if (read != null) {
        return read;
      }
    } catch (ConfigurationException e) {
      throw damagedResolved(Objects.toString(e.getMessage()), e);
    }
    throw new StudyRecordException(
        "%s: the file is empty: the study's configuration was lost; begin in another folder"
            .formatted(resolved()));
  }

  /**
   * How many threads an operation has by the study's configuration; null where it leaves that open.
   *
   * @throws StudyRecordException if {@code resolved.yaml} is damaged
   */
  public @Nullable Integer configuredThreads() {
    JsonNode threads = readResolved().toJson().path("training").path("threads");
    return threads.isIntegralNumber() ? threads.intValue() : null;
  }

  /**
   * What the study's results derive from; none before the first process has recorded it.
   *
   * @throws StudyRecordException if the file is damaged
   */
  Optional<StudyInputs> inputs() {
    Path file = path.resolve("inputs.json");
    return Files.exists(file)
        ? Optional.of(StudyJson.read(file, StudyInputs.class))
        : Optional.empty();
  }

  private byte[] readResolvedBytes() {
    try {
      return Files.readAllBytes(resolved());
    } catch (IOException e) {
      throw new StudyRecordException(resolved() + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  /**
   * Records where the study runs: in {@code environment.json}, or for a second machine or build in
   * {@code environment-2.json}, and so on.
   *
   * @return the file's name
   */
  String recordEnvironment(Environment environment) {
    for (int i = 1; ; i++) {
      Path file = environmentFile(i);
      if (StudyJson.writeIfAbsent(file, environment)
          || StudyJson.read(file, Environment.class).equals(environment)) {
        return file.getFileName().toString();
      }
    }
  }

  /**
   * Where a run ended.
   *
   * @return null in records of builds that did not say
   * @throws StudyRecordException if the file is damaged
   */
  @Nullable Environment environment(RunResult result) {
    String file = result.environment();
    return file == null ? null : StudyJson.read(path.resolve(file), Environment.class);
  }

  private @Nullable Environment environmentOrNull(RunResult result) {
    try {
      return environment(result);
    } catch (StudyRecordException e) {
      LOG.debug("where {} ended is not known", result.run(), e); // its accuracy counts all the same
      return null;
    }
  }

  private Path environmentFile(int number) {
    return path.resolve(number == 1 ? "environment.json" : "environment-" + number + ".json");
  }

  /**
   * The machines and builds that the study ran on, in the order of their files.
   *
   * @throws StudyRecordException if a file is damaged
   */
  public List<Environment> environments() {
    return IntStream.iterate(1, i -> Files.exists(environmentFile(i)), i -> i + 1)
        .mapToObj(i -> StudyJson.read(environmentFile(i), Environment.class))
        .toList();
  }

  /**
   * How many threads an operation had where the study was begun, if its configuration did not say.
   *
   * @return null where that is not recorded yet
   * @throws StudyRecordException if the file is damaged
   */
  public @Nullable Integer threads() {
    List<Environment> environments = environments();
    return environments.isEmpty() ? null : environments.get(0).threads();
  }

  /**
   * Records the teacher, when it is loaded and again when it has been tested. Until it has been,
   * the accuracy on the test images that is on record for the same teacher stands.
   */
  void recordTeacher(TeacherRecord teacher) {
    TeacherRecord before = teacher.testAccuracy() == null ? recorded(teacher.sha256()) : null;
    Double known = before == null ? null : before.testAccuracy();
    StudyJson.write(
        path.resolve("teacher.json"), known == null ? teacher : teacher.withTestAccuracy(known));
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
    Path file = path.resolve("teacher.json");
    return Files.exists(file)
        ? Optional.of(StudyJson.read(file, TeacherRecord.class))
        : Optional.empty();
  }

  /** What the models cost to serve; none where that was not measured yet. */
  public Optional<ServingRecord> serving() {
    return Files.exists(servingFile())
        ? Optional.of(StudyJson.read(servingFile(), ServingRecord.class))
        : Optional.empty();
  }

  /** Records what the models cost to serve, in the place of an earlier measurement. */
  void recordServing(ServingRecord serving) {
    StudyJson.write(servingFile(), serving);
  }

  private Path servingFile() {
    return path.resolve("serving.json");
  }

  /** Whether the study's configuration has it measured what the models cost to serve. */
  public boolean measuresServing() {
    return readResolved().toJson().hasNonNull("serving");
  }

  /** The trained student of a run that is done. */
  public Path student(RunName name) {
    return RunFolder.studentFile(runs().resolve(name.toString()));
  }

  /**
   * Opens a run's folder to work in.
   *
   * @throws ConfigurationException if another process works on it
   */
  RunFolder openRun(RunName name) {
    return RunFolder.open(runs().resolve(name.toString()));
  }

  /** The same; null if another process works on it. */
  @Nullable RunFolder openRunUnlessTaken(RunName name) {
    return RunFolder.openUnlessTaken(runs().resolve(name.toString()));
  }

  /**
   * The result of a run that is done; none for one that is not, and for one that was not tested
   * though it should be.
   *
   * @param tested whether only a result with an accuracy on the test images counts
   */
  public Optional<RunResult> result(RunName name, boolean tested) {
    return RunFolder.result(runs(), name)
        .filter(result -> !tested || result.testAccuracy() != null);
  }

  /**
   * The runs of these that are not done yet, in the order in which they are to be done.
   *
   * @param tested whether only a result with an accuracy on the test images counts
   */
  public List<RunName> left(List<RunName> runs, boolean tested) {
    return divergedLast(runs).stream().filter(run -> result(run, tested).isEmpty()).toList();
  }

  /** Whether each of these runs is done or has diverged. */
  boolean hasEnded(List<RunName> runs, boolean tested) {
    return left(runs, tested).stream().allMatch(run -> divergence(run).isPresent());
  }

  /** Runs that have diverged come last: from their checkpoints they most likely diverge again. */
  List<RunName> divergedLast(List<RunName> runs) {
    List<RunName> ordered = new ArrayList<>(runs);
    ordered.sort(Comparator.comparing(run -> divergence(run).isPresent()));
    return ordered;
  }

  /** The epochs of a run as far as they are recorded. */
  public List<EpochMetrics> metrics(RunName name) {
    return MetricsLog.read(RunFolder.metricsFile(runs().resolve(name.toString())));
  }

  private List<RunResult> results(StudyPlan plan) {
    return runs(plan).stream().flatMap(run -> RunFolder.result(runs(), run).stream()).toList();
  }

  /** Why a run has no result; none for one that is done, or has not diverged. */
  Optional<Divergence> divergence(RunName name) {
    return RunFolder.divergence(runs(), name);
  }

  private List<Divergence> divergences(StudyPlan plan) {
    return runs(plan).stream().flatMap(run -> divergence(run).stream()).toList();
  }

  /**
   * The runs of a plan that have a folder, of whatever seed, in the study's order, then by seed.
   *
   * @throws UncheckedIOException if the folder of all runs cannot be read
   */
  public List<RunName> runs(StudyPlan plan) {
    return runFolders().stream()
        .flatMap(folder -> plan.run(folder).stream())
        .sorted(
            Comparator.comparingInt((RunName run) -> plan.students().indexOf(run.student()))
                .thenComparingInt(run -> plan.methods().indexOf(run.method()))
                .thenComparingLong(RunName::seed))
        .toList();
  }

  /**
   * The folders beside the runs that are named after no run of a plan.
   *
   * @throws UncheckedIOException if the folder of all runs cannot be read
   */
  public List<String> foldersOfNoRun(StudyPlan plan) {
    return runFolders().stream().filter(folder -> plan.run(folder).isEmpty()).toList();
  }

  private List<String> runFolders() {
    if (Files.notExists(runs())) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(runs(), Files::isDirectory)) {
      folders.forEach(folder -> names.add(folder.getFileName().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(runs() + " cannot be read: " + FileFailure.reason(e), e);
    }
    Collections.sort(names);
    return names;
  }

  /**
   * Sums up the runs that are done, in {@code summary.json} and {@code summary.md}, and names those
   * that diverged.
   *
   * @throws StudyRecordException if the study's inputs have not been recorded yet, or a record is
   *     damaged
   */
  public Summary summarize() {
    StudyPlan plan = plan();
    StudyInputs inputs = StudyJson.read(path.resolve("inputs.json"), StudyInputs.class);
    while (true) {
      List<RunResult> results = results(plan);
      List<Divergence> diverged = divergences(plan);
      Optional<TeacherRecord> teacher = teacher();
      Summary summary =
          new SummaryBuilder(
                  plan, results, diverged, inputs.registered() != null, this::environmentOrNull)
              .build(inputs.dataset(), teacher.orElse(null));
      write(summary);
      // Another process may have ended a run, and summed it up, while this one wrote.
      if (results(plan).equals(results)
          && divergences(plan).equals(diverged)
          && teacher().equals(teacher)) {
        return summary;
      }
    }
  }

  private void write(Summary summary) {
    StudyJson.write(path.resolve("summary.json"), summary);
    try {
      write(path.resolve("summary.md"), SummaryTable.of(summary, serving().orElse(null)));
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be written: " + FileFailure.reason(e), e);
    }
  }
}
