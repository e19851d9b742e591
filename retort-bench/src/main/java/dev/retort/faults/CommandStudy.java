package dev.retort.faults;

import dev.retort.data.ImageFolderWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small study for the command itself, on pictures in a folder. */
final class CommandStudy {
  private CommandStudy() {}

  /**
   * Writes a configuration and the teacher that it names, and says where.
   *
   * @param work has the pictures, whose place a student's file records: the same for all studies
   *     that are compared
   */
  static Path write(Path work, Path folder, String methods) throws IOException {
    return write(work, folder, methods, 4);
  }

  /** The same with another number of epochs. */
  static Path write(Path work, Path folder, String methods, int epochs) throws IOException {
    Path pictures = work.resolve("pictures");
    if (!Files.exists(pictures)) {
      ImageFolderWriter.write(SmallStudy.data(), pictures);
    }
    SmallStudy.saveTeacher("resnet8", SmallStudy.data(), folder.resolve("teacher.safetensors"));
    Path file = folder.resolve("study-of-" + epochs + ".yaml");
    Files.writeString(
        file,
        """
        data: folder:%s
        teacher: teacher.safetensors
        student: resnet8
        training: {epochs: %d, batchSize: %d, precision: fp32, threads: 1}
        views: 4
        seeds: [1]
        methods: %s
        cache: {folder: cache}
        """
            .formatted(pictures, epochs, SmallStudy.BATCH, methods));
    return file;
  }
}
