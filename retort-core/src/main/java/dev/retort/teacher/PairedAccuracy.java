package dev.retort.teacher;

import org.hipparchus.distribution.continuous.BetaDistribution;

/**
 * How much better one classifier is than another on the same images. Only those that one of them
 * decides right and the other wrong tell: b that the first alone decides right, c the second alone.
 * Given b + c, b is binomial, with chance 1/2 if both are equally good (McNemar 1947, exactly). Its
 * interval of Clopper and Pearson (1934) for the chance θ becomes one of the difference in
 * accuracy, (2θ − 1)(b + c)/n. It holds for few images, where a normal approximation does not.
 *
 * @param images n, all that were compared, at least 1
 * @param firstAlone b
 * @param secondAlone c
 */
record PairedAccuracy(int images, int firstAlone, int secondAlone) {
  /**
   * Counts.
   *
   * @param first whether it decides each image right
   * @param second the same of the other classifier
   * @param images how many of them count
   */
  static PairedAccuracy of(boolean[] first, boolean[] second, int images) {
    int firstAlone = 0;
    int secondAlone = 0;
    for (int i = 0; i < images; i++) {
      firstAlone += first[i] && !second[i] ? 1 : 0;
      secondAlone += second[i] && !first[i] ? 1 : 0;
    }
    return new PairedAccuracy(images, firstAlone, secondAlone);
  }

  /** The first one's accuracy less the second one's, in [−1, 1]. */
  double difference() {
    return (double) (firstAlone - secondAlone) / images;
  }

  /**
   * The lower end of the two-sided interval of {@link #difference}; above 0 where the first one is
   * better.
   *
   * @param error what the interval may miss by in all, such as 0.01
   */
  double low(double error) {
    return 2 * share(firstAlone, error) - share();
  }

  /** The upper end of the same interval. */
  double high(double error) {
    return share() - 2 * share(secondAlone, error);
  }

  /** (b + c)/n. */
  private double share() {
    return (double) (firstAlone + secondAlone) / images;
  }

  /** The lower end for the chance of b or c among both, times their share. */
  private double share(int alone, double error) {
    return alone == 0
        ? 0
        : share()
            * new BetaDistribution(alone, firstAlone + secondAlone - alone + 1)
                .inverseCumulativeProbability(error / 2);
  }
}
