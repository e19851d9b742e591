package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.LayerPair;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every key from YAML, and what is refused before the first step. */
@NullUnmarked
class AdversarySettingsTest {
  @Test
  void everyKeyIsReadFromYaml() {
    AdversarySettings read =
        MadeSettings.adversary(
            """
            on: [{teacher: 'stage:2', student: 'stage:3'}, weights], loss: non-saturating,
            encoding: {softmax: {temperature: 2}}, distribution: {gaussian: {sigma: 0.2}},
            discriminator: {architecture: mlp, hidden: [7], channels: [8, 9], condition: pair,
            spectralNormalization: true, misaligned: same-class},
            steps: 3, learningRate: 0.01, betas: [0, 0.99], realTarget: 0.9,
            penalty: {r1: 1, r2: 2, gradientPenalty: 3}, replay: 64,
            convergence: {heldOut: 0.5, tolerance: 0.1}, restart: 100, unroll: 0,
            kernels: {pool: stage, samples: 10, normalization: slice}, similarities: 5,
            control: shuffled-teacher, weight: {adaptiveBeta: 2, start: 0, full: 0.5, decay: 1}\
            """
                .replace("\n", " "));
    assertThat(read)
        .isEqualTo(
            new AdversarySettings(
                List.of(new LayerPair("stage:2", "stage:3"), LayerPair.of("weights")),
                GanLoss.NON_SATURATING,
                new Encoding.Softmax(2),
                new Distribution.Gaussian(0.2, true),
                new DiscriminatorSettings(
                    "mlp",
                    List.of(7),
                    List.of(8, 9),
                    Conditioning.PAIR,
                    true,
                    Misalignment.SAME_CLASS),
                3,
                0.01,
                List.of(0.0, 0.99),
                0.9,
                new Penalty(1.0, 2.0, 3.0),
                64,
                new AdversarySettings.Convergence(0.5, 0.1),
                100,
                0,
                new KernelSlices.Settings(
                    KernelSlices.Pool.STAGE, 10, KernelSlices.Normalization.SLICE),
                5,
                Control.SHUFFLED_TEACHER,
                new AdversarySettings.Weight(null, null, 2.0, 0.0, 0.5, 1.0)));
  }

  /** Least squares draw D's logit on the student to 0, which the rule would take for a weak D. */
  @ParameterizedTest
  @ValueSource(strings = {"least-squares", "hinge", "relativistic", "wasserstein-gp"})
  void theRuleForBetaNeedsAProbability(String loss) {
    assertThatThrownBy(
            () -> MadeSettings.adversary("loss: " + loss + ", weight: {adaptiveBeta: 0.3}"))
        .hasMessageContaining("weight.adaptiveBeta reads D's mean probability on the student")
        .hasMessageContaining(loss);
  }

  @Test
  void aWeightRisesLinearlyStaysAndFallsAlongACosine() {
    AdversarySettings.Weight ramp = new AdversarySettings.Weight(1.0, null, null, 0.1, 0.2, 0.75);
    assertThat(ramp.factor(0)).isZero();
    assertThat(ramp.factor(0.0999)).isZero();
    assertThat(ramp.factor(0.15)).isCloseTo(0.5, within(1e-12));
    assertThat(ramp.factor(0.2)).isEqualTo(1);
    assertThat(ramp.factor(0.7)).isEqualTo(1);
    assertThat(ramp.factor(0.75)).isEqualTo(1);
    assertThat(ramp.factor(0.75 + 0.25 / 3)).isCloseTo(0.75, within(1e-12));
    assertThat(ramp.factor(0.875)).isCloseTo(0.5, within(1e-12));
    assertThat(ramp.factor(1)).isCloseTo(0, within(1e-12));
  }

  @Test
  void withoutARampTheTermCountsFromTheFirstStepToTheLast() {
    assertThat(AdversarySettings.Weight.fixed(1).factor(0)).isEqualTo(1);
    assertThat(AdversarySettings.Weight.fixed(1).factor(1)).isEqualTo(1);
  }

  @Test
  void aPartOfTheBatchIsHeldOutAndOfTwoRowsOneIsLeftOnEitherSide() {
    assertThat(new AdversarySettings.Convergence(0.25, 0).rowsLearntFrom(12)).isEqualTo(9);
    assertThat(new AdversarySettings.Convergence(0.4, 0).rowsLearntFrom(4)).isEqualTo(2);
    assertThat(new AdversarySettings.Convergence(0.01, 0).rowsLearntFrom(2)).isEqualTo(1);
    assertThat(new AdversarySettings.Convergence(0.99, 0).rowsLearntFrom(2)).isEqualTo(1);
  }

  @Test
  void theGradientPenaltyBelongsToItsLoss() {
    assertThat(MadeSettings.adversary("loss: wasserstein-gp").penalty())
        .isEqualTo(new Penalty(0.0, 0.0, 10.0));
    assertThat(MadeSettings.adversary("loss: wasserstein-gp, penalty: {r1: 1}").penalty())
        .isEqualTo(new Penalty(1.0, 0.0, 10.0));
    assertThat(
            MadeSettings.adversary("loss: wasserstein-gp, penalty: {gradientPenalty: 0}").penalty())
        .isEqualTo(new Penalty(0, 0, 0.0));
    assertThat(MadeSettings.adversary("unroll: 2").unroll()).isEqualTo(2);
    assertThat(MadeSettings.adversary("loss: hinge").penalty()).isEqualTo(new Penalty(0, 0, 0.0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          on: []                                  | on must name at least one layer
          weight: {fixed: 1, gradientRatio: 0.1}  | weight takes one of fixed, gradientRatio and adaptiveBeta
          weight: {start: 0.3, full: 0.2}         | the parts of the training must rise: 0 <= start <= full <= decay <= 1, not 0.3, 0.2, 0.75
          weight: {gradientRatio: -1}             | gradientRatio must be 0 or more, not -1.0
          weight: {adaptiveBeta: 5000}            | adaptiveBeta starts within [0.001, 1000], not at 5000.0
          steps: -1                               | steps must not be negative, but is -1
          learningRate: 0                         | learningRate must be positive, not 0.0
          betas: [0.5]                            | betas are two numbers, not [0.5]
          realTarget: 0.4                         | realTarget must be in (0.5, 1], not 0.4
          unroll: 1, steps: 0                     | unroll adds steps of a D that learns
          unroll: 1, convergence: {heldOut: 0.5}  | unroll adds steps of a D that learns, from all of a batch
          unroll: 1, replay: 8                    | from all of a batch and nothing else
          discriminator: {hidden: [], condition: pair} | its gradient would not know the condition
          discriminator: {hidden: [], condition: label-concatenation} | its gradient would not know the condition
          realTarget: 0.9, loss: relativistic     | realTarget is for losses that have targets; relativistic has none
          convergence: {heldOut: 1}               | heldOut must be in (0, 1), not 1.0
          convergence: {heldOut: 0.5}             | convergence has nothing to stop with steps: 1
          replay: -1                              | replay must not be negative, but is -1
          discriminator: {hidden: [0]}            | hidden must be whole numbers from 1, not [0]
          discriminator: {channels: []}           | channels must name at least one layer's width
          kernels: {samples: 1}                   | samples must be at least 2, not 1
          encoding: {softmax: {temperature: 0}}   | temperature must be from 0.01 to 1000.0, not 0.0
          distribution: {gaussian: {sigma: -1}}   | sigma must be 0 or more, not -1.0
          discriminator: {misaligned: same-class} | cannot tell that a representation is of another
          """)
  void whatMakesNoSenseIsRefusedInASentence(String keys, String sentence) {
    assertThatThrownBy(() -> MadeSettings.adversary(keys)).hasMessageContaining(sentence);
  }
}
