package dev.retort.report;

import dev.retort.study.ResultNumbers;
import dev.retort.study.Statistics;
import dev.retort.study.Summary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
          last,
          sentences.get(last) + " The teacher reaches " + ResultNumbers.percent(ofTeacher) + " %.");
    }
    return sentences;
  }

  private static String sentence(StudyResults study, String student) {
    List<Summary.MethodResult> all = study.methods(student);
    List<Summary.MethodResult> measured =
        study.measured(student).stream()
            .sorted(Comparator.comparingDouble(Headline::mean).reversed())
            .toList();
    if (measured.isEmpty()) {
      return unmeasured(student, all);
    }
    // A mean over fewer seeds than are registered may be that of the easier ones.
    List<Summary.MethodResult> done = measured.stream().filter(row -> row.missing() == 0).toList();
    List<Summary.MethodResult> ranked = done.isEmpty() ? measured : done;
    Summary.MethodResult best = ranked.get(0);
    Double deviation = best.sd();
    String reached =
        "Trained by %s, %s reaches %s %%%s on the %s images%s"
            .formatted(
                best.name(),
                student,
                ResultNumbers.percent(best.mean()),
                deviation == null ? "" : " ± " + ResultNumbers.percent(deviation),
                study.split(),
                deviation == null
                    ? " (one seed)"
                    : " (mean ± standard deviation over %d seeds%s)"
                        .formatted(
                            best.counted(),
                            best.diverged() == 0
                                ? ""
                                : ", without %d that diverged".formatted(best.diverged())));
    String others = others(all);
    if (ranked.size() == 1) {
      return reached + others + ".";
    }
    Summary.MethodResult next = ranked.get(1);
    String baseline = againstBaseline(study, student, best.name());
    boolean baselineIsNext = !baseline.isEmpty() && next.name().equals(BASELINE);
    String differences =
        Stream.of(baseline, baselineIsNext ? "" : againstNext(study, best, next))
            .filter(difference -> !difference.isEmpty())
            .collect(Collectors.joining(", and "));
    long equal = ranked.stream().filter(row -> mean(row) == mean(best)).count() - 1;
    return "%s, the highest mean%s of %d methods%s%s%s."
        .formatted(
            reached,
            done.isEmpty() ? " so far" : "",
            ranked.size(),
            equal == 0 ? "" : ", shared with %d of them".formatted(equal),
            others,
            differences.isEmpty() ? "" : "; paired by seed that is " + differences);
  }

  private static String unmeasured(String student, List<Summary.MethodResult> all) {
    if (all.stream().allMatch(row -> row.diverged() > 0 && row.missing() == 0)) {
      return "Every run of " + student + " has diverged.";
    }
    int exploratory = all.stream().mapToInt(row -> row.exploratory().size()).sum();
    return exploratory == 0
        ? "No run of " + student + " has finished yet."
        : "No registered run of %s has finished yet; %d exploratory runs have, and enter no mean."
            .formatted(student, exploratory);
  }

  /** What there is of methods that are not ranked, or not by all of their seeds. */
  private static String others(List<Summary.MethodResult> all) {
    long open = all.stream().filter(row -> row.missing() > 0).count();
    long lost = all.stream().filter(row -> row.mean() == null && row.missing() == 0).count();
    String words =
        Stream.of(
                open == 0 ? "" : "%d of %d not done".formatted(open, all.size()),
                lost == 0 ? "" : "%d of %d diverged in every run".formatted(lost, all.size()))
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", "));
    return words.isEmpty() ? "" : " (" + words + ")";
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
    String registered =
        comparison(study, best.student(), best.name(), next.name())
            .or(() -> comparison(study, best.student(), next.name(), best.name()))
            .map(Headline::adjusted)
            .orElse(": not a registered comparison");
    return difference(
        paired.mean(),
        "the next, " + next.name(),
        !Objects.equals(best.budget(), next.budget()),
        paired.n(),
        interval,
        isTie ? ": with these " + paired.n() + " seeds it is not significant" : registered);
  }

  private static Optional<Summary.ComparisonResult> comparison(
      StudyResults study, String student, String method, String baseline) {
    return study.summary().comparisons().stream()
        .filter(c -> c.student().equals(student))
        .filter(c -> c.method().equals(method) && c.baseline().equals(baseline))
        .findFirst();
  }

  private static String adjusted(Summary.ComparisonResult comparison) {
    String p = ResultNumbers.pValue(comparison.adjustedPValue());
    return p.equals(ResultNumbers.UNDEFINED)
        ? ""
        : ", adjusted p " + (p.startsWith("<") ? p : "= " + p);
  }

  /**
   * A difference in a sentence.
   *
   * @param n the number of pairs
   * @param note what its interval, if there is one, is followed by
   */
  private static String difference(
      Double mean,
      String against,
      boolean unequalBudgets,
      int n,
      @Nullable List<Double> interval,
      String note) {
    String difference =
        "%s points against %s%s"
            .formatted(
                Numbers.points(mean),
                against,
                unequalBudgets ? " (settings tuned by unequal budgets)" : "");
    if (interval == null) {
      return difference
          + (n == 1 ? " (one pair: no interval)" : " (all " + n + " pairs alike: no interval)");
    }
    return "%s (95 %% interval %s to %s%s)"
        .formatted(
            difference, Numbers.points(interval.get(0)), Numbers.points(interval.get(1)), note);
  }

  private static String againstBaseline(StudyResults study, String student, String method) {
    Summary.ComparisonResult comparison = comparison(study, student, method, BASELINE).orElse(null);
    Double mean = comparison == null ? null : comparison.meanDifference();
    if (comparison == null || mean == null) {
      return "";
    }
    return difference(
        mean,
        BASELINE,
        comparison.unequalBudgets(),
        comparison.n(),
        comparison.ci95(),
        adjusted(comparison));
  }
}
