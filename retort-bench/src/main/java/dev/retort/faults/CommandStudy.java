package dev.retort.faults;

import dev.retort.data.ImageFolderWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small study for the command itself, on pictures in a folder. */
final class CommandStudy {
  private CommandStudy() {}

  /** Writes a configuration, and the pictures and the teacher that it names, and says where. */
  static Path write(Path folder, String methods) throws IOException {
    ImageFolderWriter.write(SmallStudy.data(), folder.resolve("pictures"));
    SmallStudy.saveTeacher("resnet8", SmallStudy.data(), folder.resolve("teacher.safetensors"));
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        """
        data: folder:pictures
        teacher: teacher.safetensors
        student: resnet8
        training: {epochs: 4, batchSize: %d, precision: fp32, threads: 1}
        seeds: [1]
        methods: %s
        cache: {folder: cache}
        """
            .formatted(SmallStudy.BATCH, methods));
    return file;
  }
}
