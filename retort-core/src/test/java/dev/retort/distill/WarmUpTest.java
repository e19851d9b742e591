package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class WarmUpTest {
  private static final Map<String, long[]> LAYERS =
      Map.of("stage:1", new long[] {2, 8, 8}, "embedding", new long[] {4});
  private static final RandomNetworks NETWORKS = new RandomNetworks(LAYERS, LAYERS);

  /** The terms that grow, by their share, without what stands beside them. */
  private static final List<DoubleFunction<Objective>> TERMS =
      List.of(
          share -> build(new Dkd(1, 2, 4, share, 1, 0)).get(0),
          share -> build(new ReviewKd.Settings(null, 1, share, 0)).get(0),
          share ->
              build(new KdPlusPlus.Settings(LayerPair.of("embedding"), 1, 1, 4, share, 0)).get(1));

  private static List<Objective> build(ObjectiveSettings settings) {
    return settings.build(NETWORKS.pairing(10));
  }

  @Test
  void termsGrowLinearlyAndThenStay() {
    for (DoubleFunction<Objective> term : TERMS) {
      assertThat(grown(term, 0)).isZero();
      assertThat(grown(term, 0.05)).isCloseTo(0.25, within(1e-12));
      assertThat(grown(term, 0.2)).isCloseTo(1, within(1e-12));
      assertThat(grown(term, 0.9)).isCloseTo(1, within(1e-12));
    }
  }

  /** With a share of 0.2, as a part of the value with none. */
  private static double grown(DoubleFunction<Objective> term, double progress) {
    try (TensorScope scope = TensorScope.open()) {
      Step step = NETWORKS.step(3, progress, new int[] {0, 1}, 0, 2);
      double full = Tensors.toDouble(term.apply(0).loss(step));
      assertThat(full).isPositive();
      return Tensors.toDouble(term.apply(0.2).loss(step)) / full;
    }
  }

  @Test
  void aShareBeyondTheTrainingIsRefused() {
    assertThatThrownBy(() -> WarmUp.requireShare(20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("warmUp is a part of the training, in [0, 1], not 20.0");
  }
}
