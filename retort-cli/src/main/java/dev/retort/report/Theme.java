package dev.retort.report;

import java.awt.Color;

/** The two sets of colours that every figure is drawn in; report.css has the same surfaces. */
enum Theme {
  LIGHT(0xffffff, 0x1c2128, 0x57606a, 0xe4e8ec, 0x8c959f, 0x4d4d4d, 46),
  DARK(0x161b22, 0xe6edf3, 0x9da7b1, 0x2b323b, 0x6e7781, 0xc9d1d9, 70);

  final Color surface;
  final Color text;
  final Color mutedText;
  final Color grid;
  final Color axis;

  /** The colour of what is no method's: the teacher, and cross-entropy, the common baseline. */
  final Color neutral;

  private final int bandAlpha;

  Theme(int surface, int text, int mutedText, int grid, int axis, int neutral, int bandAlpha) {
    this.surface = new Color(surface);
    this.text = new Color(text);
    this.mutedText = new Color(mutedText);
    this.grid = new Color(grid);
    this.axis = new Color(axis);
    this.neutral = new Color(neutral);
    this.bandAlpha = bandAlpha;
  }

  /** The colour of the band around a line. */
  Color band(Color line) {
    return new Color(line.getRed(), line.getGreen(), line.getBlue(), bandAlpha);
  }
}
