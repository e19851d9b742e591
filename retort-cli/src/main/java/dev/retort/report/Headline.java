package dev.retort.report;

import dev.retort.study.ResultNumbers;
import dev.retort.study.Statistics;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    List<MethodResult> measured =
        study.measured(student).stream()
            .sorted(Comparator.comparingDouble((MethodResult m) -> mean(study, m)).reversed())
            .toList();
    if (measured.isEmpty()) {
      return "No run of " + student + " has finished yet.";
    }
    MethodResult best = measured.get(0);
    SeedSample sample = study.accuracy(best);
    Double deviation = sample.standardDeviation();
    String reached =
        "Trained by %s, %s reaches %s %%%s on the %s images%s"
            .formatted(
                best.method(),
                student,
                Numbers.percent(sample.mean()),
                deviation == null ? "" : " ± " + Numbers.percent(deviation),
                study.split(student),
                deviation == null
                    ? " (one seed)"
                    : " (mean ± standard deviation over " + sample.n() + " seeds)");
    Double ofTeacher = study.teacherAccuracy(study.split(student));
    String teacher =
        ofTeacher == null ? "" : " The teacher reaches " + Numbers.percent(ofTeacher) + " %.";
    if (measured.size() == 1) {
      return reached + "." + teacher;
    }
    MethodResult next = measured.get(1);
    String baseline = againstBaseline(study, student, best.method());
    boolean baselineIsNext = !baseline.isEmpty() && next.method().equals(BASELINE);
    String differences =
        Stream.of(baseline, baselineIsNext ? "" : againstNext(study, best, next))
            .filter(difference -> !difference.isEmpty())
            .collect(Collectors.joining(", and "));
    return "%s, the highest mean of %d methods%s.%s"
        .formatted(
            reached,
            measured.size(),
            differences.isEmpty() ? "" : "; paired by seed that is " + differences,
            teacher);
  }

  private static double mean(StudyResults study, MethodResult method) {
    return Objects.requireNonNull(study.accuracy(method).mean());
  }

  /** The highest mean is a winner only as far as the seeds tell it from the next. */
  private static String againstNext(StudyResults study, MethodResult best, MethodResult next) {
    Statistics.PairedDifference paired =
        Statistics.paired(study.accuracy(best).minus(study.accuracy(next)));
    if (paired.mean() == null) {
      return "";
    }
    String difference =
        Numbers.points(paired.mean()) + " points against the next, " + next.method();
    List<Double> interval = paired.interval();
    if (interval == null) {
      return difference;
    }
    double low = interval.get(0);
    double high = interval.get(1);
    return "%s (95 %% interval %s to %s%s)"
        .formatted(
            difference,
            Numbers.points(low),
            Numbers.points(high),
            low <= 0 && high >= 0
                ? ": these " + paired.n() + " seeds do not tell the two apart"
                : "");
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
    String difference = Numbers.points(comparison.meanDifference()) + " points against " + BASELINE;
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
