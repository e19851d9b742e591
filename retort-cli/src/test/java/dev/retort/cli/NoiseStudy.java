package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A study of trainings of a second: of noise, with a teacher that has learnt it. */
final class NoiseStudy {
  private NoiseStudy() {}

  /**
   * Writes data, teacher and configuration.
   *
   * @param rest what the configuration says of seeds, methods and all else
   * @return the configuration
   */
  static Path write(Path folder, String rest) throws IOException {
    IdxNoise.write(folder, 400, 20);
    String training = "training: {epochs: 2, batchSize: 20, precision: fp32, threads: 1}\n";
    Path network =
        Files.writeString(
            folder.resolve("teacher.yaml"),
            "data: idx:data\nnetwork: resnet8\ntest: false\n" + training);
    Path teacher = folder.resolve("teacher");
    CommandRun trained = CommandRun.of("train", network.toString(), "--out", teacher.toString());
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    return Files.writeString(
        folder.resolve("study.yaml"),
        """
        data: idx:data
        teacher: teacher/runs/resnet8-cross-entropy-seed1
        student: resnet8
        cache: {folder: cache}
        checkpoints: {steps: 10}
        """
            + training
            + rest);
  }

  /** The bytes of every student in a study's folder, by its run. */
  static Map<String, String> students(Path study) throws IOException {
    Map<String, String> students = new TreeMap<>();
    try (Stream<Path> runs = Files.list(study.resolve("runs"))) {
      for (Path run : runs.toList()) {
        byte[] bytes = Files.readAllBytes(run.resolve("student.safetensors"));
        students.put(run.getFileName().toString(), HexFormat.of().formatHex(bytes));
      }
    }
    return students;
  }
}
