package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Fresh discriminators of normal numbers, whose divergence is known. */
@NullUnmarked
class DistinguishabilityTest {
  private static final RandomSource RANDOM = RandomSource.of(4, "distinguishability");
  private static final int ROWS = 1500;

  private static Distinguishability of(Tensor teacher, Tensor student, boolean paired) {
    DiscriminatorSettings discriminator =
        new DiscriminatorSettings(
            "auto", List.of(32), List.of(8), Conditioning.NONE, false, Misalignment.NONE);
    CrossFitting fitting =
        new CrossFitting(
            new CrossFitting.Settings(3, 60, 10),
            source -> discriminator.create(new long[] {1}, 2, new State(ScalarType.Double, source)),
            RANDOM);
    return Distinguishability.of(
        fitting.judge(
            new Samples(teacher, Condition.NONE), new Samples(student, Condition.NONE), paired),
        paired,
        RANDOM.at("resamples"));
  }

  private static Tensor normal(String purpose, int rows, double mean) {
    return RANDOM.at(purpose).normal(ScalarType.Double, rows, 1).add(new Scalar(mean));
  }

  /** Of N(0, 1) and N(distance, 1), in nats, by the trapezoidal rule. */
  private static double divergence(double distance) {
    DoubleUnaryOperator density = x -> Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    double sum = 0;
    double width = 1e-3;
    for (double x = -8; x < 8 + distance; x += width) {
      double p = density.applyAsDouble(x);
      double q = density.applyAsDouble(x - distance);
      sum += width / 2 * (p * Math.log(2 * p / (p + q)) + q * Math.log(2 * q / (p + q)));
    }
    return sum;
  }

  /** AUC = Φ(distance/√2), 0.8556 at 1.5. */
  @Test
  void twoNormalDistributionsAreAsFarApartAsTheirDensitiesSay() {
    try (TensorScope scope = TensorScope.open()) {
      Distinguishability found = of(normal("t", ROWS, 0), normal("s", ROWS, 1.5), false);
      double divergence = divergence(1.5);
      assertThat(found.jsdLowerBound()).isCloseTo(divergence, within(0.025));
      assertThat(found.jsdLowerBound95().get(0)).isLessThan(divergence).isGreaterThan(0.18);
      assertThat(found.jsdLowerBound95().get(1)).isGreaterThan(found.jsdLowerBound());
      assertThat(found.auc()).isCloseTo(0.8556, within(0.015));
      assertThat(found.auc95().get(0)).isLessThan(found.auc()).isGreaterThan(0.83);
      assertThat(found.pTeacher()).isCloseTo(1 - found.pStudent(), within(0.03));
      assertThat(found.samples()).isEqualTo(ROWS);
    }
  }

  @Test
  void twoSamplesOfOneDistributionAreNotToldApart() {
    try (TensorScope scope = TensorScope.open()) {
      Distinguishability found = of(normal("t", ROWS, 0), normal("s", ROWS, 0), false);
      assertThat(found.auc()).isCloseTo(0.5, within(0.03));
      assertThat(found.jsdLowerBound()).isCloseTo(0, within(0.003));
    }
  }

  /** By concavity log 2 − ½ (softplus(−d) + softplus(d)) ≤ 0 for every d. */
  @Test
  void aStudentEqualToItsTeacherHasAnAucOfExactlyOneHalfAndABoundOfAtMostZero() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor both = normal("t", ROWS, 0);
      Distinguishability found = of(both, both, true);
      assertThat(found.auc()).isEqualTo(0.5);
      assertThat(found.auc95()).containsExactly(0.5, 0.5);
      assertThat(found.jsdLowerBound()).isNotPositive();
      assertThat(found.jsdLowerBound95().get(1)).isNotPositive();
    }
  }

  @Test
  void aConstantStudentIsToldFromATeacherWithCertaintyAlmost() {
    try (TensorScope scope = TensorScope.open()) {
      Distinguishability found = of(normal("t", 300, 0), normal("s", 40, 0).zero_(), false);
      assertThat(found.auc()).isGreaterThan(0.9);
      assertThat(found.jsdLowerBound()).isBetween(0.3, Math.log(2));
      assertThat(found.samples()).isEqualTo(40);
    }
  }

  /** The bound is a mean over pairs, so its interval is ±1.96 standard errors. */
  @Test
  void theIntervalIsThatOfAMeanOverImages() {
    double[] teacher = new double[400];
    double[] student = new double[400];
    Arrays.setAll(teacher, i -> Math.sin(i) + 1);
    Arrays.setAll(student, i -> Math.cos(3 * i) - 1);
    double[] terms = new double[400];
    Arrays.setAll(
        terms,
        i ->
            Math.log(2)
                - (Math.log1p(Math.exp(-teacher[i])) + Math.log1p(Math.exp(student[i]))) / 2);
    double mean = Arrays.stream(terms).average().orElseThrow();
    double error =
        Math.sqrt(Arrays.stream(terms).map(t -> (t - mean) * (t - mean)).sum() / 400 / 400);

    Distinguishability found =
        Distinguishability.of(List.of(new HeldOutLogits(teacher, student)), true, RANDOM);

    assertThat(found.jsdLowerBound()).isCloseTo(mean, within(1e-12));
    assertThat(found.jsdLowerBound95().get(0)).isCloseTo(mean - 1.96 * error, within(0.15 * error));
    assertThat(found.jsdLowerBound95().get(1)).isCloseTo(mean + 1.96 * error, within(0.15 * error));
  }

  /** Of 4 and 16 logits: AUCs of 1 and 0, and log 2 − softplus(∓9), weigh as 1 to 4. */
  @Test
  void foldsCountByTheirRowsAndAreNotRankedTogether() {
    HeldOutLogits right = new HeldOutLogits(new double[] {9, 9}, new double[] {-9, -9});
    double[] low = new double[8];
    double[] high = new double[8];
    Arrays.fill(low, -9);
    Arrays.fill(high, 9);
    Distinguishability found =
        Distinguishability.of(List.of(right, new HeldOutLogits(low, high)), false, RANDOM);
    assertThat(found.auc()).isCloseTo(0.2, within(1e-12));
    assertThat(found.jsdLowerBound())
        .isCloseTo(
            Math.log(2) - 0.2 * Math.log1p(Math.exp(-9)) - 0.8 * Math.log1p(Math.exp(9)),
            within(1e-12));
    double sure = 1 / (1 + Math.exp(-9));
    assertThat(found.pTeacher()).isCloseTo(0.2 * sure + 0.8 * (1 - sure), within(1e-12));
    assertThat(found.pStudent()).isCloseTo(0.2 * (1 - sure) + 0.8 * sure, within(1e-12));
    assertThat(found.samples()).isEqualTo(10);
  }

  /** d = w h; it remembers what it read to learn from, and what it judged without. */
  private static final class Recording implements Discriminator {
    private final State state;
    private final Set<Double> learnt = new HashSet<>();
    private final List<Set<Double>> judged = new ArrayList<>();

    Recording(RandomSource random) {
      this.state = new State(ScalarType.Double, random);
      state.constant("w", 1, 1);
    }

    @Override
    public State state() {
      return state;
    }

    @Override
    public Judgement judge(Tensor representation, Condition condition, Map<String, Tensor> theta) {
      Tensor logits = representation.mv(theta.get("w"));
      Set<Double> values =
          Arrays.stream(Tensors.toDoubles(representation)).boxed().collect(Collectors.toSet());
      if (logits.requires_grad()) {
        learnt.addAll(values);
      } else {
        judged.add(values);
      }
      return Judgement.of(logits);
    }

    /** What it judged last: the held-out rows of both networks, whatever stopped it before. */
    Set<Double> heldOut() {
      Set<Double> both = new HashSet<>(judged.get(judged.size() - 2));
      both.addAll(judged.get(judged.size() - 1));
      return both;
    }

    Set<Double> stopping() {
      return judged.subList(0, judged.size() - 2).stream()
          .flatMap(Set::stream)
          .collect(Collectors.toSet());
    }
  }

  /** 30 different values of each network, by the thousand. */
  @Test
  void eachDJudgesRowsThatItHasNotSeenInUnitsOfThoseThatItLearntFrom() {
    try (TensorScope scope = TensorScope.open()) {
      List<Recording> folds = new ArrayList<>();
      List<HeldOutLogits> judged =
          new CrossFitting(
                  new CrossFitting.Settings(3, 2, 2),
                  source -> {
                    folds.add(new Recording(source));
                    return folds.get(folds.size() - 1);
                  },
                  RANDOM)
              .judge(
                  new Samples(thousands("t"), Condition.NONE),
                  new Samples(thousands("s"), Condition.NONE),
                  true);
      assertThat(judged).hasSize(3);
      for (Recording fold : folds) {
        // 10 of 30 rows are held out; of the other 20, four say when to stop.
        assertThat(fold.heldOut()).hasSize(20).doesNotContainAnyElementsOf(fold.learnt);
        assertThat(fold.stopping())
            .hasSize(8)
            .doesNotContainAnyElementsOf(fold.learnt)
            .doesNotContainAnyElementsOf(fold.heldOut());
        assertThat(fold.learnt).hasSize(32);
        double mean = mean(fold.learnt.stream());
        assertThat(mean).isCloseTo(0, within(1e-12));
        assertThat(mean(fold.learnt.stream().map(value -> value * value)))
            .isCloseTo(1, within(1e-12));
      }
    }
  }

  /** The teacher's values are far above the student's, so that their signs tell them apart. */
  @Test
  void theUnitsAreThoseOfBothNetworksAlikeAlsoWhereOneHasMoreRows() {
    try (TensorScope scope = TensorScope.open()) {
      List<Recording> folds = new ArrayList<>();
      new CrossFitting(
              new CrossFitting.Settings(3, 2, 2),
              source -> {
                folds.add(new Recording(source));
                return folds.get(folds.size() - 1);
              },
              RANDOM)
          .judge(
              new Samples(normal("t", 30, 20), Condition.NONE),
              new Samples(normal("s", 90, -20), Condition.NONE),
              false);
      for (Recording fold : folds) {
        List<Double> teacher = fold.learnt.stream().filter(value -> value > 0).toList();
        List<Double> student = fold.learnt.stream().filter(value -> value < 0).toList();
        assertThat(List.of(teacher.size(), student.size())).containsExactly(16, 48);
        assertThat(mean(teacher.stream()) + mean(student.stream())).isCloseTo(0, within(1e-12));
        assertThat(
                mean(teacher.stream().map(value -> value * value))
                    + mean(student.stream().map(value -> value * value)))
            .isCloseTo(2, within(1e-12));
      }
    }
  }

  private static Tensor thousands(String purpose) {
    return normal(purpose, 30, 0).mul(new Scalar(1000.0));
  }

  private static double mean(Stream<Double> values) {
    return values.mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  @Test
  void tooFewSamplesAreRefused() {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> of(normal("t", 5, 0), normal("s", 5, 0), true))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 6 samples");
    }
  }
}
