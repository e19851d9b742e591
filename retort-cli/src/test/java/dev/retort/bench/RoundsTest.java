package dev.retort.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Protects: a measurement takes the seconds that were asked for. */
class RoundsTest {
  /** As the loader, whose first batches are ready before they are asked for. */
  @Test
  void firstStepsThatAreTooQuickDoNotDecideHowManyFillARound() {
    List<Integer> done = new ArrayList<>();
    Workload prepared =
        new Workload() {
          @Override
          public String name() {
            return "prepared";
          }

          @Override
          public double secondsAStep(int steps) {
            done.add(steps);
            return steps < 10 ? 1e-6 : 1e-3;
          }
        };

    List<Double> times =
        new Rounds(5, new Progress() {}).measure(List.of(prepared), 0).get(prepared);

    // A round of five has a second: 1,000 steps of a millisecond, not 1,000,000 of a microsecond.
    assertThat(done).startsWith(1, 10, 100).endsWith(1000, 1000, 1000, 1000, 1000).hasSize(8);
    assertThat(times).isEqualTo(Collections.nCopies(Rounds.ROUNDS, 1e-3));
  }
}
