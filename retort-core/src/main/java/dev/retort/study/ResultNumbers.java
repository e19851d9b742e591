package dev.retort.study;

import dev.retort.study.config.TuningBudget;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Accuracies, differences and p values in text, with the same digits in every table of them. */
public final class ResultNumbers {
  /** What stands for a number that is not there. */
  public static final String UNDEFINED = "–";

  private static final String MARK = "†";

  /** What the mark at a comparison's baseline means. */
  public static final String UNEQUAL_BUDGETS =
      MARK
          + " The settings of the two methods were tuned by unequal budgets, which may be what the"
          + " difference is of.";

  private ResultNumbers() {}

  /** What the tuning of a method cost; nothing is a budget of none that is known of. */
  public static String budget(@Nullable TuningBudget budget) {
    return budget == null ? UNDEFINED : budget.toString();
  }

  /** A comparison's baseline, with a mark where the two methods' budgets are unequal. */
  public static String baseline(Summary.ComparisonResult comparison) {
    return comparison.baseline() + (comparison.unequalBudgets() ? " " + MARK : "");
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

  /** How many seeds count, and how many more there are. */
  public static String seeds(Summary.MethodResult method) {
    return method.exploratory().isEmpty()
        ? Integer.toString(method.counted())
        : "%d + %d exploratory".formatted(method.counted(), method.exploratory().size());
  }

  /** A p value with four decimals, or that it is smaller. */
  public static String pValue(@Nullable Double p) {
    if (p == null) {
      return UNDEFINED;
    }
    return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
  }
}
