package dev.retort.optimization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Each schedule goes through the points that its formula has, its ends among them. */
class ScheduleTest {
  @Test
  void oneCycleIsATriangle() {
    Schedule triangle = new Schedule.OneCycle(0.2, 0.1);
    assertGoesThrough(triangle, 0, 0, 0.1, 0.5, 0.2, 1, 0.6, 0.55, 1, 0.1);
    assertGoesThrough(new Schedule.OneCycle(0, 0), 0, 1, 0.25, 0.75, 1, 0);
  }

  @Test
  void cosineFallsAlongHalfAPeriodAfterTheWarmUp() {
    Schedule cosine = new Schedule.Cosine(0.2, 0.1);
    // a third of half a period is 60°, whose cosine is 1/2: 0.1 + 0.9 · 3/4
    assertGoesThrough(cosine, 0, 0, 0.1, 0.5, 0.2, 1, 0.2 + 0.8 / 3, 0.775, 0.6, 0.55, 1, 0.1);
  }

  @Test
  void multiStepFallsAtItsMilestones() {
    Schedule steps = new Schedule.MultiStep(0.1, List.of(0.5, 0.75), 0.2);
    assertGoesThrough(steps, 0, 0, 0.05, 0.5, 0.1, 1, 0.4999, 1, 0.5, 0.2, 0.75, 0.04, 1, 0.04);
  }

  @Test
  void constantStaysAfterTheWarmUp() {
    assertGoesThrough(new Schedule.Constant(0.5), 0, 0, 0.25, 0.5, 0.5, 1, 1, 1);
    assertGoesThrough(new Schedule.Constant(0), 0, 1, 1, 1);
  }

  @Test
  void sharesOutsideOfTheTrainingAreRefused() {
    assertThatThrownBy(() -> new Schedule.OneCycle(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("peak is a share");
    assertThatThrownBy(() -> new Schedule.Cosine(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("warmUp is a share");
    assertThatThrownBy(() -> new Schedule.MultiStep(0, List.of(Double.NaN), 0.1))
        .hasMessageStartingWith("milestones is a share");
  }

  private static void assertGoesThrough(Schedule schedule, double... points) {
    for (int i = 0; i < points.length; i += 2) {
      assertThat(schedule.factor(points[i]))
          .describedAs("%s at %s", schedule, points[i])
          .isCloseTo(points[i + 1], within(1e-12));
    }
  }
}
