package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrajectoryTest {
  private static final List<Double> FALLING = List.of(8.0, 7.5, 7.0, 6.5, 6.0, 5.5);

  @Test
  void theDifferenceIsThatOfTheWorstStepAsAShareOfTheReference() {
    Trajectory other = new Trajectory(List.of(8.0, 7.5, 7.14, 6.5, 5.97, 5.5));

    assertThat(other.difference(new Trajectory(FALLING))).isEqualTo(0.02, within(1e-12));
    assertThat(other.difference(other)).isZero();
  }

  @Test
  void anotherNumberOfStepsOrALossThatIsNoNumberIsNoAgreement() {
    Trajectory reference = new Trajectory(FALLING);
    List<Double> broken = new ArrayList<>(FALLING);
    broken.set(2, Double.NaN);

    assertThat(new Trajectory(FALLING.subList(0, 5)).difference(reference)).isNaN();
    assertThat(new Trajectory(broken).difference(reference)).isNaN();
  }

  @Test
  void aTrainingThatDoesNotLearnDoesNotFall() {
    assertThat(new Trajectory(FALLING).falls()).isTrue();
    assertThat(new Trajectory(Collections.nCopies(10, 2.3)).falls()).isFalse();
    assertThat(new Trajectory(Collections.nCopies(10, Double.NaN)).falls()).isFalse();
  }
}
