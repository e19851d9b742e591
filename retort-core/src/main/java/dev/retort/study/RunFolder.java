package dev.retort.study;

import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.RunName;
import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import dev.retort.system.Folders;
import dev.retort.teacher.ModelSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one run while a process works on it. The process holds a lock on it that the
 * operating system takes back when the process ends, in whatever way.
 */
final class RunFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);

  /**
   * The folders that this process has open. Closing a file loses every lock that the process has on
   * it (fcntl(2)), so a second opening must not come as far as the file.
   */
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  /** Results that this process has warned of: a live page sums up every few seconds. */
  private static final Set<Path> DAMAGED = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final Path real;
  private final FileChannel lock;

  private RunFolder(Path path, Path real, FileChannel lock) {
    this.path = path;
    this.real = real;
    this.lock = lock;
  }

  /**
   * Makes the folder where it is missing, locks it, and removes what a killed process left half
   * written.
   *
   * @throws ConfigurationException if another process, or another run of this one, has it open
   * @throws UncheckedIOException if it cannot be written
   */
  static RunFolder open(Path path) {
    RunFolder folder = openUnlessTaken(path);
    if (folder == null) {
      throw new ConfigurationException(
          "another process works on " + path + ": wait until it ends, or stop it");
    }
    return folder;
  }

  /** The same; null if another process has it open. */
  static @Nullable RunFolder openUnlessTaken(Path path) {
    try {
      Path real = Folders.make(path).toRealPath();
      if (!OPEN.add(real)) {
        throw new ConfigurationException("another run of this process works on " + path);
      }
      FileChannel lock = null;
      try {
        lock = lock(path);
      } finally {
        if (lock == null) {
          OPEN.remove(real);
        }
      }
      return lock == null ? null : new RunFolder(path, real, lock);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be written: " + FileFailure.reason(e), e);
    }
  }

  private static @Nullable FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        channel.close();
        return null;
      }
      try (DirectoryStream<Path> left =
          Files.newDirectoryStream(path, "*" + AtomicFile.TEMPORARY)) {
        for (Path file : left) {
          Files.delete(file);
        }
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** The file of the trained student's weights. */
  public Path student() {
    return studentFile(path);
  }

  static Path studentFile(Path run) {
    return run.resolve(ModelSource.Saved.STUDENT);
  }

  /** The folder of the checkpoints. */
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /**
   * Opens the metrics to append to.
   *
   * @param completedEpochs how many epochs the checkpoint has behind it; 0 for a fresh start
   */
  public MetricsLog metrics(int completedEpochs) {
    return MetricsLog.open(metricsFile(path), completedEpochs);
  }

  /** Writes the result, which makes the run count as done. */
  public void finish(RunResult result) {
    StudyJson.write(resultFile(path), result);
    try {
      Files.deleteIfExists(divergenceFile(path));
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be written: " + FileFailure.reason(e), e);
    }
  }

  /** Writes why the run has no result. */
  void diverge(Divergence divergence) {
    StudyJson.write(divergenceFile(path), divergence);
  }

  /** The epochs of a run, finished or not, as far as its folder has them. */
  static Path metricsFile(Path run) {
    return run.resolve("metrics.jsonl");
  }

  private static Path resultFile(Path run) {
    return run.resolve("result.json");
  }

  private static Path divergenceFile(Path run) {
    return run.resolve("diverged.json");
  }

  /**
   * The result of a run that is done. A result that cannot be read, or is another run's, does not
   * count: the log warns of it, and the run is to be done again.
   *
   * @param runs the folder of all runs
   */
  static Optional<RunResult> result(Path runs, RunName name) {
    Path file = resultFile(runs.resolve(name.toString()));
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      RunResult result = StudyJson.read(file, RunResult.class);
      if (result.run().equals(name)) {
        return Optional.of(result);
      }
      warnOnce(file, file + " is the result of " + result.run() + ", and is not used");
    } catch (StudyRecordException e) {
      warnOnce(file, e.getMessage() + "; the run does not count as done");
    }
    return Optional.empty();
  }

  private static void warnOnce(Path file, String warning) {
    if (DAMAGED.add(file)) {
      LOG.warn(warning);
    }
  }

  /**
   * Why a run has no result; none for one that is done, or has not diverged.
   *
   * @param runs the folder of all runs
   */
  static Optional<Divergence> divergence(Path runs, RunName name) {
    Path file = divergenceFile(runs.resolve(name.toString()));
    if (!Files.exists(file) || result(runs, name).isPresent()) {
      return Optional.empty();
    }
    try {
      return Optional.of(StudyJson.read(file, Divergence.class))
          .filter(found -> found.run().equals(name));
    } catch (StudyRecordException e) {
      LOG.warn("{}; the run does not count as diverged", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be unlocked: " + FileFailure.reason(e), e);
    } finally {
      OPEN.remove(real);
    }
  }
}
