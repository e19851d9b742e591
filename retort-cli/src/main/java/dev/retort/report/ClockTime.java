package dev.retort.report;

import java.util.Locale;

/** A length of time as a clock shows it. */
public final class ClockTime {
  private ClockTime() {}

  /** In hours where there are any: {@code 0:07}, {@code 12:30}, {@code 1:02:03}. */
  public static String of(double seconds) {
    long whole = Math.max(0, Math.round(seconds));
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
