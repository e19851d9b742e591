package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class HealthMeterTest {
  private static final double LOG3 = Math.log(3);

  private static final double[] NOTHING = {};

  private static HealthMeter meter(double[] teacher, double[] student) {
    return MadeMeter.of(made -> made.says(teacher, student));
  }

  /** σ(log 3) = 3/4, σ(−log 3) = 1/4, σ(0) = 1/2. */
  @Test
  void figuresOfFourLogitsByHand() {
    HealthMeter meter = meter(new double[] {LOG3, LOG3}, new double[] {-LOG3, 0});
    assertThat(meter.logits().pTeacher()).isCloseTo(0.75, within(1e-15));
    assertThat(meter.logits().pStudent()).isCloseTo(0.375, within(1e-15));
    assertThat(meter.accuracy()).isEqualTo(0.875);
    assertThat(meter.logits().auc()).isEqualTo(1);
    double entropy = -(2 * Math.log(0.75) / 2 + (Math.log(0.75) + Math.log(0.5)) / 2) / 2;
    assertThat(meter.logits().jsdLowerBound()).isCloseTo(Math.log(2) - entropy, within(1e-15));
    assertThat(meter.figures())
        .isEqualTo(
            Map.of(
                "pTeacher", meter.logits().pTeacher(),
                "pStudent", 0.375,
                "jsdLowerBound", meter.logits().jsdLowerBound(),
                "accuracy", 0.875,
                "auc", 1.0,
                "logitDifference", 1.5 * LOG3,
                "gradientRatio", 0.1,
                "boundedShare", 0.0));
  }

  /** A relativistic D may answer 9 to the teacher and 5 to the student, and be right. */
  @Test
  void whereLogitsHaveNoZeroThereIsADifferenceAndNoAccuracy() {
    HealthMeter meter =
        MadeMeter.of(
            made ->
                made.learns(GanLoss.RELATIVISTIC).says(new double[] {9, 7}, new double[] {5, 6}));
    assertThat(meter.accuracy()).isNaN();
    assertThat(List.of("pTeacher", "pStudent", "jsdLowerBound", "accuracy"))
        .allSatisfy(name -> assertThat(meter.figures().get(name)).isNaN());
    assertThat(meter.logits().logitDifference()).isEqualTo(2.5);
    assertThat(meter.logits().auc()).isEqualTo(1);
  }

  @Test
  void accuracyCountsFromTheThreshold() {
    assertThat(new HeldOutLogits(new double[] {0.4, 0.6}, new double[] {0.4, 0.5}).accuracy(0.5))
        .isEqualTo((1 + 1 + 0.5) / 4);
  }

  /** By comparisons with it, one logit that is no number would count as wrong, with an AUC of 0. */
  @Test
  void ofADiscriminatorThatDivergedNothingIsSaid() {
    for (double none : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      Map<String, Double> figures =
          new LinkedHashMap<>(meter(new double[] {none, 1}, new double[] {0, -1}).figures());

      assertThat(figures.remove("gradientRatio")).isEqualTo(0.1);
      assertThat(figures.remove("boundedShare")).isZero();
      assertThat(figures).hasSize(6).allSatisfy((name, value) -> assertThat(value).isNaN());
    }
  }

  @Test
  void batchesAddUp() {
    HealthMeter meter = meter(new double[] {LOG3}, new double[] {0});
    try (TensorScope scope = TensorScope.open()) {
      meter.add(Tensors.of(new float[] {0}, 1), Tensors.of(new float[] {0, 0}, 2));
    }
    assertThat(meter.logits().pTeacher()).isCloseTo(0.625, within(1e-7));
    assertThat(meter.logits().pStudent()).isEqualTo(0.5);
  }

  @Test
  void aucCountsTiesHalf() {
    assertThat(meter(new double[] {0, 2}, new double[] {0, 1, 3}).logits().auc())
        .isEqualTo((0.5 + 2) / 6);
    assertThat(meter(new double[] {-1, -1}, new double[] {-1, -1}).logits().auc()).isEqualTo(0.5);
  }

  @Test
  void aPerfectDiscriminatorBoundsTheDivergenceByLogTwoAndNothingOverflows() {
    HealthMeter meter = meter(new double[] {1000}, new double[] {-1000});
    assertThat(meter.logits().jsdLowerBound()).isEqualTo(Math.log(2));
    assertThat(meter.logits().auc()).isEqualTo(1);
  }

  @Test
  void aDiscriminatorThatIsWrongHasANegativeBound() {
    HealthMeter meter = meter(new double[] {-1000}, new double[] {1000});
    assertThat(meter.logits().jsdLowerBound()).isCloseTo(Math.log(2) - 1000, within(1e-9));
    assertThat(meter.accuracy()).isZero();
  }

  /** What was measured in training is, and so are its alarms. */
  @Test
  void withoutImagesNothingOfTheDiscriminatorIsDefined() {
    HealthMeter meter = MadeMeter.of(HealthMeterTest::seesNothing);
    assertThat(meter.logits().pTeacher()).isNaN();
    assertThat(meter.logits().auc()).isNaN();
    assertThat(meter.logits().jsdLowerBound()).isNaN();
    Map<String, Double> figures = new LinkedHashMap<>(meter.figures());
    assertThat(figures.remove("gradientRatio")).isEqualTo(0.1);
    assertThat(figures.remove("boundedShare")).isZero();
    assertThat(figures).hasSize(6).allSatisfy((name, value) -> assertThat(value).isNaN());
    assertThat(meter.alarms()).isEmpty();
    assertThat(MadeMeter.of(made -> seesNothing(made).stayedZero = true).alarms())
        .singleElement(STRING)
        .startsWith("adversary logits: its weight stayed 0");
  }

  private static MadeMeter seesNothing(MadeMeter made) {
    made.teacher = NOTHING;
    made.student = NOTHING;
    return made.says(NOTHING, NOTHING);
  }

  /** Of (−1, 0, 1, 2) it is 5/4, of a constant 0: over both values 5/8. */
  @Test
  void theVarianceIsThatOverImagesAndItsMeanOverValues() {
    HealthMeter meter = MadeMeter.of(HealthMeterTest::seesNothing);
    try (TensorScope scope = TensorScope.open()) {
      meter.addRead(Tensors.of(new double[] {-1, 3, 0, 3}, 2, 2), Tensors.of(new double[2], 1, 2));
      meter.addRead(
          Tensors.of(new double[] {1, 3, 2, 3}, 2, 2), Tensors.of(new double[] {2, 0}, 1, 2));
    }
    assertThat(meter.teacherVariance()).isCloseTo(0.625, within(1e-12));
    assertThat(meter.studentVariance()).isCloseTo(0.5, within(1e-12));
  }

  /**
   * Of twins each figure is that of one. There are twice as many images: four zeros more make the
   * mean 4/12 and that of the squares 12/12.
   */
  @Test
  void whatOtherRanksHaveSeenIsTakenIn() {
    HealthMeter meter = MadeMeter.of(made -> made.says(new double[] {3, 5}, new double[] {0, 4}));
    meter.takeInOthers(new Twins());
    assertThat(meter.logits().teacher()).containsExactly(3, 5, 3, 5);
    assertThat(meter.logits().student()).containsExactly(0, 4, 0, 4);
    assertThat(List.of(meter.teacherVariance(), meter.studentVariance()))
        .containsExactly(1.25, 1.25);
    try (TensorScope scope = TensorScope.open()) {
      Tensor zeros = Tensors.of(new double[4], 4, 1);
      meter.addRead(zeros, zeros);
    }
    assertThat(meter.teacherVariance()).isCloseTo(1 - 1 / 9.0, within(1e-12));
    assertThat(meter.studentVariance()).isCloseTo(1 - 1 / 9.0, within(1e-12));
  }
}
