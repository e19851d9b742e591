package dev.retort.cli;

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
}
