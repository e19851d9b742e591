package dev.retort.adversary;

/**
 * When the adversarial term counts, in parts of the training: nothing before {@code start}, rising
 * linearly to full at {@code full}, falling along half a cosine from {@code decay} to nothing at
 * the end. A strong adversary from the first step destroys a student that cannot classify yet.
 *
 * @param start in [0, 1]
 * @param full at least {@code start}
 * @param decay at least {@code full}; 1 for no fall
 */
record WeightSchedule(double start, double full, double decay) {
  public WeightSchedule {
    if (!(0 <= start && start <= full && full <= decay && decay <= 1)) {
      throw new IllegalArgumentException(
          "the parts of the training must rise: 0 <= start <= full <= decay <= 1, not %s, %s, %s"
              .formatted(start, full, decay));
    }
  }

  /**
   * The factor at a point of the training, in [0, 1].
   *
   * @param progress the share of the training that lies behind, in [0, 1]
   */
  public double factor(double progress) {
    if (progress < start) {
      return 0;
    }
    if (progress < full) {
      return (progress - start) / (full - start);
    }
    if (progress < decay || decay == 1) {
      return 1;
    }
    return (1 + Math.cos(Math.PI * (progress - decay) / (1 - decay))) / 2;
  }
}
