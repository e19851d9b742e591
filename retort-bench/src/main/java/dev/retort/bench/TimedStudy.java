package dev.retort.bench;

import static java.util.Map.entry;

import dev.retort.data.Splits;
import dev.retort.study.Study;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** A study as {@code retort compare} does it, from an empty folder and an empty cache. */
final class TimedStudy {
  private static final double NANOSECONDS = 1e9;

  private TimedStudy() {}

  /**
   * How long it takes in seconds: every method, one epoch.
   *
   * @param data a part of the bundled data set
   * @param work an empty folder for what it writes
   * @param seeds how many; all see the same views
   */
  static double seconds(
      Splits data, Path work, Path teacher, String student, List<String> methods, int seeds) {
    Map<String, ?> training =
        Map.ofEntries(
            entry("epochs", 1),
            entry("batchSize", BenchmarkData.BATCH_SIZE),
            entry("learningRate", Distillation.LEARNING_RATE),
            entry("schedule", "constant"));
    Study study =
        Study.of(
            Map.ofEntries(
                entry("data", "cifar10-mini"),
                entry("teacher", teacher.toString()),
                entry("student", student),
                entry("training", training),
                entry("seeds", LongStream.rangeClosed(1, seeds).boxed().toList()),
                entry("dataSeed", 1),
                entry("observer", false),
                entry("test", false),
                entry("cache", Map.of("folder", work.resolve("cache").toString())),
                entry("methods", methods)));
    long start = System.nanoTime();
    study.data(data).run(work.resolve("study"));
    return (System.nanoTime() - start) / NANOSECONDS;
  }
}
