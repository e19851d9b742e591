package dev.retort.report;

import dev.retort.study.ResultNumbers;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.NumberFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as the report writes them, with a true minus sign. */
final class Numbers {
  private Numbers() {}

  /** A difference of fractions in points, always signed. */
  static String points(@Nullable Double difference) {
    return ResultNumbers.points(difference).replace('-', '\u2212');
  }

  static String decimal(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value).replace('-', '\u2212');
  }

  /** A whole number with thin spaces between the thousands. */
  static String count(@Nullable Long value) {
    return value == null
        ? ResultNumbers.UNDEFINED
        : String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f').replace('-', '\u2212');
  }

  /** A format with up to so many decimals. */
  static NumberFormat upTo(int decimals) {
    return new DecimalFormat(
        "0." + "#".repeat(decimals), DecimalFormatSymbols.getInstance(Locale.ROOT));
  }
}
