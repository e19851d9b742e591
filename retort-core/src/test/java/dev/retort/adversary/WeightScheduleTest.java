package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class WeightScheduleTest {
  @Test
  void risesLinearlyStaysAndFallsAlongACosine() {
    WeightSchedule ramp = new WeightSchedule(0.1, 0.2, 0.75);
    assertThat(ramp.factor(0)).isZero();
    assertThat(ramp.factor(0.0999)).isZero();
    assertThat(ramp.factor(0.15)).isCloseTo(0.5, within(1e-12));
    assertThat(ramp.factor(0.2)).isEqualTo(1);
    assertThat(ramp.factor(0.7)).isEqualTo(1);
    assertThat(ramp.factor(0.75)).isEqualTo(1);
    assertThat(ramp.factor(0.75 + 0.25 / 3)).isCloseTo(0.75, within(1e-12));
    assertThat(ramp.factor(0.875)).isCloseTo(0.5, within(1e-12));
    assertThat(ramp.factor(1)).isCloseTo(0, within(1e-12));
  }

  @Test
  void withoutARampTheTermCountsFromTheFirstStepToTheLast() {
    WeightSchedule none = new WeightSchedule(0, 0, 1);
    assertThat(none.factor(0)).isEqualTo(1);
    assertThat(none.factor(1)).isEqualTo(1);
  }

  @Test
  void partsThatDoNotRiseAreRefused() {
    assertThatThrownBy(() -> new WeightSchedule(0.3, 0.2, 0.75))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the parts of the training must rise: 0 <= start <= full <= decay <= 1, not 0.3, 0.2,"
                + " 0.75");
  }
}
