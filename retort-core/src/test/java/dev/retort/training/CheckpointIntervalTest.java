package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointIntervalTest {
  /** Every quarter of a minute, every third step, or both. */
  @ParameterizedTest
  @CsvSource({
    "0.25,  , 14_999_999_999, 3, false",
    "0.25,  , 15_000_000_000, 3, true",
    "0.25,  , 15_000_000_001, 1, true",
    "1440, 3, 15_000_000_000, 2, false",
    "1440, 3, 15_000_000_000, 3, true",
    "1440, 3, 15_000_000_000, 4, false",
    "1440, 3, 15_000_000_000, 6, true",
    "0.25, 3, 14_999_999_999, 4, false",
    "0.25, 3, 14_999_999_999, 3, true",
    "0.25, 3, 15_000_000_000, 4, true"
  })
  void isDueAfterItsTimeOrAtAMultipleOfItsStepsWhicheverComesFirst(
      double minutes, @Nullable Integer steps, long nanoseconds, long stepsDone, boolean due) {
    CheckpointInterval interval = new CheckpointInterval(minutes, steps);
    assertThat(interval.isDue(stepsDone, nanoseconds)).isEqualTo(due);
  }
}
