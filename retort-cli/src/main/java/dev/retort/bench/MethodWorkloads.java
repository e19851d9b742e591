package dev.retort.bench;

import dev.retort.data.Splits;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.network.NetworkSummary;
import dev.retort.shrink.UntrainedNetwork;
import dev.retort.study.StudentInitialization;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.teacher.Teacher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A step of each method, from a teacher whose outputs have been computed before. */
final class MethodWorkloads implements AutoCloseable {
  private final Splits data;
  private final Precision precision;
  private final Map<String, Workload> byName = new LinkedHashMap<>();
  private @Nullable MeasuredTeacher teacher;

  /**
   * Makes the teacher, with random weights, and lets it see all images; without methods, does
   * nothing.
   */
  MethodWorkloads(Splits data, List<String> methods, Precision precision) {
    this.data = data;
    this.precision = precision;
    if (!methods.isEmpty()) {
      Map<String, MethodConfiguration> configurations = MethodConfigurations.all();
      configurations.keySet().retainAll(methods);
      this.teacher =
          new MeasuredTeacher(UntrainedNetwork.of(Benchmark.TEACHER, data), data, precision);
      Set<String> taps = distillation(this.teacher.network()).teacherTaps(configurations.values());
      Distillation distillation = distillation(this.teacher.remembered(taps, BenchmarkData.VIEWS));
      configurations.forEach(
          (name, method) ->
              byName.put(
                  name, new TrainingSteps(name, number -> distillation.task(method, number))));
    }
  }

  private Distillation distillation(Teacher of) {
    return new Distillation(data, Benchmark.STUDENT, of, BenchmarkData.VIEWS, precision);
  }

  /** The workloads by the methods' names. */
  Map<String, Workload> byName() {
    return byName;
  }

  /** Multiply-accumulates of the student for one image. */
  long studentMacs() {
    try (TensorScope scope = TensorScope.open()) {
      return NetworkSummary.of(StudentInitialization.random(Benchmark.STUDENT, data, precision, 0))
          .macs();
    }
  }

  @Override
  public void close() {
    if (teacher != null) {
      teacher.close();
    }
  }
}
