package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.CrossEntropy;
import dev.retort.distill.LayerPair;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.SingleProcess;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * At h = (1, −2; 2, 4) the term Σ 3h has a gradient of norm 3 √4 = 6, and Σ h² one of norm 2 √25 =
 * 10.
 */
@NullUnmarked
class TermWeightTest {
  private final TensorScope test = TensorScope.open();
  private final Tensor h = Tensors.of(new double[] {1, -2, 2, 4}, 2, 2).set_requires_grad(true);

  @AfterEach
  void free() {
    test.close();
  }

  private TermWeight weight(Balance balance) {
    return weight(balance, new WeightSchedule(0, 0, 1));
  }

  private TermWeight weight(Balance balance, WeightSchedule schedule) {
    return new TermWeight(
        balance,
        schedule,
        new ActivationRepresentation(
            LayerPair.of("logits"),
            new Encoding.Raw(),
            new Distribution.Deterministic(),
            MadeStep.ofLogits(h, h, 0).pairing()),
        new State(ScalarType.Double, RandomSource.of(1, "weight")));
  }

  /** The weight of the term at a step whose number is a multiple of 16, so that it is measured. */
  private double at(TermWeight weight, long number, Tensor rest) {
    return at(weight, number, Tensors.scaled(h, 3).sum(), rest);
  }

  private double at(TermWeight weight, long number, Tensor term, Tensor rest) {
    return Tensors.toDouble(weight.of(MadeStep.ofLogits(h, h, 16 * number).step(), term, rest));
  }

  /** Half of the way up, at a step that is measured and at one that is not. */
  @Test
  void aFixedWeightFollowsTheScheduleAtEveryStep() {
    try (TensorScope scope = TensorScope.open()) {
      TermWeight fixed = weight(new Balance.Fixed(2), new WeightSchedule(0.1, 0.2, 0.75));
      for (long number : new long[] {0, 1}) {
        Step step = MadeStep.ofLogits(h, h, number).at(0.15).step();
        Tensor weight = fixed.of(step, Tensors.scaled(h, 3).sum(), h.square().sum());
        assertThat(Tensors.toDouble(weight)).isCloseTo(1, within(1e-12));
      }
      assertThat(fixed.meanRatio()).isCloseTo(6 / 10.0, within(1e-12));
    }
  }

  /** The error on the labels of a batch that has none. */
  private Tensor ofNoLabels() {
    return CrossEntropy.loss(h, Tensors.of(new long[] {-1, -1}, 2), 0);
  }

  @Test
  void aStepWhoseRestHasNoGradientIsLeftOutOfTheMeans() {
    try (TensorScope scope = TensorScope.open()) {
      TermWeight fixed = weight(new Balance.Fixed(2));
      assertThat(at(fixed, 0, h.square().sum())).isEqualTo(2);
      assertThat(at(fixed, 1, ofNoLabels())).isEqualTo(2);
      assertThat(fixed.meanRatio()).isCloseTo(2 * 6 / 10.0, within(1e-12));
      assertThat(fixed.meanSlope()).isCloseTo(6, within(1e-12));
      assertThat(fixed.stayedZero()).isFalse();
    }
  }

  @Test
  void theRatioToARestWithoutGradientIsAWeightOfZero() {
    try (TensorScope scope = TensorScope.open()) {
      TermWeight ratio = weight(new Balance.GradientRatio(0.3));
      assertThat(at(ratio, 0, ofNoLabels())).isZero();
      assertThat(ratio.meanRatio()).isNaN();
      assertThat(ratio.stayedZero()).isTrue();
      assertThat(at(ratio, 1, h.square().sum())).isCloseTo(0.3 * 10 / 6, within(1e-9));
      assertThat(ratio.meanRatio()).isCloseTo(0.3, within(1e-9));
      assertThat(ratio.stayedZero()).isFalse();
    }
  }

  /** The slope of Σ 3·10⁻⁶ h is 6·10⁻⁶, to which 0.3 · 10 is half a million. */
  @Test
  void theStepsAtWhichTheWeightIsBoundedAreCountedUntilTheNextEpoch() {
    try (TensorScope scope = TensorScope.open()) {
      TermWeight ratio = weight(new Balance.GradientRatio(0.3));
      assertThat(ratio.boundedShare()).isNaN();
      at(ratio, 0, h.square().sum());
      assertThat(at(ratio, 1, Tensors.scaled(h, 3e-6).sum(), h.square().sum())).isEqualTo(100);
      at(ratio, 2, h.square().sum());
      at(ratio, 3, h.square().sum());
      at(ratio, 4, ofNoLabels());
      assertThat(ratio.boundedShare()).isEqualTo(0.25);
      assertThat(ratio.meanRatio()).isCloseTo((3 * 0.3 + 100 * 6e-6 / 10) / 4, within(1e-9));
      assertThat(Tensors.toDouble(ratio.tensors().get("bounded"))).isEqualTo(1);
      ratio.clearMeans();
      at(ratio, 5, h.square().sum());
      assertThat(ratio.boundedShare()).isZero();
    }
  }

  @Test
  void aTermCountsWhereItsWeightIsNot0AndItsScheduleHasBegun() {
    try (TensorScope scope = TensorScope.open()) {
      List<Balance> some =
          List.of(
              new Balance.Fixed(2), new Balance.GradientRatio(0.3), new Balance.AdaptiveBeta(1));
      for (Balance balance : some) {
        assertThat(counts(balance, 0, 0.01)).isTrue();
        assertThat(counts(balance, 0.25, 0.24)).isFalse();
        assertThat(counts(balance, 0.25, 0.26)).isTrue();
        assertThat(weight(balance, new WeightSchedule(0, 0.5, 1)).countsFromTheStart()).isTrue();
        assertThat(weight(balance, new WeightSchedule(0.25, 0.5, 1)).countsFromTheStart())
            .isFalse();
        assertThat(weight(balance).needsRest()).isEqualTo(balance instanceof Balance.GradientRatio);
      }
      for (Balance none : List.of(new Balance.Fixed(0), new Balance.GradientRatio(0))) {
        assertThat(counts(none, 0, 0.5)).isFalse();
        assertThat(weight(none).countsFromTheStart()).isFalse();
      }
    }
  }

  private boolean counts(Balance balance, double start, double progress) {
    return weight(balance, new WeightSchedule(start, 0.5, 1))
        .counts(MadeStep.ofLogits(h, h, 0).at(progress).step());
  }

  /** D says σ(−9) of the student. */
  @Test
  void anEpochsMeansBeginAnewAndBetaGoesOn() {
    try (TensorScope scope = TensorScope.open()) {
      TermWeight weight = weight(new Balance.AdaptiveBeta(1));
      weight.notice(Tensors.of(new double[] {-9, -9}, 2), SingleProcess.INSTANCE);
      assertThat(at(weight, 0, h.square().sum())).isEqualTo(2);
      assertThat(weight.meanRatio()).isCloseTo(2 * 6 / 10.0, within(1e-12));
      weight.clearMeans();
      assertThat(weight.meanRatio()).isNaN();
      assertThat(at(weight, 1, h.square().sum())).isEqualTo(2);
    }
  }

  @Test
  void aFixedWeightHasNoBound() {
    try (TensorScope scope = TensorScope.open()) {
      TermWeight fixed = weight(new Balance.Fixed(1000));
      assertThat(at(fixed, 0, h.square().sum())).isEqualTo(1000);
      assertThat(fixed.boundedShare()).isNaN();
    }
  }

  /** A rest that reads another layer. */
  @Test
  void aRestThatDoesNotReachTheLayerIsLeftOutToo() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor elsewhere = Tensors.of(new double[] {5}, 1).set_requires_grad(true);
      TermWeight ratio = weight(new Balance.GradientRatio(0.3));
      assertThat(at(ratio, 0, elsewhere.sum())).isZero();
      assertThat(ratio.meanRatio()).isNaN();
      assertThat(ratio.stayedZero()).isTrue();
      ratio.clearMeans();
      assertThat(ratio.stayedZero()).isFalse();
      assertThat(ratio.tensors().values()).allMatch(sum -> Tensors.toDouble(sum) == 0);
    }
  }
}
