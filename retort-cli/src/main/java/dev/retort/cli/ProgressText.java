package dev.retort.cli;

import java.util.Locale;

/** The parts of a line that says how far something is. */
final class ProgressText {
  private static final int BAR_CELLS = 12;

  private ProgressText() {}

  /** A bar of that share, in [0, 1], filled. */
  static String bar(double share) {
    int full = (int) Math.round(Math.min(1, share) * BAR_CELLS);
    return "█".repeat(full) + "░".repeat(BAR_CELLS - full);
  }

  /** The end of a name, which tells runs of one student apart, if it is longer than that. */
  static String shortened(String name, int length) {
    return name.length() <= length
        ? name
        : "…" + name.substring(name.length() - Math.max(0, length - 1));
  }

  /** A length of time: {@code 0:07}, {@code 12:30}, {@code 1:02:03}. */
  static String clockTime(double seconds) {
    long whole = Math.max(0, Math.round(seconds));
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
