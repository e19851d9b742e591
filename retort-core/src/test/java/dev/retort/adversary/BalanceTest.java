package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class BalanceTest {
  /** ‖∂ Σ 3h‖ = 3 √4 and ‖∂ Σ h²‖ = 2 ‖h‖ = 2 √(1 + 4 + 4 + 16) = 10. */
  @Test
  void theRatioOfGradientsIsTheOneAskedFor() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor h = Tensors.of(new double[] {1, -2, 2, 4}, 4).set_requires_grad(true);
      Tensor term = Tensors.scaled(h, 3).sum();
      Tensor rest = h.square().sum();
      List<Tensor> at = List.of(h);
      Tensor weight =
          new Balance.GradientRatio(0.3)
              .weight(
                  Balance.norm(term, at, true, SingleProcess.INSTANCE),
                  Balance.norm(rest, at, true, SingleProcess.INSTANCE));
      assertThat(Tensors.toDouble(weight)).isCloseTo(0.3 * 10 / 6, within(1e-9));
      assertThat(weight.requires_grad()).isFalse();
    }
  }

  /**
   * Of two ranks with the same images: each one's term is a mean over its own, of which the whole's
   * is the mean. So at the images' tensors the whole has twice as many gradients, each of half the
   * size, and at the weights, which both have, the gradient that each of them has.
   */
  @Test
  void ofSeveralRanksTheNormIsThatOfTheWholeBatch() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor h = Tensors.of(new double[] {1, -2, 2, 4}, 4).set_requires_grad(true);
      Tensor term = Tensors.scaled(h, 3).sum();
      assertThat(Tensors.toDouble(Balance.norm(term, List.of(h), true, new Twins())))
          .isCloseTo(6 * Math.sqrt(2) / 2, within(1e-12));
      assertThat(Tensors.toDouble(Balance.norm(term, List.of(h), false, new Twins())))
          .isCloseTo(6, within(1e-12));
    }
  }

  /** 0.3 · 10 / slope would be 3, 30 and 3 · 10¹². */
  @Test
  void aTermWithoutSlopeIsNotAmplifiedWithoutBound() {
    try (TensorScope scope = TensorScope.open()) {
      double[][] cases = {{1, 3}, {0.1, 30}, {1e-12, 100}, {0, 100}};
      for (double[] each : cases) {
        Tensor weight =
            new Balance.GradientRatio(0.3)
                .weight(Tensors.of(new double[] {each[0]}, 1), Tensors.of(new double[] {10}, 1));
        assertThat(Tensors.toDouble(weight)).isCloseTo(each[1], within(1e-9));
        assertThat(Balance.GradientRatio.isBounded(weight).item_bool()).isEqualTo(each[1] == 100);
      }
    }
  }

  @Test
  void betaDoublesWhileDFindsItTooEasyAndHalvesOnceTheStudentPasses() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor beta = Tensors.of(new double[] {1}, 1).squeeze();
      Balance.AdaptiveBeta rule = new Balance.AdaptiveBeta(1);
      double[][] courses = {
        {0.1, 2}, {0.19, 4}, {0.2, 4}, {0.3, 4}, {0.45, 4}, {0.46, 2}, {0.9, 1}, {0.9, 0.5}
      };
      for (double[] course : courses) {
        rule.update(beta, Tensors.of(new double[] {course[0]}, 1).squeeze());
        assertThat(Tensors.toDouble(beta)).as("after " + course[0]).isEqualTo(course[1]);
      }
    }
  }

  @Test
  void betaStaysWithinAThousandthAndAThousand() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor beta = Tensors.of(new double[] {600}, 1).squeeze();
      Balance.AdaptiveBeta rule = new Balance.AdaptiveBeta(1);
      Tensor low = Tensors.of(new double[] {0}, 1).squeeze();
      rule.update(beta, low);
      assertThat(Tensors.toDouble(beta)).isEqualTo(1000);
      for (int i = 0; i < 30; i++) {
        rule.update(beta, low.add(Tensors.of(new double[] {1}, 1).squeeze()));
      }
      assertThat(Tensors.toDouble(beta)).isEqualTo(1e-3);
    }
  }
}
