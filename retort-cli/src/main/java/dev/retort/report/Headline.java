package dev.retort.report;

import dev.retort.study.ResultNumbers;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a study found, one sentence a student. */
final class Headline {
  private static final String BASELINE = "cross-entropy";

  private Headline() {}

  static List<String> of(StudyResults study) {
    List<String> students = study.studentNames();
    return students.isEmpty()
        ? List.of("No run has finished yet.")
        : students.stream().map(student -> sentence(study, student)).toList();
  }

  private static String sentence(StudyResults study, String student) {
    List<MethodResult> measured = study.measured(student);
    Optional<MethodResult> best =
        measured.stream()
            .max(Comparator.comparingDouble(m -> Objects.requireNonNull(study.accuracy(m).mean())));
    if (best.isEmpty()) {
      return "No run of " + student + " has finished yet.";
    }
    SeedSample sample = study.accuracy(best.get());
    Double deviation = sample.standardDeviation();
    String reached =
        "Trained by %s, %s reaches %s %%%s on the %s images%s"
            .formatted(
                best.get().method(),
                student,
                Numbers.percent(sample.mean()),
                deviation == null ? "" : " ± " + Numbers.percent(deviation),
                study.split(student),
                deviation == null
                    ? " (one seed)"
                    : " (mean ± standard deviation over " + sample.n() + " seeds)");
    return measured.size() == 1
        ? reached + "."
        : "%s, the highest mean of %d methods%s."
            .formatted(
                reached, measured.size(), againstBaseline(study, student, best.get().method()));
  }

  private static String againstBaseline(StudyResults study, String student, String method) {
    Optional<PairedComparison> found =
        study.comparisons().stream()
            .filter(
                c ->
                    c.student().equals(student)
                        && c.method().equals(method)
                        && c.baseline().equals(BASELINE))
            .findFirst();
    if (found.isEmpty() || found.get().meanDifference() == null) {
      return "";
    }
    PairedComparison comparison = found.get();
    String difference =
        "; paired by seed that is "
            + Numbers.points(comparison.meanDifference())
            + " points against "
            + BASELINE;
    if (comparison.low() == null || comparison.high() == null) {
      return difference;
    }
    String p = ResultNumbers.pValue(comparison.adjustedPValue());
    return difference
        + " (95 % interval "
        + Numbers.points(comparison.low())
        + " to "
        + Numbers.points(comparison.high())
        + (p.equals(Numbers.UNDEFINED) ? "" : ", adjusted p " + (p.startsWith("<") ? p : "= " + p))
        + ")";
  }
}
