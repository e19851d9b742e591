package dev.retort.teacher;

import org.hipparchus.distribution.continuous.BetaDistribution;

/**
 * How much better one classifier is than another on the same images. Only those that one of them
 * decides right and the other wrong tell: b that the first alone decides right, c the second alone.
 * Given b + c, b is binomial, with a chance θ that is 1/2 if both are equally good (McNemar 1947,
 * exactly). The share π of such images among all is not known either: b + c is binomial of n. The
 * difference in accuracy is (2θ − 1)π. Both chances are bounded as by Clopper and Pearson (1934),
 * which holds for few images, where a normal approximation does not.
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

  /**
   * A lower bound of the first one's accuracy less the second one's, in [−1, 1]: above 0 where
   * McNemar's exact test, two-sided, rejects at {@code error}, and the first one is better. It is
   * above the true difference with at most the chance {@code error}: half of that goes to θ, and
   * half to both ends of π, of which the sign of 2θ − 1 chooses one.
   *
   * @param error such as 0.01
   */
  double low(double error) {
    int discordant = firstAlone + secondAlone;
    double advantage = 2 * lowest(firstAlone, discordant, error / 2) - 1;
    double share =
        advantage > 0
            ? lowest(discordant, images, error / 4)
            : 1 - lowest(images - discordant, images, error / 4);
    return advantage * share;
  }

  /** The chance under which so many or more of the trials succeed with the chance error. */
  private static double lowest(int successes, int trials, double error) {
    return successes == 0
        ? 0
        : new BetaDistribution(successes, trials - successes + 1)
            .inverseCumulativeProbability(error);
  }
}
