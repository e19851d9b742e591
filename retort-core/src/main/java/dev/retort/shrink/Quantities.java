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

  private static final Map<String, Double> SECONDS =
      Map.of("s", 1.0, "ms", 1e-3, "us", 1e-6, "µs", 1e-6, "μs", 1e-6);

  private static final Map<String, Double> BYTES =
      Map.of(
          "B",
          1.0,
          "kB",
          1e3,
          "KB",
          1e3,
          "MB",
          1e6,
          "GB",
          1e9,
          "KiB",
          1024.0,
          "MiB",
          1024.0 * 1024,
          "GiB",
          1024.0 * 1024 * 1024);

  /** Of a double. */
  private static final int MOST_DIGITS = 17;

  private Quantities() {}

  /**
   * A time in seconds.
   *
   * @throws IllegalArgumentException if the text is none, or not positive
   */
  public static double seconds(String text) {
    return read(text, SECONDS, "a time such as 1ms or 800us");
  }

  /**
   * A size in bytes.
   *
   * @throws IllegalArgumentException if the text is none, or less than a byte
   */
  public static long bytes(String text) {
    return (long) read(text, BYTES, "a size such as 5MB or 800kB");
  }

  private static double read(String text, Map<String, Double> units, String what) {
    Matcher matcher = FORM.matcher(text.strip());
    Double unit = matcher.matches() ? units.get(matcher.group(2)) : null;
    double value = unit == null ? 0 : Double.parseDouble(matcher.group(1)) * unit;
    if (!(value > 0)) {
      throw new IllegalArgumentException("'%s' is not %s".formatted(text, what));
    }
    return value;
  }

  /** A time with three significant digits. */
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

  /** A size in units of 10³ or 10⁶ bytes. */
  public static String size(long bytes) {
    return bytes < 1e6
        ? String.format(Locale.ROOT, "%.0f kB", bytes / 1e3)
        : ServingTable.megabytes(bytes) + " MB";
  }
}
