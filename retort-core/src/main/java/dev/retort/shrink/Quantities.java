package dev.retort.shrink;

import dev.retort.study.ServingTable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and sizes as people write them: {@code 1ms}, {@code 800us}, {@code 5MB}. */
public final class Quantities {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?) ?(\\p{L}{1,3})");

  private static final Map<String, BigDecimal> SECONDS =
      Map.of(
          "s", BigDecimal.ONE,
          "ms", new BigDecimal("1e-3"),
          "us", new BigDecimal("1e-6"),
          "µs", new BigDecimal("1e-6"),
          "μs", new BigDecimal("1e-6"));

  private static final Map<String, BigDecimal> BYTES =
      Map.of(
          "B",
          BigDecimal.ONE,
          "kB",
          new BigDecimal("1e3"),
          "KB",
          new BigDecimal("1e3"),
          "MB",
          new BigDecimal("1e6"),
          "GB",
          new BigDecimal("1e9"),
          "KiB",
          BigDecimal.valueOf(1L << 10),
          "MiB",
          BigDecimal.valueOf(1L << 20),
          "GiB",
          BigDecimal.valueOf(1L << 30));

  private static final String SIZE = "a size such as 5MB or 800kB";

  /** Of a double. */
  private static final int MOST_DIGITS = 17;

  private Quantities() {}

  /**
   * A time in seconds.
   *
   * @throws IllegalArgumentException if the text is none, or not positive
   */
  public static double seconds(String text) {
    return read(text, SECONDS, "a time such as 1ms or 800us").doubleValue();
  }

  /**
   * A size in bytes.
   *
   * @throws IllegalArgumentException if the text is none, or less than a byte
   */
  public static long bytes(String text) {
    BigDecimal bytes = read(text, BYTES, SIZE);
    if (bytes.compareTo(BigDecimal.ONE) < 0) {
      throw refused(text, SIZE);
    }
    return bytes.longValue();
  }

  /** In decimals, so that 800us is 0.8ms, and 8.2MB are 8,200,000 bytes. */
  private static BigDecimal read(String text, Map<String, BigDecimal> units, String what) {
    Matcher matcher = FORM.matcher(text.strip());
    BigDecimal unit = matcher.matches() ? units.get(matcher.group(2)) : null;
    BigDecimal value =
        unit == null ? BigDecimal.ZERO : new BigDecimal(matcher.group(1)).multiply(unit);
    if (value.signum() == 0) {
      throw refused(text, what);
    }
    return value;
  }

  private static IllegalArgumentException refused(String text, String what) {
    return new IllegalArgumentException("'%s' is not %s".formatted(text, what));
  }

  /** A time in milliseconds, as in the table of what serving costs. */
  public static String time(double seconds) {
    return ServingTable.milliseconds(1e3 * seconds) + " ms";
  }

  /** The same; of a time above a limit that reads alike, with as many digits as tell them apart. */
  static String time(double seconds, double limit) {
    if (seconds <= limit || !time(seconds).equals(time(limit))) {
      return time(seconds);
    }
    int digits = 4;
    while (digits < MOST_DIGITS
        && milliseconds(seconds, digits).compareTo(milliseconds(limit, digits)) == 0) {
      digits++;
    }
    return milliseconds(seconds, digits).toPlainString() + " ms";
  }

  private static BigDecimal milliseconds(double seconds, int digits) {
    return BigDecimal.valueOf(1e3 * seconds).round(new MathContext(digits));
  }

  /** By how much a value is above a limit, in percent of that, with two digits. */
  static String excess(double value, double limit) {
    double percent = 100 * (value / limit - 1);
    return String.format(Locale.ROOT, percent < 10 ? "%.2g %%" : "%.0f %%", percent);
  }

  /** A size in bytes, or in units of 10³ or 10⁶. */
  public static String size(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    long thousands = Math.round(bytes / 1e3);
    return thousands < 1000 ? thousands + " kB" : ServingTable.megabytes(bytes) + " MB";
  }
}
