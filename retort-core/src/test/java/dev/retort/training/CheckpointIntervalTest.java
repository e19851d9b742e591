package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointIntervalTest {
  /** Every ten seconds, every third step, or both. */
  @ParameterizedTest
  @CsvSource({
    "10,    ,  9_999_999_999, 3, false",
    "10,    , 10_000_000_000, 3, true",
    "10,    , 10_000_000_001, 1, true",
    "86400, 3, 10_000_000_000, 2, false",
    "86400, 3, 10_000_000_000, 3, true",
    "86400, 3, 10_000_000_000, 4, false",
    "86400, 3, 10_000_000_000, 6, true",
    "10,    3,  9_999_999_999, 4, false",
    "10,    3,  9_999_999_999, 3, true",
    "10,    3, 10_000_000_000, 4, true"
  })
  void isDueAfterItsTimeOrAtAMultipleOfItsStepsWhicheverComesFirst(
      long seconds, @Nullable Integer steps, long nanoseconds, long stepsDone, boolean due) {
    CheckpointInterval interval = new CheckpointInterval(Duration.ofSeconds(seconds), steps);
    assertThat(interval.isDue(stepsDone, nanoseconds)).isEqualTo(due);
  }
}
