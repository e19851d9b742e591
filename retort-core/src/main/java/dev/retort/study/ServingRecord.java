package dev.retort.study;

import dev.retort.engine.Processor;
import dev.retort.serving.Estimate;
import dev.retort.serving.ServingProcess;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the models of a study cost to serve in ONNX Runtime: {@code serving.json}.
 *
 * @param processor its name
 * @param os the operating system, its version and architecture
 * @param java the version of the Java runtime
 * @param onnxRuntime its version
 * @param threads of one call
 * @param measuredOn {@link Summary#TEST} or {@link Summary#VALIDATION}: the images that accuracies
 *     are of
 * @param images how many of these have a label
 * @param otherProcesses the cores that other processes took meanwhile; null where that is unknown
 * @param models the teacher's first, then the students' in the study's order
 */
public record ServingRecord(
    String processor,
    String os,
    String java,
    String onnxRuntime,
    int threads,
    String measuredOn,
    int images,
    @Nullable Double otherProcesses,
    List<Model> models) {
  /** Of a file in fp32. */
  public static final String FP32 = "fp32";

  /** Of a file quantised after training. */
  public static final String INT8 = "int8";

  /** Of a teacher's ONNX file. */
  public static final String GIVEN = "as given";

  public ServingRecord {
    StudyJson.requirePresent(
        "processor, os, java, onnxRuntime, measuredOn, models",
        processor,
        os,
        java,
        onnxRuntime,
        measuredOn,
        models);
    models = List.copyOf(models);
  }

  /**
   * One file.
   *
   * @param name the teacher's, or the run's
   * @param student the student's name in the study; null of the teacher
   * @param method null likewise
   * @param numbers {@link #FP32}, {@link #INT8} or {@link #GIVEN}
   * @param accuracy of the file in ONNX Runtime, in [0, 1]; null where no image has a label
   * @param gained how many of the images it decides right and the teacher wrong; null of the
   *     teacher, and where that was not measured
   * @param lost how many the teacher decides right and it wrong; null likewise
   * @param bytes of the file and of the external data beside it
   * @param calls how many calls with one image were timed; 0 where the file takes no single image
   * @param p50Milliseconds the median of these calls; null likewise
   * @param p99Milliseconds what 99 of 100 of them took at most; null likewise
   * @param roundsMilliseconds the median of each round, in which all files were timed by turns
   * @param imagesPerSecond in batches of 32; null where the file takes no such batch
   * @param residentBytes the memory of a virtual machine that serves this file alone; null where
   *     the system does not say
   */
  public record Model(
      String name,
      @Nullable String student,
      @Nullable String method,
      String numbers,
      @Nullable Double accuracy,
      @Nullable Integer gained,
      @Nullable Integer lost,
      long bytes,
      int calls,
      @Nullable Double p50Milliseconds,
      @Nullable Double p99Milliseconds,
      List<Double> roundsMilliseconds,
      @Nullable Double imagesPerSecond,
      @Nullable Long residentBytes) {
    public Model {
      StudyJson.requirePresent("name, numbers", name, numbers);
      accuracy = StudyJson.finiteOrNull(accuracy);
      roundsMilliseconds = roundsMilliseconds == null ? List.of() : List.copyOf(roundsMilliseconds);
    }

    /** Whether it is the teacher. */
    public boolean ofTeacher() {
      return student == null;
    }

    /**
     * Whether it is at least as good as another in accuracy and time, and better in one of them.
     */
    private boolean dominates(Model other) {
      double accuracyGained = known(accuracy) - known(other.accuracy);
      double timeSaved = known(other.p50Milliseconds) - known(p50Milliseconds);
      return accuracyGained >= 0 && timeSaved >= 0 && accuracyGained + timeSaved > 0;
    }

    private static double known(@Nullable Double value) {
      return Objects.requireNonNull(value);
    }

    private boolean hasBoth() {
      return accuracy != null && p50Milliseconds != null;
    }
  }

  /** Whether it was measured on this kind of processor, by this Java and this ONNX Runtime. */
  public boolean measuredAsHere() {
    return processor.equals(Processor.name())
        && java.equals(Runtime.version().toString())
        && onnxRuntime.equals(ServingProcess.runtime());
  }

  /** The teacher before any quantisation; none where it was not measured. */
  public Optional<Model> teacher() {
    return models.stream()
        .filter(model -> model.ofTeacher() && !model.numbers().equals(INT8))
        .findFirst();
  }

  /** The file of a student in such numbers; none where it was not measured. */
  public Optional<Model> ofStudent(String student, String numbers) {
    return models.stream()
        .filter(model -> student.equals(model.student()) && model.numbers().equals(numbers))
        .findFirst();
  }

  /**
   * How many times as fast as the teacher a model is with one image: the ratios of the medians of
   * each round. Null where one of the two was not timed, or there is no teacher.
   */
  public @Nullable Estimate speedup(Model model) {
    List<Double> ofTeacher = teacher().map(Model::roundsMilliseconds).orElse(List.of());
    List<Double> own = model.roundsMilliseconds();
    return ofTeacher.isEmpty() || own.size() != ofTeacher.size()
        ? null
        : Estimate.ratio(ofTeacher, own);
  }

  /**
   * The Pareto front: the models that no other one is as good as in accuracy and in p50, and better
   * than in one of them; by p50, ascending.
   */
  public List<Model> paretoFront() {
    List<Model> known = models.stream().filter(Model::hasBoth).toList();
    return known.stream()
        .filter(model -> known.stream().noneMatch(other -> other.dominates(model)))
        .sorted(Comparator.comparing(Model::p50Milliseconds))
        .toList();
  }
}
