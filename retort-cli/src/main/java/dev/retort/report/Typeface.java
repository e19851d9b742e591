package dev.retort.report;

import java.awt.Font;
import java.util.stream.Stream;

/** The face of the figures' text. */
final class Typeface {
  /** Arial and its metric twins, so that a browser sets the text as wide as it was measured. */
  static final String CSS_STACK = "Arial, 'Liberation Sans', Helvetica, sans-serif";

  private Typeface() {}

  /** Looked up at the first use, so that {@link #isAvailable} can be asked before. */
  private static final class Family {
    static final String NAME =
        Stream.of("Arial", "Liberation Sans", "Helvetica")
            .filter(family -> new Font(family, Font.PLAIN, 12).getFamily().equals(family))
            .findFirst()
            .orElse(Font.SANS_SERIF);
  }

  static Font plain(int size) {
    return new Font(Family.NAME, Font.PLAIN, size);
  }

  static Font bold(int size) {
    return new Font(Family.NAME, Font.BOLD, size);
  }

  /**
   * Whether Java can set text here: a bare container has no font, and AWT then fails as a whole.
   */
  static boolean isAvailable() {
    try {
      return !new Font(Font.SANS_SERIF, Font.PLAIN, 12).getFamily().isEmpty();
    } catch (RuntimeException | InternalError | LinkageError e) {
      return false;
    }
  }
}
