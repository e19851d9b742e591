package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StudyCostTest {
  private static final StudySize SIZE = new StudySize(5, 3, 10, 100);

  @Test
  void whoComputesTheTeacherAtEachStepPaysInEachRun() {
    StudyCost cost = new StudyCost(Map.of("a", 2.0, "b", 3.0), 0.01, 0);

    // 5 seeds, 3 epochs, each 10 steps of 2 s and of 3 s and twice 100 images of 0.01 s.
    assertThat(cost.seconds(SIZE)).isCloseTo(5 * 3 * (10 * 2 + 10 * 3 + 2), within(1e-9));
  }

  @Test
  void whoKeepsTheTeachersOutputsPaysForEachViewOnce() {
    StudyCost cost = new StudyCost(Map.of("a", 2.0, "b", 3.0), 0.01, 0.5);

    assertThat(cost.seconds(SIZE)).isCloseTo(780 + 3 * 10 * 0.5, within(1e-9));
    assertThat(cost.seconds(new StudySize(1, 3, 10, 100)))
        .isCloseTo(156 + 3 * 10 * 0.5, within(1e-9));
  }
}
