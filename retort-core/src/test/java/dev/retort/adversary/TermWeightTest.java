package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.adversary.AdversarySettings.Weight;
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
  private static final Weight RATIO = new Weight(null, 0.3, null, 0, 0, 1);
  private static final Weight BETA = new Weight(null, null, 1.0, 0, 0, 1);

  private final TensorScope test = TensorScope.open();
  private final Tensor h = Tensors.of(new double[] {1, -2, 2, 4}, 2, 2).set_requires_grad(true);

  @AfterEach
  void free() {
    test.close();
  }

  private TermWeight weight(Weight settings) {
    return new TermWeight(
        settings,
        new ActivationRepresentation(LayerPair.of("logits"), MadeStep.ofLogits(h, h, 0).pairing()),
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
      TermWeight fixed = weight(new Weight(2.0, null, null, 0.1, 0.2, 0.75));
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
      TermWeight fixed = weight(Weight.fixed(2));
      assertThat(at(fixed, 0, h.square().sum())).isEqualTo(2);
      assertThat(at(fixed, 1, ofNoLabels())).isEqualTo(2);
      assertThat(fixed.meanRatio()).isCloseTo(2 * 6 / 10.0, within(1e-12));
      assertThat(fixed.meanSlope()).isCloseTo(6, within(1e-12));
      assertThat(fixed.stayedZero()).isFalse();
    }
  }

  @Test
  void theRatioOfGradientsIsTheOneAskedFor() {
    try (TensorScope scope = TensorScope.open()) {
      Step step = MadeStep.ofLogits(h, h, 0).step();
      Tensor weight = weight(RATIO).of(step, Tensors.scaled(h, 3).sum(), h.square().sum());
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
      Tensor term = Tensors.scaled(h, 3).sum();
      assertThat(Tensors.toDouble(TermWeight.norm(term, List.of(h), true, new Twins())))
          .isCloseTo(6 * Math.sqrt(2) / 2, within(1e-12));
      assertThat(Tensors.toDouble(TermWeight.norm(term, List.of(h), false, new Twins())))
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
            TermWeight.ofRatio(
                0.3, Tensors.of(new double[] {each[0]}, 1), Tensors.of(new double[] {10}, 1));
        assertThat(Tensors.toDouble(weight)).isCloseTo(each[1], within(1e-9));
        assertThat(TermWeight.isBounded(weight).item_bool()).isEqualTo(each[1] == 100);
      }
    }
  }

  @Test
  void betaDoublesWhileDFindsItTooEasyAndHalvesOnceTheStudentPasses() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor beta = Tensors.of(new double[] {1}, 1).squeeze();
      double[][] courses = {
        {0.1, 2}, {0.19, 4}, {0.2, 4}, {0.3, 4}, {0.45, 4}, {0.46, 2}, {0.9, 1}, {0.9, 0.5}
      };
      for (double[] course : courses) {
        TermWeight.updateBeta(beta, Tensors.of(new double[] {course[0]}, 1).squeeze());
        assertThat(Tensors.toDouble(beta)).as("after " + course[0]).isEqualTo(course[1]);
      }
    }
  }

  @Test
  void betaStaysWithinAThousandthAndAThousand() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor beta = Tensors.of(new double[] {600}, 1).squeeze();
      Tensor low = Tensors.of(new double[] {0}, 1).squeeze();
      TermWeight.updateBeta(beta, low);
      assertThat(Tensors.toDouble(beta)).isEqualTo(1000);
      for (int i = 0; i < 30; i++) {
        TermWeight.updateBeta(beta, low.add(Tensors.of(new double[] {1}, 1).squeeze()));
      }
      assertThat(Tensors.toDouble(beta)).isEqualTo(1e-3);
    }
  }

  @Test
  void theRatioToARestWithoutGradientIsAWeightOfZero() {
    try (TensorScope scope = TensorScope.open()) {
      TermWeight ratio = weight(RATIO);
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
      TermWeight ratio = weight(RATIO);
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
      for (Weight some : List.of(Weight.fixed(2), RATIO, BETA)) {
        assertThat(counts(some, 0, 0.01)).isTrue();
        assertThat(counts(some, 0.25, 0.24)).isFalse();
        assertThat(counts(some, 0.25, 0.26)).isTrue();
        assertThat(from(0, some).countsFromTheStart()).isTrue();
        assertThat(from(0.25, some).countsFromTheStart()).isFalse();
        assertThat(weight(some).needsRest()).isEqualTo(some.equals(RATIO));
      }
      for (Weight none : List.of(Weight.fixed(0), new Weight(null, 0.0, null, 0, 0, 1))) {
        assertThat(counts(none, 0, 0.5)).isFalse();
        assertThat(weight(none).countsFromTheStart()).isFalse();
      }
    }
  }

  private boolean counts(Weight settings, double start, double progress) {
    return from(start, settings).counts(MadeStep.ofLogits(h, h, 0).at(progress).step());
  }

  private TermWeight from(double start, Weight of) {
    return weight(new Weight(of.fixed(), of.gradientRatio(), of.adaptiveBeta(), start, 0.5, 1));
  }

  /** D says σ(−9) of the student. */
  @Test
  void anEpochsMeansBeginAnewAndBetaGoesOn() {
    try (TensorScope scope = TensorScope.open()) {
      TermWeight weight = weight(BETA);
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
      TermWeight fixed = weight(Weight.fixed(1000));
      assertThat(at(fixed, 0, h.square().sum())).isEqualTo(1000);
      assertThat(fixed.boundedShare()).isNaN();
    }
  }

  /** A rest that reads another layer. */
  @Test
  void aRestThatDoesNotReachTheLayerIsLeftOutToo() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor elsewhere = Tensors.of(new double[] {5}, 1).set_requires_grad(true);
      TermWeight ratio = weight(RATIO);
      assertThat(at(ratio, 0, elsewhere.sum())).isZero();
      assertThat(ratio.meanRatio()).isNaN();
      assertThat(ratio.stayedZero()).isTrue();
      ratio.clearMeans();
      assertThat(ratio.stayedZero()).isFalse();
      assertThat(ratio.tensors().values()).allMatch(sum -> Tensors.toDouble(sum) == 0);
    }
  }
}
