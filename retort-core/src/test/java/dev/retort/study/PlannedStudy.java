package dev.retort.study;

import dev.retort.study.config.ConfigurationFile;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.RunName;
import dev.retort.study.config.StudyConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.io.TempDir;

/** A study of two students and three methods, of which nothing is trained. */
@NullUnmarked
abstract class PlannedStudy {
  static final ConfigurationReader READER = ConfigurationReader.standard();

  static final String STUDY =
      """
      data: cifar10:data   # as it was written
      teacher: bundled:cifar10
      students: [resnet8, resnet20]
      training: {epochs: 12}
      seeds: [1, 2]
      methods: [cross-entropy, hinton, {name: own, extends: hinton}]
      """;

  static final Summary.DatasetSizes SIZES =
      new Summary.DatasetSizes("cifar10:data", 45_000, 5_000, 10_000);

  @TempDir Path folder;

  Path out() {
    return folder.resolve("out");
  }

  ConfigurationFile<StudyConfiguration> configuration(String... overrides) throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, STUDY);
    return READER.readStudy(file, List.of(overrides));
  }

  static RunResult result(
      String student, String method, long seed, Double test, Double validation) {
    Double agreement = test == null ? null : 0.875;
    return new RunResult(
        student, method, seed, test, agreement, validation, 10, 4500, 78042, 12, List.of(), null);
  }

  /** What the students of runs cost to serve. */
  static ServingRecord serving(RunName... runs) {
    List<ServingRecord.Model> models =
        Stream.of(runs)
            .map(
                run ->
                    new ServingRecord.Model(
                        run.toString(),
                        run.student(),
                        run.method(),
                        "fp32",
                        0.5,
                        0,
                        0,
                        1,
                        1,
                        1.0,
                        1.0,
                        List.of(1.0),
                        1.0,
                        1L))
            .toList();
    return new ServingRecord("p", "Linux", "17", "1.22", 1, "test", 10, 0.0, models);
  }

  static void finish(StudyFolder study, RunResult result) {
    try (RunFolder run = study.runs().openUnlessTaken(result.run())) {
      run.finish(result);
    }
  }
}
