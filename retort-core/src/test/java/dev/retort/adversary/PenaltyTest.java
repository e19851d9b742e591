package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class PenaltyTest {
  private static Tensor penalty(
      Penalty penalty, UnaryOperator<Tensor> judge, double[] real, double[] fake) {
    Tensor t = Tensors.of(real, real.length / 2, 2).set_requires_grad(true);
    Tensor s = Tensors.of(fake, fake.length / 2, 2).set_requires_grad(true);
    return penalty.of(t, judge.apply(t), s, judge.apply(s), judge, MadeStep.RANDOM);
  }

  /** d = ⟨w, h⟩ with w = (3, 4): the slope is 5 everywhere. */
  @Test
  void ofALinearDThePenaltiesAndTheirGradientsAreThoseOfItsNorm() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor w = Tensors.of(new double[] {3, 4}, 2).set_requires_grad(true);
      UnaryOperator<Tensor> judge = h -> h.mv(w);
      double[] any = {1, 2, -3, 0.5};
      double[][] cases = {
        {0.2, 0, 0, 0.1 * 25, 0.2},
        {0, 0.4, 0, 0.2 * 25, 0.4},
        {0, 0, 10, 10 * 16, 2 * 10 * 4 / 5.0},
        {0.2, 0.4, 10, 7.5 + 160, 16.6},
      };
      for (double[] each : cases) {
        Tensor value = penalty(new Penalty(each[0], each[1], each[2]), judge, any, any);
        assertThat(Tensors.toDouble(value)).isCloseTo(each[3], within(1e-10));
        double[] gradient =
            Tensors.toDoubles(Tensors.gradients(value, new TensorVector(w), false).get(0));
        assertThat(gradient)
            .containsExactly(new double[] {3 * each[4], 4 * each[4]}, within(1e-10));
      }
    }
  }

  /** d = ½‖h‖² has the slope h: R1 sees the teacher's, R2 the student's. */
  @Test
  void eachIsTakenWhereItsPaperSays() {
    try (TensorScope scope = TensorScope.open()) {
      UnaryOperator<Tensor> judge = h -> Tensors.scaled(h.square().sum(1), 0.5);
      double[] real = {1, 2, 3, 0};
      double[] fake = {0, 0, 0, 4};
      assertThat(Tensors.toDouble(penalty(new Penalty(1.0, 0.0, 0.0), judge, real, fake)))
          .isCloseTo((5 + 9) / 2.0 / 2, within(1e-12));
      assertThat(Tensors.toDouble(penalty(new Penalty(0.0, 1.0, 0.0), judge, real, fake)))
          .isCloseTo(16 / 2.0 / 2, within(1e-12));
    }
  }

  /**
   * The mean of (x − 1)² over x uniform between 2 and 3 is 7/3, with a deviation of 0.87 of one x
   * and 0.014 of the mean of 4,000. One x for all rows lies within three of these once in 36 times.
   */
  @Test
  void theGradientPenaltyIsTakenAtAnotherPointOfEachImagesSegment() {
    try (TensorScope scope = TensorScope.open()) {
      UnaryOperator<Tensor> judge = h -> Tensors.scaled(h.square().sum(1), 0.5);
      double[] real = new double[8000];
      double[] fake = new double[8000];
      for (int row = 0; row < 4000; row++) {
        real[2 * row] = 3;
        fake[2 * row] = 2;
      }
      assertThat(Tensors.toDouble(penalty(new Penalty(0.0, 0.0, 1.0), judge, real, fake)))
          .isCloseTo(7 / 3.0, within(0.042));
    }
  }

  @Test
  void aNegativeFactorIsRefused() {
    assertThatThrownBy(() -> new Penalty(0, -1, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("r2 must be 0 or more, not -1.0");
  }
}
