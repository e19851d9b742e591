package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Against closed forms of the binomial distribution's ends. */
class PairedAccuracyTest {
  /** θ³ = 0.005 at the lower end of 3 of 3; nothing is above 3 of 3. */
  @Test
  void theIntervalOfOneSidedPairsIsThatWorkedOutByHand() {
    PairedAccuracy all = new PairedAccuracy(10, 3, 0);
    double chance = Math.cbrt(0.005);

    assertThat(all.difference()).isEqualTo(0.3);
    assertThat(all.low(0.01)).isCloseTo((2 * chance - 1) * 3 / 10, within(1e-8));
    assertThat(all.high(0.01)).isEqualTo(0.3);
  }

  /**
   * Of 3 pairs 2: P(at least 2 | θ) = 3θ² − 2θ³ = 0.005 has the root 0.0414152… at the lower end,
   * found by hand by θ ← √(0.005/(3 − 2θ)); P(at most 2 | θ) = 1 − θ³ = 0.005 at the upper one.
   */
  @Test
  void theIntervalOfMixedPairsIsThatWorkedOutByHand() {
    double low = 0.04;
    for (int i = 0; i < 60; i++) {
      low = Math.sqrt(0.005 / (3 - 2 * low));
    }
    PairedAccuracy mixed = new PairedAccuracy(12, 2, 1);

    assertThat(mixed.difference()).isCloseTo(1 / 12.0, within(1e-15));
    assertThat(mixed.low(0.01)).isCloseTo((2 * low - 1) * 3 / 12, within(1e-8));
    assertThat(mixed.high(0.01)).isCloseTo((2 * Math.cbrt(0.995) - 1) * 3 / 12, within(1e-8));
  }

  /** McNemar's exact test: 2 · 2⁻ᵐ < 0.01 from m = 8 on, 2 · 2⁻⁷ is 0.0156. */
  @Test
  void aClassifierIsBetterFromTheCountOnAtWhichTheExactTestRejects() {
    assertThat(new PairedAccuracy(192, 7, 0).low(0.01)).isNegative();
    assertThat(new PairedAccuracy(192, 8, 0).low(0.01)).isPositive();
    assertThat(new PairedAccuracy(192, 0, 0).low(0.01)).isZero();
  }

  @Test
  void onlyImagesOnWhichTheyDifferCount() {
    boolean[] first = {true, true, false, true, true};
    boolean[] second = {true, false, true, false, false};

    assertThat(PairedAccuracy.of(first, second, 4)).isEqualTo(new PairedAccuracy(4, 2, 1));
  }
}
