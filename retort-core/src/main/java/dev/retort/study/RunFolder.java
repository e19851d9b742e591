package dev.retort.study;

import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import dev.retort.system.FolderLock;
import dev.retort.teacher.ModelSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one run while a process works on it. The process holds a lock on it that the
 * operating system takes back when the process ends, in whatever way.
 */
final class RunFolder implements AutoCloseable {
  private final Path path;
  private final FolderLock lock;

  private RunFolder(Path path, FolderLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes the folder where it is missing, locks it, and removes what a killed process left half
   * written.
   *
   * @return null if another process, or another run of this one, has it open
   * @throws UncheckedIOException if it cannot be written
   */
  static @Nullable RunFolder openUnlessTaken(Path path) {
    FolderLock lock = null;
    RunFolder open = null;
    try {
      lock = FolderLock.tryLock(path);
      if (lock != null) {
        removeUnfinished(path);
        open = new RunFolder(path, lock);
      }
      return open;
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be written: " + FileFailure.reason(e), e);
    } finally {
      if (lock != null && open == null) {
        new RunFolder(path, lock).close();
      }
    }
  }

  private static void removeUnfinished(Path path) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(path, "*" + AtomicFile.TEMPORARY)) {
      for (Path file : left) {
        Files.delete(file);
      }
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
    return checkpoints(path);
  }

  static Path checkpoints(Path run) {
    return run.resolve("checkpoints");
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
    StudyJson.delete(divergenceFile(path));
  }

  /** Writes why the run has no result. */
  void diverge(Divergence divergence) {
    StudyJson.write(divergenceFile(path), divergence);
  }

  /** The epochs of a run, finished or not, as far as its folder has them. */
  static Path metricsFile(Path run) {
    return run.resolve("metrics.jsonl");
  }

  static Path resultFile(Path run) {
    return run.resolve("result.json");
  }

  static Path divergenceFile(Path run) {
    return run.resolve("diverged.json");
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be unlocked: " + FileFailure.reason(e), e);
    }
  }
}
