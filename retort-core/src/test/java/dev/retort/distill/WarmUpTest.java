package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private static final RandomNetworks NETWORKS = new RandomNetworks(Map.of(), Map.of());
  private static final Hinton HINTON = new Hinton(4, 1, 0);

  @Test
  void theTermGrowsLinearlyAndThenStays() {
    Objective warm = WarmUp.of(HINTON, 0.2);
    assertThat(share(warm, 0)).isZero();
    assertThat(share(warm, 0.05)).isCloseTo(0.25, within(1e-12));
    assertThat(share(warm, 0.2)).isCloseTo(1, within(1e-12));
    assertThat(share(warm, 0.9)).isCloseTo(1, within(1e-12));
  }

  private static double share(Objective warm, double progress) {
    try (TensorScope scope = TensorScope.open()) {
      Step step = NETWORKS.step(3, progress, new int[] {0, 1}, 0, 2);
      return Tensors.toDouble(warm.loss(step)) / Tensors.toDouble(HINTON.loss(step));
    }
  }

  @Test
  void allElseIsTheObjectivesOwn() {
    Objective warm = WarmUp.of(HINTON, 1);
    assertThat(warm.name()).isEqualTo("hinton");
    assertThat(warm.weight()).isEqualTo(1);
    assertThat(warm.teacherTaps()).containsExactly("logits");
  }

  @Test
  void aWarmUpOfNothingChangesNothing() {
    assertThat(WarmUp.of(HINTON, 0)).isSameAs(HINTON);
  }

  @Test
  void aShareBeyondTheTrainingIsRefused() {
    assertThatThrownBy(() -> WarmUp.requireShare(20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("warmUp is a part of the training, in [0, 1], not 20.0");
  }
}
