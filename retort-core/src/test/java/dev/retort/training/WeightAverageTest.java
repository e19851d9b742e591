package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.GradientMode;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import dev.retort.optimization.FlatParameters;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Averages of one weight that is 1, 2, … 10 after the ten steps of a training. */
@NullUnmarked
class WeightAverageTest {
  private static final int STEPS = 10;

  /** What takes the weight's place if the training were evaluated after so many steps. */
  private static double averageAfter(int steps, WeightAverage.Settings settings) {
    try (TensorScope scope = TensorScope.open();
        GradientMode off = GradientMode.off()) {
      State state = new State(ScalarType.Double, RandomSource.of(1, "average"));
      Tensor weight = state.constant("weight", 0, 1);
      WeightAverage average =
          new WeightAverage(settings, new FlatParameters(state.parameters().values()), state);
      for (int step = 0; step < steps; step++) {
        weight.fill_(new Scalar(step + 1.0));
        average.afterStep(step, STEPS);
      }
      average.swap();
      double evaluated = Tensors.toDouble(weight);
      average.swap();
      assertThat(Tensors.toDouble(weight)).as("after the evaluation").isEqualTo(steps);
      return evaluated;
    }
  }

  /** From the half on every second weight counts: 6, 8, 10. */
  @Test
  void theTailIsAnEqualAverage() {
    WeightAverage.Settings tail = new WeightAverage.Tail(2, 0.5);
    assertThat(averageAfter(10, tail)).isCloseTo(8, within(1e-12));
    assertThat(averageAfter(9, tail)).isCloseTo(7, within(1e-12));
    assertThat(averageAfter(6, tail)).isCloseTo(6, within(1e-12));
  }

  @Test
  void beforeTheTailBeginsTheWeightsCount() {
    assertThat(averageAfter(4, new WeightAverage.Tail(1, 0.5))).isEqualTo(4);
  }

  @Test
  void fromTheStartItIsTheMeanOfAll() {
    assertThat(averageAfter(10, new WeightAverage.Tail(1, 0))).isCloseTo(5.5, within(1e-12));
  }

  @Test
  void aTailThatNeverBeginsIsRefused() {
    assertThatThrownBy(() -> new WeightAverage.Tail(1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("start must be in [0, 1)");
  }
}
