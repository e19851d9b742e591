package dev.retort.faults;

import dev.retort.data.DatasetSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A study on bundled images, as small as they let it be, for the command itself. */
final class CommandStudy {
  private CommandStudy() {}

  /** Writes a configuration, and the teacher that it names, and says where. */
  static Path write(Path folder, String methods) throws IOException {
    Path teacher = folder.resolve("teacher.safetensors");
    SmallStudy.saveTeacher(
        "resnet8", DatasetSource.parse("cifar10-mini", Path.of("")).open(), teacher);
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        teacher: teacher.safetensors
        student: resnet8
        training: {epochs: 1, batchSize: 500, precision: fp32, threads: 1}
        seeds: [1]
        methods: %s
        cache: {folder: cache}
        """
            .formatted(methods));
    return file;
  }
}
