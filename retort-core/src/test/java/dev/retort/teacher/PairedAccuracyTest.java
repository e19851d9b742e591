package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.junit.jupiter.api.Test;

/** Against closed forms, and against its chances summed over all that can be counted. */
class PairedAccuracyTest {
  private static final int IMAGES = 24;

  /** θ¹⁰ = 0.005 at the lower end of 10 of 10, and π¹⁰ = 0.0025. */
  @Test
  void theBoundOfOneSidedPairsIsThatWorkedOutByHand() {
    double expected = (2 * Math.pow(0.005, 0.1) - 1) * Math.pow(0.0025, 0.1);

    assertThat(new PairedAccuracy(10, 10, 0).low(0.01)).isCloseTo(expected, within(1e-8));
  }

  /**
   * Of 3 pairs 2: P(at least 2 | θ) = 3θ² − 2θ³ = 0.005 has the root 0.0414152… at the lower end,
   * found by hand by θ ← √(0.005/(3 − 2θ)). No share is above that of all.
   */
  @Test
  void theBoundOfMixedPairsIsThatWorkedOutByHand() {
    double low = 0.04;
    for (int i = 0; i < 60; i++) {
      low = Math.sqrt(0.005 / (3 - 2 * low));
    }

    assertThat(new PairedAccuracy(3, 2, 1).low(0.01)).isCloseTo(2 * low - 1, within(1e-8));
  }

  /** P(none of 192 | π) = (1 − π)¹⁹² = 0.0025 at the upper end of π, and nothing is known of θ. */
  @Test
  void whereTheyDifferOnNoImageTheDifferenceMayBeSmallAndNotZero() {
    assertThat(new PairedAccuracy(192, 0, 0).low(0.01))
        .isCloseTo(Math.pow(0.0025, 1 / 192.0) - 1, within(1e-8));
  }

  /** McNemar's exact test: 2 · 2⁻ᵐ < 0.01 from m = 8 on, 2 · 2⁻⁷ is 0.0156. */
  @Test
  void aClassifierIsBetterFromTheCountOnAtWhichTheExactTestRejects() {
    assertThat(new PairedAccuracy(192, 7, 0).low(0.01)).isNegative();
    assertThat(new PairedAccuracy(192, 8, 0).low(0.01)).isPositive();
  }

  /**
   * Of the multinomial counts of 24 images. With the share (b + c)/n for π the first of these
   * chances would be 0.56.
   */
  @Test
  void theBoundIsAboveTheTrueDifferenceAtMostAsOftenAsItMay() {
    for (double theta : new double[] {0, 0.05, 0.2, 0.5, 0.8, 0.95, 1}) {
      for (double share : new double[] {0.1, 0.25, 0.5, 0.9}) {
        assertThat(missed(theta, share))
            .as("θ = %s, π = %s", theta, share)
            .isLessThanOrEqualTo(0.01);
      }
    }
  }

  private static double missed(double theta, double share) {
    BinomialDistribution discordant = new BinomialDistribution(IMAGES, share);
    double missed = 0;
    for (int m = 0; m <= IMAGES; m++) {
      BinomialDistribution first = new BinomialDistribution(m, theta);
      for (int b = 0; b <= m; b++) {
        double low = new PairedAccuracy(IMAGES, b, m - b).low(0.01);
        if (low > (2 * theta - 1) * share + 1e-9) {
          missed += discordant.probability(m) * first.probability(b);
        }
      }
    }
    return missed;
  }

  @Test
  void onlyImagesOnWhichTheyDifferCount() {
    boolean[] first = {true, true, false, true, true};
    boolean[] second = {true, false, true, false, false};

    assertThat(PairedAccuracy.of(first, second, 4)).isEqualTo(new PairedAccuracy(4, 2, 1));
  }
}
