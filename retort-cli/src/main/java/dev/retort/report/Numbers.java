package dev.retort.report;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.NumberFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as the report writes them: one dash for what is undefined, a true minus sign. */
final class Numbers {
  static final String UNDEFINED = "—";

  private Numbers() {}

  /** A fraction in per cent with two decimals, without the sign. */
  static String percent(@Nullable Double fraction) {
    return fraction == null || fraction.isNaN() ? UNDEFINED : decimal(100 * fraction, 2);
  }

  /** A difference of fractions in points, always signed. */
  static String points(@Nullable Double difference) {
    if (difference == null || difference.isNaN()) {
      return UNDEFINED;
    }
    String text = decimal(100 * difference, 2);
    return difference > 0 ? "+" + text : text;
  }

  static String decimal(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value).replace('-', '\u2212');
  }

  /** A whole number with thin spaces between the thousands. */
  static String count(@Nullable Long value) {
    return value == null
        ? UNDEFINED
        : String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f').replace('-', '\u2212');
  }

  /** A p value with two significant digits down to 0.001. */
  static String probability(@Nullable Double p) {
    if (p == null || p.isNaN()) {
      return UNDEFINED;
    }
    if (p < 0.001) {
      return "< 0.001";
    }
    return decimal(p, p < 0.1 ? 3 : 2);
  }

  /** A format with up to so many decimals. */
  static NumberFormat upTo(int decimals) {
    return new DecimalFormat(
        "0." + "#".repeat(decimals), DecimalFormatSymbols.getInstance(Locale.ROOT));
  }
}
