package dev.retort.study;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Accuracies, differences and p values in text, with the same digits wherever they are shown. */
public final class ResultNumbers {
  /** What stands for a number that is not there. */
  public static final String UNDEFINED = "–";

  private ResultNumbers() {}

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

  /** A p value with four decimals, or that it is smaller. */
  public static String pValue(@Nullable Double p) {
    if (p == null) {
      return UNDEFINED;
    }
    return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
  }
}
