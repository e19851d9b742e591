package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Two epochs of 3 and 4 seconds, with 7 seconds of evaluation between them. */
class TrainingClockTest {
  private long now = 5_000_000_000L;
  private final TrainingClock clock = new TrainingClock(() -> now);

  private void pass(long seconds) {
    now += seconds * 1_000_000_000;
  }

  private void assertSeconds(double all, double ofEpoch) {
    assertThat(clock.seconds()).isEqualTo(all);
    assertThat(clock.epochSeconds()).isEqualTo(ofEpoch);
  }

  @Test
  void itCountsWhileItRunsAndNoEvaluation() {
    assertSeconds(0, 0);
    clock.beginEpoch();
    clock.run();
    pass(2);
    assertSeconds(2, 2);
    pass(1);
    clock.pause();
    pass(7);
    assertSeconds(3, 3);
    clock.beginEpoch();
    assertSeconds(3, 0);
    clock.run();
    pass(4);
    assertSeconds(7, 4);
    clock.pause();
    assertSeconds(7, 4);
  }

  /** After the first second of the second epoch. */
  @Test
  void itGoesOnInTheMiddleOfAnEpoch() {
    clock.set(4, 1);
    assertSeconds(4, 1);
    clock.run();
    pass(3);
    assertSeconds(7, 4);
    clock.pause();
    clock.beginEpoch();
    assertSeconds(7, 0);
  }
}
