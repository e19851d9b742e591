package dev.retort.study;

import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.ResolvedConfiguration;
import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import dev.retort.system.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the folder of a study or of a search begins, goes on, and is taken back. Its configuration
 * with every default written out is its first file: with it, the folder is taken for other
 * processes that begin at the same moment.
 */
final class ResultsFolder {
  private static final Logger LOG = LoggerFactory.getLogger(ResultsFolder.class);

  private final Path path;
  private final List<String> beginning;
  private boolean madeHere;
  private boolean begunHere;

  /**
   * A folder, which may be missing.
   *
   * @param beginning what is in it before there is anything to keep, in the order in which it is
   *     taken back; the resolved configuration comes last
   */
  ResultsFolder(Path path, List<String> beginning) {
    this.path = path;
    this.beginning = beginning;
  }

  Path path() {
    return path;
  }

  /** The file of the resolved configuration. */
  Path resolved() {
    return path.resolve(beginning.get(beginning.size() - 1));
  }

  boolean isBegun() {
    return Files.isRegularFile(resolved());
  }

  /**
   * Whether results may begin in it; files that are being written do not count.
   *
   * @throws ConfigurationException if it is a file, or cannot be read
   */
  private boolean isMissingOrEmpty() {
    if (!Files.exists(path)) {
      return true;
    }
    try (DirectoryStream<Path> content = Files.newDirectoryStream(path, ResultsFolder::counts)) {
      return !content.iterator().hasNext();
    } catch (NotDirectoryException e) {
      throw new ConfigurationException(path + " is a file; results need a folder", e);
    } catch (IOException e) {
      throw new ConfigurationException(path + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private static boolean counts(Path file) {
    return !file.toString().endsWith(AtomicFile.TEMPORARY);
  }

  private ConfigurationException notEmpty() {
    return new ConfigurationException(
        "%s is not empty, and a run never overwrites another: choose another folder, or go on in it with --resume"
            .formatted(path));
  }

  ConfigurationException notWritable(IOException e) {
    return new ConfigurationException(
        "the folder for results cannot be written: %s (%s)".formatted(path, FileFailure.reason(e)),
        e);
  }

  /**
   * Begins in the folder, or goes on in it. The configuration's text is written in both cases: a
   * process that was killed may not have, and so it shows at once whether writing works.
   *
   * @param file the configuration with which it begins, or is to go on
   * @param resumes whether it goes on where it was begun
   * @param noneHere what to throw where it resumes and there is something else in the folder
   * @param difference of two configurations: a sentence on the first that matters; null if there is
   *     none
   * @throws ConfigurationException if there is something else in the folder, it was begun with a
   *     configuration that gives other results, or it cannot be written
   */
  void begin(
      ConfigurationFile<?> file,
      boolean resumes,
      Supplier<ConfigurationException> noneHere,
      BiFunction<ResolvedConfiguration, ResolvedConfiguration, @Nullable String> difference) {
    // In this order: another process may begin meanwhile, and its first file is the resolved one.
    if (!isMissingOrEmpty() && !isBegun()) {
      throw resumes ? noneHere.get() : notEmpty();
    }
    try {
      if (!isBegun()) {
        madeHere = !Files.exists(path);
        Folders.make(path);
        begunHere =
            AtomicFile.writeIfAbsent(resolved(), file.resolved().getBytes(StandardCharsets.UTF_8));
      }
      if (!begunHere && !resumes) {
        throw notEmpty();
      }
      if (!begunHere) {
        requireSame(file, difference);
      }
      Path verbatim = path.resolve("config.yaml");
      AtomicFile.write(verbatim, Files.exists(verbatim) ? Files.readString(verbatim) : file.text());
    } catch (IOException e) {
      discard();
      throw notWritable(e);
    }
  }

  /**
   * Reads the configuration with which it was begun.
   *
   * @throws StudyRecordException if it cannot be read, or is damaged
   */
  ResolvedConfiguration read() {
    try {
      ResolvedConfiguration read = ResolvedConfiguration.read(readBytes(), resolved().toString());
      if (read != null) {
        return read;
      }
    } catch (ConfigurationException e) {
      throw damaged(Objects.toString(e.getMessage()), e);
    }
    throw new StudyRecordException(
        "%s: the file is empty: the configuration was lost; bring the file back, or begin in another folder"
            .formatted(resolved()));
  }

  byte[] readBytes() {
    try {
      return Files.readAllBytes(resolved());
    } catch (IOException e) {
      throw new StudyRecordException(resolved() + " cannot be read: " + FileFailure.reason(e), e);
    }
  }

  static StudyRecordException damaged(String what, RuntimeException cause) {
    return new StudyRecordException(
        what + "; bring the file back, or begin in another folder", cause);
  }

  /** Refuses to go on with a configuration that gives other results. */
  private void requireSame(
      ConfigurationFile<?> file,
      BiFunction<ResolvedConfiguration, ResolvedConfiguration, @Nullable String> difference) {
    String found = difference(file.resolved(), file.name(), difference);
    if (found != null) {
      throw new ConfigurationException(
          "%s was begun with another configuration: %s; choose another folder"
              .formatted(path, found));
    }
  }

  /** A sentence on what is different; null if nothing is. */
  @Nullable String difference(
      String resolved,
      String name,
      BiFunction<ResolvedConfiguration, ResolvedConfiguration, @Nullable String> difference) {
    ResolvedConfiguration now =
        ResolvedConfiguration.read(resolved.getBytes(StandardCharsets.UTF_8), name);
    return difference.apply(read(), Objects.requireNonNull(now, name));
  }

  /**
   * Takes back the beginning, unless there is anything else in the folder. A folder that was there
   * before stays: it may be a link, or another disk.
   */
  void discard() {
    if (!begunHere || !Files.isDirectory(path)) {
      return;
    }
    try (DirectoryStream<Path> content =
        Files.newDirectoryStream(
            path, file -> counts(file) && !beginning.contains(file.getFileName().toString()))) {
      if (content.iterator().hasNext()) {
        return;
      }
      for (String file : beginning) {
        Files.deleteIfExists(path.resolve(file));
      }
      if (madeHere) {
        Files.delete(path);
      }
    } catch (IOException e) {
      LOG.warn("{} could not be taken back: {}", path, FileFailure.reason(e));
    }
  }
}
