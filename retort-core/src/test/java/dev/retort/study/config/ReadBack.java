package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.io.TempDir;

/** Reads configurations, and each a second time as it is written out. */
@NullUnmarked
abstract class ReadBack {
  static final ConfigurationReader READER = ConfigurationReader.standard();

  @TempDir Path folder;

  StudyConfiguration study(String yaml, String... overrides) throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, yaml);
    var read = READER.readStudy(file, List.of(overrides));
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere")).resolve("resolved.yaml");
    Files.writeString(elsewhere, read.resolved());
    assertThat(READER.readStudy(elsewhere, List.of()).configuration())
        .as("resolved.yaml read back, from another folder")
        .isEqualTo(read.configuration());
    return read.configuration();
  }

  static final String SHORT =
      """
      data: cifar10:data
      teacher: bundled:cifar10
      student: resnet8
      training: {epochs: 12}
      methods: [cross-entropy, hinton]
      """;
}
