package dev.retort.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.MeasuredWeight;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class LossTest {
  private static final Step STEP =
      new Step(null, null, null, null, 0, 0.5, RandomSource.of(1, "step"));

  /** A term that is always the same, whatever it says of its gradient. */
  private record Constant(String name, double weight, float value) implements Objective {
    @Override
    public Tensor loss(Step step) {
      return Tensors.of(new float[] {value}).squeeze().requires_grad_(true);
    }
  }

  private record Given(String name, Tensor value) implements Objective {
    @Override
    public Tensor loss(Step step) {
      return value;
    }
  }

  /**
   * As a loss that was computed by way of Java's numbers: it would train the student on the rest.
   */
  @Test
  void aValueWithoutGradientIsRefusedUnlessItIsZero() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor three = Tensors.of(new float[] {3}).squeeze();
      Constant labels = new Constant("labels", 1, 1);

      assertThatThrownBy(() -> loss(labels, new Given("cut", three)).of(STEP))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the objective cut gives a value that has no gradient");
      assertThatThrownBy(() -> loss(labels, new Given("vector", three.unsqueeze(0))).of(STEP))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the objective vector gives a tensor of the shape [1]");
      Tensor nothing = Tensors.of(new float[] {0}).squeeze();
      assertThat(Tensors.toDouble(loss(labels, new Given("none", nothing)).of(STEP).sum()))
          .isEqualTo(1);

      // It is the only one, of a batch without labels: the student stays as it is.
      Tensor weights = Tensors.of(new double[] {1, 2}, 2);
      Tensor gradient = Tensors.gradients(nothing, new TensorVector(weights), false).get(0);
      assertThat(Tensors.toDoubles(gradient)).containsExactly(0, 0);
    }
  }

  /** A checkpoint would hold one sum of the two. */
  @Test
  void noTermIsNamedAsTheirSum() {
    List<Objective> objectives = List.of(new Constant("labels", 1, 1), new Constant("total", 1, 1));

    assertThatThrownBy(() -> TrainingTask.requireLoss(objectives))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "an objective is named 'total', as the sum of all is in a checkpoint: name it otherwise");
  }

  private static Loss loss(Objective... objectives) {
    return new Loss(List.of(objectives), Tensors.of(new float[] {0}));
  }

  @Test
  void aTermOfMoreThanAHundredTimesTheRestIsAnAlarm() {
    try (TensorScope scope = TensorScope.open()) {
      // 2 · 60 against 1 + 0.1 · 1: 109 times
      assertThat(
              alarms(new Constant("a", 2, 60), new Constant("b", 1, 1), new Constant("c", 0.1, 1)))
          .containsExactly(
              "the term a is more than a hundred times the rest of the loss, which hardly"
                  + " counts; lower its weight, unless validation images prefer it so");
      assertThat(
              alarms(new Constant("a", 2, 54), new Constant("b", 1, 1), new Constant("c", 0.1, 1)))
          .isEmpty();
      assertThat(alarms(new Constant("alone", 1000, 60))).isEmpty();
      // Without labels cross-entropy is 0, and no weight mends that.
      assertThat(alarms(new Constant("a", 2, 60), new Constant("labels", 1, 0))).isEmpty();
    }
  }

  /** A multiple of s. */
  private record Slope(
      String name, double weight, double slope, Tensor s, MeasuredWeight measuredWeight)
      implements Objective {
    @Override
    public Tensor loss(Step step) {
      return Tensors.scaled(s, slope);
    }
  }

  /** Always the same, and remembers what it was measured against. */
  private record Weighs(double value, List<Double> rests) implements MeasuredWeight {
    @Override
    public boolean counts(Step step) {
      return value > 0;
    }

    @Override
    public Tensor of(Step step, Tensor term, Tensor rest) {
      rests.add(Tensors.toDouble(rest));
      return Tensors.of(new double[] {value}).squeeze();
    }

    @Override
    public boolean needsRest() {
      return true;
    }

    @Override
    public boolean countsFromTheStart() {
      return true;
    }
  }

  /**
   * At s = 3, with terms of 2 · 5 s, −0.5 · 4 s, and two of measured weight, 7 · 0.1 s and 0.2 · 10
   * s: the rest is 8 s = 24 for both of these, and the sum (8 + 0.7 + 2) s.
   */
  @Test
  void theSumAndItsGradientAreThoseOfTheWeightedTermsAndTheRestIsWithoutMeasuredOnes() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor s = Tensors.of(new double[] {3}).squeeze().set_requires_grad(true);
      List<Double> rests = new ArrayList<>();
      Loss loss =
          new Loss(
              List.of(
                  new Slope("d", 1, 0.1, s, new Weighs(7, rests)),
                  new Slope("a", 2, 5, s, null),
                  new Slope("never", 1, 1000, s, new Weighs(0, rests)),
                  new Slope("e", 1, 10, s, new Weighs(0.2, rests)),
                  new Slope("b", 0.5, -4, s, null)),
              s);
      Loss.Terms terms = loss.of(STEP);
      terms.sum().backward();

      assertThat(Tensors.toDouble(terms.sum())).isCloseTo(32.1, within(1e-12));
      assertThat(Tensors.toDouble(s.grad())).isCloseTo(10.7, within(1e-12));
      assertThat(rests).containsExactly(24.0, 24.0);
      assertThat(terms.names()).containsExactly("a", "b", "d", "e");
      assertThat(Tensors.toDoubles(terms.values()))
          .containsExactly(new double[] {15, -12, 0.3, 30, 32.1}, within(1e-12));
    }
  }

  /** As the mean of a logarithm that goes from 2 to −1, on its way. */
  private record Signed(MeasuredWeight measuredWeight) implements Objective {
    @Override
    public String name() {
      return "signed";
    }

    @Override
    public boolean isAtLeastZero() {
      return false;
    }

    @Override
    public Tensor loss(Step step) {
      return Tensors.of(new float[] {0.001f}).squeeze().requires_grad_(true);
    }
  }

  @Test
  void aTermThatMayBeNegativeIsNoMeasureOfTheRest() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(alarms(new Signed(null), new Constant("labels", 1, 0.5f))).isEmpty();
    }
  }

  @Test
  void oneOfMeasuredWeightIsNotMeasuredByItsValue() {
    try (TensorScope scope = TensorScope.open()) {
      Objective signed = new Signed(new Weighs(1, new ArrayList<>()));
      assertThat(alarms(signed, new Constant("a", 2, 60), new Constant("b", 1, 1))).hasSize(1);
    }
  }

  private static List<String> alarms(Objective... objectives) {
    Loss loss = new Loss(List.of(objectives), Tensors.of(new float[1], 1));
    loss.beginEpoch(0);
    for (int i = 0; i < 3; i++) {
      loss.count(loss.of(STEP));
    }
    return loss.alarms();
  }
}
