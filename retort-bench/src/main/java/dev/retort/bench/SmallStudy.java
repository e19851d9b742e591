package dev.retort.bench;

import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.study.ConfigurationFile;
import dev.retort.study.ConfigurationReader;
import dev.retort.study.RunSelection;
import dev.retort.study.StudyConfiguration;
import dev.retort.study.StudyFolder;
import dev.retort.study.StudyListener;
import dev.retort.study.StudyRunner;
import dev.retort.training.StopRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** A study as {@code retort compare} does it, from an empty folder and an empty cache. */
final class SmallStudy {
  private static final double NANOSECONDS = 1e9;

  private SmallStudy() {}

  /**
   * How long it takes in seconds: every method, one epoch.
   *
   * @param data a part of the bundled data set
   * @param work an empty folder for what it writes
   * @param seeds how many; all see the same views
   */
  static double seconds(
      Splits data, Path work, Path teacher, String student, List<String> methods, int seeds) {
    String text =
        """
        data: cifar10-mini
        teacher: %s
        student: %s
        training: {epochs: 1, batchSize: %d, learningRate: %s, schedule: constant}
        seeds: %s
        dataSeed: 1
        observer: false
        test: false
        cache: {folder: %s}
        methods: %s
        """
            .formatted(
                teacher,
                student,
                BenchmarkData.BATCH_SIZE,
                Distillation.LEARNING_RATE,
                LongStream.rangeClosed(1, seeds).boxed().toList(),
                work.resolve("cache"),
                methods);
    try {
      Path file = Files.writeString(work.resolve("study.yaml"), text);
      ConfigurationFile<StudyConfiguration> configuration =
          ConfigurationReader.standard().readStudy(file, List.of());
      long start = System.nanoTime();
      StudyFolder folder = StudyFolder.create(work.resolve("study"), configuration);
      try (StudyRunner runner =
          new StudyRunner(
              configuration.configuration(),
              data,
              folder,
              Device.CPU,
              new StudyListener() {},
              new StopRequest())) {
        runner.run(RunSelection.ALL);
      }
      return (System.nanoTime() - start) / NANOSECONDS;
    } catch (IOException e) {
      throw new UncheckedIOException("the small study could not be written: " + e.getMessage(), e);
    }
  }
}
