package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.serving.Estimate;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@NullUnmarked
class ServingRecordTest {
  private static ServingRecord.Model model(
      String name, String student, Double accuracy, Double p50, Double... rounds) {
    return new ServingRecord.Model(
        name,
        student,
        student == null ? null : "ttm",
        ServingRecord.FP32,
        accuracy,
        null,
        null,
        1000,
        5,
        p50,
        p50,
        List.of(rounds),
        null,
        null);
  }

  private static ServingRecord record(@Nullable Double others, ServingRecord.Model... models) {
    return new ServingRecord(
        "a processor", "Linux", "17", "1.26.0", 1, Summary.TEST, 2000, others, List.of(models));
  }

  /**
   * In (ms, accuracy): the teacher (10, 0.93) and the fast one (1, 0.80) are on the front, and so
   * is (2, 0.90). (3, 0.90) is as accurate as it and slower, (2, 0.85) as fast and less accurate,
   * (9, 0.79) worse than all. What was not timed is left out.
   */
  @Test
  void theParetoFrontIsWhatNothingElseBeats() {
    ServingRecord serving =
        record(
            0.0,
            model("teacher", null, 0.93, 10.0),
            model("as accurate, slower", "a", 0.90, 3.0),
            model("good", "b", 0.90, 2.0),
            model("as fast, less accurate", "c", 0.85, 2.0),
            model("fast", "d", 0.80, 1.0),
            model("bad", "e", 0.79, 9.0),
            model("not timed", "f", 0.99, null));

    assertThat(serving.paretoFront())
        .extracting(ServingRecord.Model::name)
        .containsExactly("fast", "good", "teacher");
  }

  /** Ratios 4, 2 and 4 of the rounds: the geometric mean is the cube root of 32. */
  @Test
  void aModelIsSoManyTimesAsFastAsTheTeacherRoundByRound() {
    ServingRecord serving =
        record(
            0.0,
            model("teacher", null, 0.93, 10.0, 8.0, 10.0, 12.0),
            model("student", "a", 0.9, 3.0, 2.0, 5.0, 3.0));

    Estimate speedup = serving.speedup(serving.models().get(1));

    assertThat(speedup.value()).isCloseTo(Math.cbrt(32), within(1e-12));
    assertThat(speedup.low()).isLessThan(speedup.value());
    assertThat(serving.speedup(model("other", "b", 0.9, 3.0, 2.0))).isNull();
    assertThat(record(0.0, model("alone", "a", 0.9, 3.0, 2.0)).teacher()).isEmpty();
  }

  @Test
  void theTablesSayWhatDisturbedTheTimes() {
    ServingRecord.Model student = model("resnet8-ttm-seed1", "resnet8", 0.8553, 0.0567);

    assertThat(ServingTable.note(record(0.05, student))).doesNotContain("ther processes");
    assertThat(ServingTable.note(record(1.26, student)))
        .contains("Other processes took 1.3 cores meanwhile");
    assertThat(ServingTable.note(record(null, student))).contains("unknown on this system");
    assertThat(ServingTable.rows(record(0.0, student)))
        .containsExactly(
            List.of("resnet8-ttm-seed1", "fp32", "85.53", "0.057", "0.057", "–", "–", "0.00", "–"));
  }
}
