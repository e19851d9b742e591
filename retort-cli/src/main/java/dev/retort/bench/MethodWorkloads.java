package dev.retort.bench;

import dev.retort.data.Batch;
import dev.retort.data.BatchStream;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.study.MethodConfiguration;
import dev.retort.teacher.CachedTeacher;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A step of each method, from a teacher whose outputs have been computed before. */
final class MethodWorkloads implements AutoCloseable {
  private final Splits data;
  private final String student;
  private final Precision precision;
  private final Map<String, Workload> byName = new LinkedHashMap<>();
  private final @Nullable CachedTeacher teacher;
  private final @Nullable TeacherCache cache;

  /**
   * Makes the teacher, with random weights, and lets it see all images; without methods, does
   * nothing.
   */
  MethodWorkloads(
      Splits data, String student, String teacher, List<String> methods, Precision precision) {
    this.data = data;
    this.student = student;
    this.precision = precision;
    if (methods.isEmpty()) {
      this.teacher = null;
      this.cache = null;
      return;
    }
    Map<String, MethodConfiguration> configurations = MethodConfigurations.all();
    configurations.keySet().retainAll(methods);
    NetworkTeacher live =
        new NetworkTeacher(
            BenchmarkTeachers.untrained(teacher, data), data.statistics(), precision, Device.CPU);
    this.cache = temporaryCache();
    this.teacher = remembering(live, configurations.values(), cache);
    Distillation distillation = new Distillation(data, student, this.teacher, precision);
    configurations.forEach(
        (name, method) ->
            byName.put(name, new TrainingSteps(name, number -> distillation.task(method, number))));
  }

  private static TeacherCache temporaryCache() {
    try {
      return new TeacherCache(Files.createTempDirectory("retort-bench"), Long.MAX_VALUE);
    } catch (IOException e) {
      throw new UncheckedIOException("the teacher's outputs cannot be kept: " + e.getMessage(), e);
    }
  }

  private CachedTeacher remembering(
      Teacher live, Collection<MethodConfiguration> methods, TeacherCache cache) {
    Set<String> taps = new Distillation(data, student, live, precision).teacherTaps(methods);
    CachedTeacher cached = new CachedTeacher(live, taps, precision, cache);
    try (BatchStream stream =
        BatchStream.training(
            data.train(), data.inputShape(), data.statistics(), BenchmarkData.plan(0), precision)) {
      for (int view = 0; view < BenchmarkData.VIEWS; view++) {
        for (Batch batch : stream.epoch(view, 0)) {
          try (TensorScope scope = TensorScope.open()) {
            cached.activations(batch, taps);
          }
        }
      }
    }
    return cached;
  }

  /** The workloads by the methods' names. */
  Map<String, Workload> byName() {
    return byName;
  }

  /** Multiply-accumulates of the student for one image. */
  long studentMacs() {
    try (TensorScope scope = TensorScope.open()) {
      return NetworkSummary.of(
              Networks.create(
                  student,
                  data.inputShape(),
                  data.classes().size(),
                  precision.parameterType(),
                  RandomSource.of(0, "summary")))
          .macs();
    }
  }

  @Override
  public void close() {
    if (teacher != null) {
      teacher.close();
    }
    if (cache != null) {
      cache.clear();
    }
  }
}
