package dev.retort.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EstimateTest {
  /** The 0.975 quantile of Student's t with two degrees of freedom: 0.95 √(2 / (1 − 0.95²)). */
  private static final double T = 0.95 * Math.sqrt(2 / (1 - 0.95 * 0.95));

  /** Logarithms 1, 2 and 3: mean 2, standard deviation 1. */
  private static final List<Double> TIMES = List.of(Math.exp(3), Math.exp(1), Math.exp(2));

  @Test
  void theIntervalIsStudentsOfTheLogarithms() {
    Estimate estimate = Estimate.of(TIMES);

    assertThat(estimate.value()).isCloseTo(Math.exp(2), within(1e-12));
    assertThat(estimate.low()).isCloseTo(Math.exp(2 - T / Math.sqrt(3)), within(1e-9));
    assertThat(estimate.high()).isCloseTo(Math.exp(2 + T / Math.sqrt(3)), within(1e-6));
    assertThat(Objects.requireNonNull(estimate.spread()))
        .isCloseTo(Math.exp(T / Math.sqrt(3)) - 1, within(1e-9));
  }

  @Test
  void aRateHasTheIntervalOfItsTimeTurnedOver() {
    Estimate rate = Estimate.of(TIMES).under(128);

    assertThat(rate.value()).isCloseTo(128 / Math.exp(2), within(1e-12));
    assertThat(rate.low()).isCloseTo(128 / Math.exp(2 + T / Math.sqrt(3)), within(1e-9));
    assertThat(rate.high()).isCloseTo(128 / Math.exp(2 - T / Math.sqrt(3)), within(1e-6));
  }

  @Test
  void whatSlowsBothOfAPairCancelsInTheirRatio() {
    Estimate ratio = Estimate.ratio(List.of(2.0, 20.0, 6.0), List.of(1.0, 10.0, 3.0));

    assertThat(ratio.value()).isCloseTo(2, within(1e-12));
    assertThat(ratio.low()).isCloseTo(2, within(1e-12));
    assertThat(ratio.high()).isCloseTo(2, within(1e-12));
  }

  @Test
  void oneMeasurementHasNoIntervalAndUnequalNumbersNoPairs() {
    Estimate single = Estimate.of(List.of(3.0));

    assertThat(single.value()).isCloseTo(3, within(1e-12));
    assertThat(single.low()).isNull();
    assertThat(single.spread()).isNull();
    assertThatThrownBy(() -> Estimate.ratio(List.of(1.0), List.of(1.0, 2.0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
