package dev.retort.export;

/**
 * The values that 256 steps stand for: {@code scale · (q − zero)} for q in 0 … 255.
 *
 * @param scale positive
 * @param zero the step that stands for 0
 */
record QuantizedRange(float scale, int zero) {
  private static final int STEPS = 255;

  /** The range that covers an interval and 0. */
  static QuantizedRange of(double smallest, double largest) {
    double from = Math.min(0, smallest);
    double to = Math.max(0, largest);
    double scale = to > from ? (to - from) / STEPS : 1;
    return new QuantizedRange((float) scale, (int) Math.round(-from / scale));
  }
}
