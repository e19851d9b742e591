package dev.retort.report;

import dev.retort.study.ResultNumbers;
import dev.retort.study.Statistics;
import dev.retort.study.Summary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a study found, one sentence a student, and the teacher's accuracy. */
final class Headline {
  private static final String BASELINE = "cross-entropy";

  private Headline() {}

  static List<String> of(StudyResults study) {
    List<String> sentences =
        new ArrayList<>(
            study.plan().students().stream().map(student -> sentence(study, student)).toList());
    Double ofTeacher = study.teacherAccuracy();
    boolean anyMeasured =
        study.plan().students().stream().anyMatch(student -> !study.measured(student).isEmpty());
    if (ofTeacher != null && anyMeasured) {
      int last = sentences.size() - 1;
      sentences.set(
          last, sentences.get(last) + " The teacher reaches " + Numbers.percent(ofTeacher) + " %.");
    }
    return sentences;
  }

  private static String sentence(StudyResults study, String student) {
    List<Summary.MethodResult> measured =
        study.measured(student).stream()
            .sorted(Comparator.comparingDouble(Headline::mean).reversed())
            .toList();
    if (measured.isEmpty()) {
      boolean allDiverged =
          study.summary().methods().stream()
              .filter(row -> row.student().equals(student))
              .allMatch(row -> row.diverged() > 0 && row.missing() == 0);
      return allDiverged
          ? "Every run of " + student + " has diverged."
          : "No run of " + student + " has finished yet.";
    }
    Summary.MethodResult best = measured.get(0);
    Double deviation = best.sd();
    String reached =
        "Trained by %s, %s reaches %s %%%s on the %s images%s"
            .formatted(
                best.name(),
                student,
                Numbers.percent(best.mean()),
                deviation == null ? "" : " ± " + Numbers.percent(deviation),
                study.split(),
                deviation == null
                    ? " (one seed)"
                    : " (mean ± standard deviation over %d seeds%s)"
                        .formatted(
                            best.counted(),
                            best.diverged() == 0
                                ? ""
                                : ", without %d that diverged".formatted(best.diverged())));
    if (measured.size() == 1) {
      return reached + ".";
    }
    Summary.MethodResult next = measured.get(1);
    String baseline = againstBaseline(study, student, best.name());
    boolean baselineIsNext = !baseline.isEmpty() && next.name().equals(BASELINE);
    String differences =
        Stream.of(baseline, baselineIsNext ? "" : againstNext(study, best, next))
            .filter(difference -> !difference.isEmpty())
            .collect(Collectors.joining(", and "));
    return "%s, the highest mean of %d methods%s."
        .formatted(
            reached,
            measured.size(),
            differences.isEmpty() ? "" : "; paired by seed that is " + differences);
  }

  private static double mean(Summary.MethodResult method) {
    return Objects.requireNonNull(method.mean());
  }

  /** The highest mean is a winner only as far as the seeds tell it from the next. */
  private static String againstNext(
      StudyResults study, Summary.MethodResult best, Summary.MethodResult next) {
    Map<Long, Double> ofNext = next.counted(study.accuracies(next));
    List<Double> differences = new ArrayList<>();
    best.counted(study.accuracies(best))
        .forEach(
            (seed, accuracy) -> {
              Double other = ofNext.get(seed);
              if (other != null) {
                differences.add(accuracy - other);
              }
            });
    Statistics.PairedDifference paired = Statistics.paired(differences);
    if (paired.mean() == null) {
      return "";
    }
    List<Double> interval = paired.interval();
    boolean isTie = interval != null && interval.get(0) <= 0 && interval.get(1) >= 0;
    return difference(
        paired.mean(),
        "the next, " + next.name(),
        !Objects.equals(best.budget(), next.budget()),
        interval,
        isTie ? ": with these " + paired.n() + " seeds it is not significant" : "");
  }

  /**
   * A difference in a sentence.
   *
   * @param note what its interval, if there is one, is followed by
   */
  private static String difference(
      Double mean,
      String against,
      boolean unequalBudgets,
      @Nullable List<Double> interval,
      String note) {
    String difference =
        "%s points against %s%s"
            .formatted(
                Numbers.points(mean),
                against,
                unequalBudgets ? " (settings tuned by unequal budgets)" : "");
    return interval == null
        ? difference
        : "%s (95 %% interval %s to %s%s)"
            .formatted(
                difference, Numbers.points(interval.get(0)), Numbers.points(interval.get(1)), note);
  }

  private static String againstBaseline(StudyResults study, String student, String method) {
    Summary.ComparisonResult comparison =
        study.summary().comparisons().stream()
            .filter(
                c ->
                    c.student().equals(student)
                        && c.method().equals(method)
                        && c.baseline().equals(BASELINE))
            .findFirst()
            .orElse(null);
    Double mean = comparison == null ? null : comparison.meanDifference();
    if (comparison == null || mean == null) {
      return "";
    }
    String p = ResultNumbers.pValue(comparison.adjustedPValue());
    return difference(
        mean,
        BASELINE,
        comparison.unequalBudgets(),
        comparison.ci95(),
        p.equals(Numbers.UNDEFINED) ? "" : ", adjusted p " + (p.startsWith("<") ? p : "= " + p));
  }
}
