package dev.retort.study;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a study ran: {@code environment.json} in its folder, and for a second machine or build
 * {@code environment-2.json}, and so on.
 */
final class EnvironmentFiles {
  private static final Logger LOG = LoggerFactory.getLogger(EnvironmentFiles.class);

  private final Path folder;

  /**
   * @param folder the study's
   */
  EnvironmentFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Records where the study runs, unless it has run there before.
   *
   * @return the file's name
   */
  String record(Environment environment) {
    for (int i = 1; ; i++) {
      Path file = file(i);
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
  @Nullable Environment of(RunResult result) {
    String file = result.environment();
    return file == null ? null : StudyJson.read(folder.resolve(file), Environment.class);
  }

  /** The same; null where the file is damaged. */
  @Nullable Environment ofOrNull(RunResult result) {
    try {
      return of(result);
    } catch (StudyRecordException e) {
      LOG.debug("where {} ended is not known", result.run(), e); // its accuracy counts all the same
      return null;
    }
  }

  /**
   * All, in the order of their files.
   *
   * @throws StudyRecordException if a file is damaged
   */
  List<Environment> all() {
    return IntStream.iterate(1, i -> Files.exists(file(i)), i -> i + 1)
        .mapToObj(i -> StudyJson.read(file(i), Environment.class))
        .toList();
  }

  /**
   * Where the study was begun; nothing before that is on record.
   *
   * @throws StudyRecordException if the file is damaged
   */
  Optional<Environment> first() {
    return StudyJson.readIfPresent(file(1), Environment.class);
  }

  private Path file(int number) {
    return folder.resolve(number == 1 ? "environment.json" : "environment-" + number + ".json");
  }
}
