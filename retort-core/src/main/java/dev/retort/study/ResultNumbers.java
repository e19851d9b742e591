package dev.retort.study;

import dev.retort.study.config.TuningBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Accuracies, differences and p values in text, with the same digits in every table of them. */
public final class ResultNumbers {
  /** What stands for a number that is not there. */
  public static final String UNDEFINED = "–";

  /** Of a summary that has no registration. */
  public static final String REGISTRATION_UNKNOWN =
      "Registration unknown: an earlier build made the folder, and all of its seeds count.";

  private static final String BUDGET_MARK = "†";
  private static final String PRIMARY_MARK = "‡";

  private ResultNumbers() {}

  /** What the tuning of a method cost; nothing is a budget of none that is known of. */
  public static String budget(@Nullable TuningBudget budget) {
    return budget == null ? UNDEFINED : budget.toString();
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
        points(row.meanDifference()),
        points(interval == null ? null : interval.get(0)),
        points(interval == null ? null : interval.get(1)),
        pValue(row.pValue()),
        pValue(row.adjustedPValue()),
        percent(row.detectableDifference()));
  }

  /** A fraction in per cent with two decimals, without the sign of per cent. */
  public static String percent(@Nullable Double fraction) {
    return fraction == null ? UNDEFINED : String.format(Locale.ROOT, "%.2f", 100 * fraction);
  }

  /** The same with the sign, which what is not there does not have. */
  public static String percentWithSign(@Nullable Double fraction) {
    return fraction == null ? UNDEFINED : percent(fraction) + " %";
  }

  /** A difference of fractions in points with two decimals, always signed. */
  public static String points(@Nullable Double difference) {
    return difference == null ? UNDEFINED : String.format(Locale.ROOT, "%+.2f", 100 * difference);
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

  /** A p value with four decimals, or that it is smaller. */
  public static String pValue(@Nullable Double p) {
    if (p == null) {
      return UNDEFINED;
    }
    return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
  }

  /** A length of time: {@code 0:07}, {@code 12:30}, {@code 1:02:03}. */
  public static String clockTime(double seconds) {
    long whole = Math.max(0, Math.round(seconds));
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }

  /** A row of a table in Markdown; a bar in a cell, as in a file's name, would divide it. */
  public static String markdownRow(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }
}
