package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LossCurvesTest {
  private static final LossCurves FALLING =
      LossCurves.of(
          List.of(
              List.of(2.0), // too short: no training that was compared
              List.of(2.30, 1.90, 1.50, 0.0),
              List.of(2.28, 1.94, 1.56, 0.0),
              List.of(2.32, 1.88, 1.47, 0.0)),
          3);

  @Test
  void theMeansAreThoseOfTheFirstEpochsOfLongEnoughTrainings() {
    assertThat(FALLING.means()).hasSize(3);
    assertThat(FALLING.means().get(0)).isBetween(2.2999, 2.3001);
    assertThat(FALLING.means().get(2)).isBetween(1.5099, 1.5101);
    assertThat(FALLING.learns()).isTrue();
  }

  @Test
  void theSameTrainingFromOtherSeedsIsEqualWithinNoise() {
    LossCurves other =
        new LossCurves(
            List.of(
                List.of(2.31, 1.93, 1.49), List.of(2.29, 1.87, 1.55), List.of(2.30, 1.92, 1.52)));

    assertThat(FALLING.equalsWithinNoise(other)).isTrue();
  }

  @Test
  void aTrainingThatDoesNotLearnIsNotTheSame() {
    LossCurves level =
        new LossCurves(
            List.of(
                List.of(2.31, 2.30, 2.31), List.of(2.29, 2.31, 2.30), List.of(2.30, 2.29, 2.31)));

    assertThat(FALLING.equalsWithinNoise(level)).isFalse();
    assertThat(level.learns()).isFalse();
  }
}
