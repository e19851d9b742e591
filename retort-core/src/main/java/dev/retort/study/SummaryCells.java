package dev.retort.study;

import dev.retort.study.config.TuningBudget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The cells of a summary's tables, with their marks, the same in text, Markdown and HTML. */
public final class SummaryCells {
  /** Of a summary that has no registration. */
  public static final String REGISTRATION_UNKNOWN =
      "Registration unknown: an earlier build made the folder, and all of its seeds count.";

  private static final String BUDGET_MARK = "†";
  private static final String PRIMARY_MARK = "‡";

  private SummaryCells() {}

  /** What the tuning of a method cost; nothing is a budget of none that is known of. */
  public static String budget(@Nullable TuningBudget budget) {
    return budget == null ? ResultNumbers.UNDEFINED : budget.toString();
  }

  /** A comparison's method, with a mark where the comparison is the study's primary one. */
  public static String method(Summary.ComparisonResult comparison) {
    return comparison.method() + (comparison.primary() ? " " + PRIMARY_MARK : "");
  }

  /** A comparison's baseline, with a mark where the two methods' budgets are unequal. */
  public static String baseline(Summary.ComparisonResult comparison) {
    return comparison.baseline() + (comparison.unequalBudgets() ? " " + BUDGET_MARK : "");
  }

  /**
   * A comparison's cells in every table of a text: student, method, baseline, pairs, difference,
   * both ends of its interval, p, adjusted p, and what would be seen four times in five.
   */
  public static List<String> cells(Summary.ComparisonResult row) {
    List<Double> interval = row.ci95();
    return List.of(
        row.student(),
        method(row),
        baseline(row),
        pairs(row),
        ResultNumbers.points(row.meanDifference()),
        ResultNumbers.points(interval == null ? null : interval.get(0)),
        ResultNumbers.points(interval == null ? null : interval.get(1)),
        ResultNumbers.pValue(row.pValue()),
        ResultNumbers.pValue(row.adjustedPValue()),
        ResultNumbers.percent(row.detectableDifference()));
  }

  /** What the marks in a table of comparisons mean, a sentence each; none for marks it lacks. */
  public static List<String> marks(Summary summary) {
    List<String> marks = new ArrayList<>();
    if (summary.comparisons().stream().anyMatch(Summary.ComparisonResult::primary)) {
      marks.add(
          PRIMARY_MARK
              + " The primary comparison: its p is not adjusted for rows without this mark, nor"
              + " theirs for it.");
    }
    if (summary.comparisons().stream().anyMatch(Summary.ComparisonResult::unequalBudgets)) {
      marks.add(
          BUDGET_MARK
              + " The settings of the two methods were tuned by unequal budgets, which may be what"
              + " the difference is of.");
    }
    return marks;
  }

  /**
   * How many of a method's seeds count, how many more there are, how many diverged, and how many
   * are not done.
   */
  public static String seeds(Summary.MethodResult method) {
    int exploratory = method.exploratory().size();
    return method.counted()
        + (exploratory == 0 ? "" : " + " + exploratory + " exploratory")
        + diverged(method.diverged())
        + missing(method.missing());
  }

  /**
   * How many pairs a comparison has, of how many seeds it lacks a run that diverged or is not done,
   * and how many pairs ran on two kinds of processor. The difference is that of the seeds that both
   * methods survive.
   */
  public static String pairs(Summary.ComparisonResult comparison) {
    int across = comparison.acrossProcessors();
    return comparison.n()
        + diverged(comparison.diverged())
        + missing(comparison.missing())
        + (across == 0 ? "" : ", " + across + " on two kinds of processor");
  }

  private static String diverged(int seeds) {
    return seeds == 0 ? "" : ", " + seeds + " diverged";
  }

  private static String missing(int seeds) {
    return seeds == 0 ? "" : ", " + seeds + " not done";
  }
}
