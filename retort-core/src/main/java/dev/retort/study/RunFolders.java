package dev.retort.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.retort.study.config.RunName;
import dev.retort.system.FileFailure;
import dev.retort.training.CheckpointFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of a study's runs, one each.
 *
 * @param path the folder that they are in
 */
public record RunFolders(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(RunFolders.class);
  private static final int RUNS_SHOWN = 5;

  /** Results that this process has warned of: a live page sums up every few seconds. */
  private static final Set<Path> DAMAGED = ConcurrentHashMap.newKeySet();

  /** How many epochs a run that has begun has behind it, by its latest checkpoint. */
  int epochsDone(RunName run) {
    return new CheckpointFolder(RunFolder.checkpoints(folder(run))).latestEpochs();
  }

  private Path folder(RunName run) {
    return path.resolve(run.toString());
  }

  /**
   * Opens a run's folder to work in.
   *
   * @return null if another process works on it
   */
  @Nullable RunFolder openUnlessTaken(RunName run) {
    return RunFolder.openUnlessTaken(folder(run));
  }

  /** The trained student of a run that is done. */
  public Path student(RunName run) {
    return RunFolder.studentFile(folder(run));
  }

  /** The epochs of a run as far as they are recorded. */
  public List<EpochMetrics> metrics(RunName run) {
    return MetricsLog.read(RunFolder.metricsFile(folder(run)));
  }

  /**
   * The result of a run that is done; none for one that is not, and for one that was not tested
   * though it should be. A result that is damaged, or is another run's, does not count: the log
   * warns of it, and the run is to be done again.
   *
   * @param tested whether only a result with an accuracy on the test images counts
   * @throws StudyRecordException if there is one that cannot be read at the moment: the run must
   *     not be done again for that, and lose its metrics
   */
  public Optional<RunResult> result(RunName run, boolean tested) {
    return result(run).filter(result -> !tested || result.testAccuracy() != null);
  }

  private Optional<RunResult> result(RunName run) {
    Path file = RunFolder.resultFile(folder(run));
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      RunResult result = StudyJson.read(file, RunResult.class);
      if (result.run().equals(run)) {
        return Optional.of(result);
      }
      warnOnce(file, file + " is the result of " + result.run() + ", and is not used");
    } catch (StudyRecordException e) {
      if (!isDamage(e)) {
        throw new StudyRecordException(
            e.getMessage() + "; where it stays so, remove it, and the run is done again", e);
      }
      warnOnce(file, e.getMessage() + "; the run does not count as done");
    }
    return Optional.empty();
  }

  /** What is no such record, and not only out of reach. */
  private static boolean isDamage(StudyRecordException e) {
    return e.getCause() instanceof JsonProcessingException
        || e.getCause() instanceof CharacterCodingException;
  }

  private static void warnOnce(Path file, String warning) {
    if (DAMAGED.add(file)) {
      LOG.warn(warning);
    }
  }

  /** Why a run has no result; none for one that is done, or has not diverged. */
  Optional<Divergence> divergence(RunName run) {
    Path file = RunFolder.divergenceFile(folder(run));
    if (!Files.exists(file) || result(run).isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(StudyJson.read(file, Divergence.class))
          .filter(found -> found.run().equals(run));
    } catch (StudyRecordException e) {
      LOG.warn("{}; the run does not count as diverged", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * The runs of these that are not done yet, in the order in which they are to be done: those that
   * have diverged come last, since from their checkpoints they most likely diverge again.
   *
   * @param tested whether only a result with an accuracy on the test images counts
   */
  public List<RunName> left(List<RunName> runs, boolean tested) {
    Map<Boolean, List<RunName>> byDivergence =
        runs.stream()
            .filter(run -> result(run, tested).isEmpty())
            .collect(Collectors.partitioningBy(run -> divergence(run).isPresent()));
    return Stream.of(false, true)
        .flatMap(diverged -> byDivergence.getOrDefault(diverged, List.of()).stream())
        .toList();
  }

  /** Whether each of these runs is done or has diverged. */
  public boolean hasEnded(List<RunName> runs, boolean tested) {
    return notEnded(runs, tested).isEmpty();
  }

  /**
   * Refuses to take a run that was never done for one that has diverged.
   *
   * @param tested whether only a result with an accuracy on the test images counts
   * @throws IllegalStateException if one of these runs is neither done nor has diverged
   */
  public void requireEnded(List<RunName> runs, boolean tested) {
    List<RunName> missing = notEnded(runs, tested);
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "%s: %d of %d runs are still to be done: %s%s"
              .formatted(
                  path,
                  missing.size(),
                  runs.size(),
                  missing.stream()
                      .limit(RUNS_SHOWN)
                      .map(RunName::toString)
                      .collect(Collectors.joining(", ")),
                  missing.size() > RUNS_SHOWN ? " …" : ""));
    }
  }

  private List<RunName> notEnded(List<RunName> runs, boolean tested) {
    return left(runs, tested).stream().filter(run -> divergence(run).isEmpty()).toList();
  }

  /** The results of a plan's runs that are done. */
  List<RunResult> results(StudyPlan plan) {
    return of(plan).stream().flatMap(run -> result(run).stream()).toList();
  }

  /** Those of a plan's runs that have diverged. */
  List<Divergence> divergences(StudyPlan plan) {
    return of(plan).stream().flatMap(run -> divergence(run).stream()).toList();
  }

  /**
   * The runs of a plan that have a folder, of whatever seed, in the study's order, then by seed.
   *
   * @throws UncheckedIOException if the folder of all runs cannot be read
   */
  public List<RunName> of(StudyPlan plan) {
    return names().stream()
        .flatMap(name -> plan.run(name).stream())
        .sorted(
            Comparator.comparingInt((RunName run) -> plan.students().indexOf(run.student()))
                .thenComparingInt(run -> plan.methods().indexOf(run.method()))
                .thenComparingLong(RunName::seed))
        .toList();
  }

  /**
   * The names of the folders that are of no run of a plan.
   *
   * @throws UncheckedIOException if the folder of all runs cannot be read
   */
  public List<String> ofNoRun(StudyPlan plan) {
    return names().stream().filter(name -> plan.run(name).isEmpty()).toList();
  }

  private List<String> names() {
    if (Files.notExists(path)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(path, Files::isDirectory)) {
      folders.forEach(folder -> names.add(folder.getFileName().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read: " + FileFailure.reason(e), e);
    }
    Collections.sort(names);
    return names;
  }
}
