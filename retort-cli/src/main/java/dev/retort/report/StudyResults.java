package dev.retort.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.study.EpochMetrics;
import dev.retort.study.StudyRecordException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a study's folder holds, as far as the study has come.
 *
 * @param folder the folder that was read
 * @param dataset name and sizes of the splits, as {@code summary.json} has them; null without one
 * @param teacher {@code teacher.json}; null where there is none yet
 * @param students one object a student from {@code summary.json}; null without one
 * @param methods a row a student and method, in the study's order
 * @param comparisons as in {@code summary.json}; empty without one
 * @param runs every run that has a folder, in the order of methods and seeds
 * @param environment {@code environment.json}, nested keys joined by dots; where {@code
 *     environment-2.json} and further ones differ, all values
 * @param configuration {@code resolved.yaml} as text; null where there is none
 * @param seeds those that the configuration names; a study may have gone on with others
 * @param training whether the configuration is that of one network's training
 * @param testLeftUnread whether the configuration says {@code test: false}
 * @param gaps what is missing, in sentences
 */
record StudyResults(
    Path folder,
    @Nullable JsonNode dataset,
    @Nullable JsonNode teacher,
    @Nullable JsonNode students,
    List<MethodResult> methods,
    List<PairedComparison> comparisons,
    List<Run> runs,
    Map<String, String> environment,
    @Nullable String configuration,
    List<Long> seeds,
    boolean training,
    boolean testLeftUnread,
    List<String> gaps) {

  /**
   * Reads a study's folder. What is missing is listed in {@link #gaps}.
   *
   * @throws StudyRecordException where the folder is no study's, or a file in it is broken
   */
  static StudyResults read(Path folder) {
    return new StudyFolderReader(folder).read();
  }

  /** The same with one more sentence on what is missing. */
  StudyResults withGap(String gap) {
    List<String> more = new ArrayList<>(gaps);
    more.add(gap);
    return new StudyResults(
        folder,
        dataset,
        teacher,
        students,
        methods,
        comparisons,
        runs,
        environment,
        configuration,
        seeds,
        training,
        testLeftUnread,
        List.copyOf(more));
  }

  /** The students' names in the study's order. */
  List<String> studentNames() {
    return methods.stream().map(MethodResult::student).distinct().toList();
  }

  /** The names of the methods that a student was trained by, in the study's order. */
  List<String> methodNames(String student) {
    return methods.stream()
        .filter(m -> m.student().equals(student))
        .map(MethodResult::method)
        .toList();
  }

  /** The names of all methods, in the study's order. */
  List<String> methodNames() {
    return methods.stream().map(MethodResult::method).distinct().toList();
  }

  List<Run> runs(String student, String method) {
    return runs.stream()
        .filter(r -> r.name().student().equals(student) && r.name().method().equals(method))
        .toList();
  }

  /** The curve of a quantity over the training of one student by one method. */
  SeedCurve curve(
      String student, String method, Function<EpochMetrics, @Nullable Double> quantity) {
    return SeedCurve.over(runs(student, method), quantity);
  }

  /** The names of the discriminators that watched a method, in the order of the files. */
  List<String> discriminators(String student, String method) {
    return runs(student, method).stream()
        .flatMap(run -> run.epochs().stream())
        .flatMap(metrics -> metrics.adversaries().keySet().stream())
        .distinct()
        .toList();
  }

  /** Whether a discriminator other than an observer took part in the training by this method. */
  boolean isAdversarial(String student, String method) {
    return discriminators(student, method).stream().anyMatch(name -> !isObserver(name));
  }

  static boolean isObserver(String discriminator) {
    return discriminator.startsWith("observer:");
  }

  private SeedSample lastValidationAccuracy(String student, String method) {
    List<Long> seeds = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (Run run : runs(student, method)) {
      Double accuracy = run.lastValidationAccuracy();
      if (run.result() != null && accuracy != null) {
        seeds.add(run.name().seed());
        values.add(accuracy);
      }
    }
    return new SeedSample(seeds, values);
  }

  /** The name of the data set; "the data set" where the folder does not tell. */
  String datasetName() {
    String name = dataset == null ? "" : dataset.path("name").asText("");
    return name.isEmpty() ? "the data set" : name;
  }

  /**
   * The images that a student's accuracies are of: "test", or "validation" as long as no run has an
   * accuracy on the test images (a study may leave them unread).
   */
  String split(String student) {
    return methods.stream().anyMatch(m -> m.student().equals(student) && m.testAccuracy().n() > 0)
        ? "test"
        : "validation";
  }

  /** The final accuracies of the finished runs of a method, on the images of {@link #split}. */
  SeedSample accuracy(MethodResult method) {
    return split(method.student()).equals("test")
        ? method.testAccuracy()
        : lastValidationAccuracy(method.student(), method.method());
  }

  /**
   * The teacher's accuracy in [0, 1]; null where there is no teacher, or it was not measured.
   *
   * @param split "test" or "validation", as {@link #split} says
   */
  @Nullable Double teacherAccuracy(String split) {
    JsonNode accuracy = teacher == null ? null : teacher.get(split + "Accuracy");
    return accuracy == null || !accuracy.isNumber() ? null : accuracy.asDouble();
  }

  /** The methods of one student with an accuracy of at least one finished run. */
  List<MethodResult> measured(String student) {
    return methods.stream()
        .filter(m -> m.student().equals(student) && accuracy(m).n() > 0)
        .toList();
  }
}
