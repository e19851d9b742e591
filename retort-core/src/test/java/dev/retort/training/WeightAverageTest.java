package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import dev.retort.optimization.FlatParameters;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * Averages of one weight, or of a normalisation statistic, that is 1, 2, … 10 after the ten steps
 * of a training.
 */
@NullUnmarked
class WeightAverageTest {
  private static final int STEPS = 10;

  /** What takes the weight's place if the training were evaluated after so many steps. */
  private static double averageAfter(int steps, WeightAverage.Settings settings) {
    double evaluated = averageAfter(steps, settings, true);
    assertThat(averageAfter(steps, settings, false)).as("of a statistic").isEqualTo(evaluated);
    return evaluated;
  }

  private static double averageAfter(
      int steps, WeightAverage.Settings settings, boolean ofParameter) {
    try (TensorScope scope = TensorScope.open();
        NoGrad noGrad = NoGrad.open()) {
      State state = new State(ScalarType.Double, RandomSource.of(1, "average"));
      Tensor parameter = state.constant("weight", 0, 1);
      Tensor weight = ofParameter ? parameter : state.buffer("statistic", 0, 1);
      WeightAverage average =
          new WeightAverage(settings, new FlatParameters(state.parameters().values()), state);
      for (int step = 0; step < steps; step++) {
        weight.fill_(new Scalar(step + 1.0));
        average.afterStep(step, STEPS);
      }
      double trained = Tensors.toDouble(weight);
      average.swap();
      double evaluated = Tensors.toDouble(weight);
      average.swap();
      assertThat(Tensors.toDouble(weight)).as("after the evaluation").isEqualTo(trained);
      return evaluated;
    }
  }

  /**
   * From 0, with decays of 1/10, 2/11, 3/12, … the average of 1, 2, 3, … is 0.9 n; the decay stays
   * 0.4 from the sixth step on: 0.4 · 5.4 + 0.6 · 7 = 6.36.
   */
  @Test
  void theExponentialAverageForgetsItsFirstWeightsSooner() {
    WeightAverage.Settings exponential = new WeightAverage.Exponential(1, 0.4);
    assertThat(averageAfter(1, exponential)).isCloseTo(0.9, within(1e-12));
    assertThat(averageAfter(5, exponential)).isCloseTo(4.5, within(1e-12));
    assertThat(averageAfter(7, exponential)).isCloseTo(6.36, within(1e-12));
  }

  /** 1/10 · 1 + 9/10 · 2 = 1.9; then 2/11 · 1.9 + 9/11 · 4 = 39.8/11. */
  @Test
  void anExponentialAverageOfEverySecondStep() {
    WeightAverage.Settings exponential = new WeightAverage.Exponential(2, 0.9);
    assertThat(averageAfter(2, exponential)).isCloseTo(1.9, within(1e-12));
    assertThat(averageAfter(4, exponential)).isCloseTo(39.8 / 11, within(1e-12));
    assertThat(averageAfter(5, exponential)).isCloseTo(39.8 / 11, within(1e-12));
  }

  @Test
  void beforeTheFirstExponentialAverageTheWeightsCount() {
    assertThat(averageAfter(10, new WeightAverage.Exponential(11, 0.9))).isEqualTo(10);
  }

  /**
   * d = 0.5² · 0.2³ = 0.002 after two steps of ten: 0.002 · 0 + 0.998 · 2 = 1.996; then d = 0.5² ·
   * 0.4³ = 0.016: 0.016 · 1.996 + 0.984 · 4 = 3.967936. The weights themselves go on from it.
   */
  @Test
  void lookaheadPutsItsAverageInTheWeightsPlace() {
    WeightAverage.Settings lookahead = new WeightAverage.Lookahead(2, 0.5, 3);
    assertThat(averageAfter(2, lookahead)).isCloseTo(1.996, within(1e-12));
    assertThat(averageAfter(3, lookahead)).isEqualTo(3);
    assertThat(averageAfter(4, lookahead)).isCloseTo(3.967936, within(1e-12));
  }

  /**
   * Of ten steps the average has taken in the fourth, 0.996 · 4 = 3.984 by d = 0.5⁴ · 0.4³, and the
   * eighth, 0.032 · 3.984 + 0.968 · 8 = 7.871488 by d = 0.5⁴ · 0.8³. The tenth step goes back to
   * it.
   */
  @Test
  void aTrainingEndsWithLookaheadsAverage() {
    WeightAverage.Settings lookahead = new WeightAverage.Lookahead(4, 0.5, 3);
    assertThat(averageAfter(9, lookahead)).isEqualTo(9);
    assertThat(averageAfter(10, lookahead)).isCloseTo(7.871488, within(1e-12));
    assertThat(averageAfter(10, new WeightAverage.Lookahead(11, 0.5, 3))).isEqualTo(10);
  }

  /** From the half on every second weight counts: 6, 8, 10. */
  @Test
  void theTailIsAnEqualAverage() {
    WeightAverage.Settings tail = new WeightAverage.Tail(2, 0.5);
    assertThat(averageAfter(10, tail)).isCloseTo(8, within(1e-12));
    assertThat(averageAfter(9, tail)).isCloseTo(7, within(1e-12));
    assertThat(averageAfter(6, tail)).isCloseTo(6, within(1e-12));
  }

  /** Of 6 … 10 every third, back from the last: 10 and 7. */
  @Test
  void theTailHasTheLastWeightsInAnyCase() {
    WeightAverage.Settings tail = new WeightAverage.Tail(3, 0.5);
    assertThat(averageAfter(10, tail)).isCloseTo(8.5, within(1e-12));
    assertThat(averageAfter(9, tail)).isCloseTo(7, within(1e-12));
    assertThat(averageAfter(6, tail)).as("none is taken in yet").isEqualTo(6);
    assertThat(tail.averages(10)).isEqualTo(2);
  }

  @Test
  void beforeTheTailBeginsTheWeightsCount() {
    assertThat(averageAfter(4, new WeightAverage.Tail(1, 0.5))).isEqualTo(4);
  }

  @Test
  void fromTheStartItIsTheMeanOfAll() {
    assertThat(averageAfter(10, new WeightAverage.Tail(1, 0))).isCloseTo(5.5, within(1e-12));
  }

  /** Each evaluation exchanges the two; what that takes is given back at once. */
  @Test
  void theExchangeForAnEvaluationLeavesNoCopyBehind() {
    try (TensorScope training = TensorScope.open()) {
      State state = new State(ScalarType.Float, RandomSource.of(1, "average"));
      state.constant("weight", 0, 500_000); // 2 MB
      WeightAverage average =
          new WeightAverage(
              new WeightAverage.Tail(1, 0), new FlatParameters(state.parameters().values()), state);
      average.swap();
      long before = Pointer.physicalBytes();
      for (int i = 0; i < 300; i++) {
        average.swap();
      }
      assertThat(Pointer.physicalBytes() - before).isLessThan(200_000_000);
    }
  }

  @Test
  void aTailThatNeverBeginsIsRefused() {
    assertThatThrownBy(() -> new WeightAverage.Tail(1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("start must be in [0, 1)");
  }
}
