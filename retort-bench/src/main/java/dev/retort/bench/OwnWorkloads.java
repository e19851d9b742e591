package dev.retort.bench;

import dev.retort.data.Splits;
import dev.retort.engine.Precision;
import dev.retort.study.StudentInitialization;
import dev.retort.study.config.MethodConfiguration;
import dev.retort.teacher.Teacher;
import dev.retort.weights.LoadedModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What Retort does in the comparison with peers. */
final class OwnWorkloads implements AutoCloseable {
  /** Hinton's method with the teacher in the loop. */
  final TrainingSteps loop;

  /** Hinton's method where the teacher's outputs are computed and kept. */
  final TrainingSteps firstPass;

  /** Hinton's method on the bundled pair, with the cache. */
  final TrainingSteps bundled;

  /** A batch of validation images. */
  final Workload evaluation;

  private final Splits few;
  private final Precision precision;
  private final MeasuredTeacher teacher;
  private final MeasuredTeacher bundledTeacher;
  private final Map<String, TrainingSteps> cached = new LinkedHashMap<>();

  /**
   * Lets both teachers see all images.
   *
   * @param untrained the teacher of all but one workload
   * @param trained the teacher of {@link #bundled}
   */
  OwnWorkloads(Splits data, LoadedModel untrained, LoadedModel trained, Precision precision) {
    this.few = BenchmarkData.few(data);
    this.precision = precision;
    this.teacher = new MeasuredTeacher(untrained, few, precision);
    this.bundledTeacher = new MeasuredTeacher(trained, few, precision);
    Map<String, MethodConfiguration> methods = MethodConfigurations.all();
    methods.keySet().retainAll(PeerComparison.METHODS);
    MethodConfiguration hinton = required(methods, PeerComparison.HINTON);
    Set<String> taps =
        from(teacher.network(), PeerComparison.STUDENT, 0).teacherTaps(methods.values());
    loop =
        steps(
            "teacher in the loop", from(teacher.live(Set.of()), PeerComparison.STUDENT, 0), hinton);
    int views = BenchmarkData.VIEWS;
    Distillation remembered = from(teacher.remembered(taps, views), PeerComparison.STUDENT, views);
    methods.forEach(
        (name, method) -> cached.put(name, steps(name + " from the cache", remembered, method)));
    firstPass =
        new TrainingSteps(
            "first pass of the teacher",
            number -> from(teacher.keeping(taps), PeerComparison.STUDENT, 0).task(hinton, number));
    bundled =
        steps(
            "bundled teacher from the cache",
            from(bundledTeacher.remembered(Set.of(), views), PeerComparison.BUNDLED_STUDENT, views),
            hinton);
    evaluation =
        new Classification(
            StudentInitialization.random(PeerComparison.STUDENT, data, precision, 0),
            data,
            precision);
  }

  private Distillation from(Teacher of, String student, int views) {
    return new Distillation(few, student, of, views, precision);
  }

  private static TrainingSteps steps(
      String name, Distillation distillation, MethodConfiguration method) {
    return new TrainingSteps(name, number -> distillation.task(method, number));
  }

  private static <T> T required(Map<String, T> byName, String name) {
    return Objects.requireNonNull(byName.get(name), name);
  }

  /** A method with the teacher's outputs from the cache. */
  TrainingSteps cached(String method) {
    return required(cached, method);
  }

  /** What a study costs. */
  StudyCost cost(Measured measured) {
    Map<String, Double> steps = new LinkedHashMap<>();
    cached.forEach((name, workload) -> steps.put(name, measured.time(workload).value()));
    double kept = measured.time(firstPass).value() - required(steps, PeerComparison.HINTON);
    return new StudyCost(
        steps, measured.time(evaluation).value() / Classification.IMAGES, Math.max(0, kept));
  }

  @Override
  public void close() {
    teacher.close();
    bundledTeacher.close();
  }
}
