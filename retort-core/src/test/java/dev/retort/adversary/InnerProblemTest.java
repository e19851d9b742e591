package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.Step;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.State;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class InnerProblemTest {
  private static final int IMAGES = 12;
  private static final String SMALL =
      "on: [logits], discriminator: {hidden: [6]}, learningRate: 0.02";

  private static Adversary adversary(String settings, MadeStep step) {
    return MadeSettings.adversary(settings, step.pairing());
  }

  private static MadeStep unlike(long number) {
    Tensor teacher = Tensors.scaled(MadeStep.normal("teacher", number, IMAGES, 3), 2);
    Tensor student = MadeStep.normal("student", number, IMAGES, 3).add(new Scalar(0.5));
    return MadeStep.ofLogits(teacher, student.set_requires_grad(true), number);
  }

  private static Map<String, double[]> values(Adversary adversary) {
    Map<String, double[]> values = new LinkedHashMap<>();
    adversary.checkpointed().forEach((name, tensor) -> values.put(name, Tensors.toDoubles(tensor)));
    return values;
  }

  /**
   * At h = 0 only the bias b counts; the loss's slope in it is 2σ(b) − 1, and Adam's first step η.
   */
  @Test
  void theFirstStepIsTheLearningRateInTheDirectionThatLowersTheLoss() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor zeros = Tensors.of(new double[6], 2, 3);
      MadeStep step = MadeStep.ofLogits(zeros, zeros.clone().set_requires_grad(true), 0);
      Adversary adversary =
          adversary("on: [logits], learningRate: 0.02, discriminator: {hidden: []}", step);
      double before = values(adversary).get("discriminator.head.bias")[0];
      adversary.learn(step.step());
      assertThat(values(adversary).get("discriminator.head.bias")[0] - before)
          .isCloseTo(before > 0 ? -0.02 : 0.02, within(1e-8));
    }
  }

  @Test
  void kStepsAreKTimesOneStep() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep step = unlike(0);
      Adversary three = adversary(SMALL + ", steps: 3", step);
      Adversary one = adversary(SMALL, step);
      three.learn(step.step());
      for (int i = 0; i < 3; i++) {
        one.learn(step.step());
      }
      assertThat(values(three)).usingRecursiveComparison().isEqualTo(values(one));
    }
  }

  @Test
  void itIsSolvedAlikeEveryTime() {
    try (TensorScope scope = TensorScope.open()) {
      String settings =
          SMALL
              + ", replay: 20, penalty: {gradientPenalty: 10}, distribution: gaussian,"
              + " loss: wasserstein-gp";
      Adversary one = adversary(settings, unlike(0));
      Adversary other = adversary(settings, unlike(0));
      for (int i = 0; i < 3; i++) {
        one.learn(unlike(i).step());
        other.learn(unlike(i).step());
      }
      assertThat(values(one)).usingRecursiveComparison().isEqualTo(values(other));
    }
  }

  /**
   * What is unrolled is what D would do: θ after n more steps. The random points of the gradient
   * penalty are others on the course, which makes no difference to a linear D: its slope is the
   * same everywhere.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "penalty: {}",
        "penalty: {r1: 0.5, r2: 0.5}",
        "discriminator: {hidden: []}, penalty: {gradientPenalty: 2}, loss: relativistic",
        "discriminator: {hidden: [6], condition: label-projection}",
        "discriminator: {condition: pair, misaligned: same-class}",
        "control: noise-discriminator"
      })
  void theUnrolledCourseEndsWhereDWouldEnd(String more) {
    try (TensorScope scope = TensorScope.open()) {
      String settings =
          more.contains("discriminator")
              ? "on: [logits], learningRate: 0.02, " + more
              : SMALL + ", " + more;
      MadeStep made = unlike(0);
      Step step = made.step();
      Adversary ahead = adversary(settings + ", unroll: 2", made);
      Adversary following = adversary(settings, made);
      ahead.learn(step);
      following.learn(step);
      double expected = Tensors.toDouble(ahead.loss(step));
      assertThat(Tensors.toDouble(following.loss(step))).isNotCloseTo(expected, within(1e-9));
      following.learn(step);
      following.learn(step);
      assertThat(Tensors.toDouble(following.loss(step))).isCloseTo(expected, within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "penalty: {}",
        "penalty: {r1: 0.5, r2: 0.5, gradientPenalty: 2}, loss: relativistic",
        "loss: non-saturating, realTarget: 0.9"
      })
  void theUnrolledGradientIsThatOfFiniteDifferences(String more) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = unlike(0);
      Adversary adversary = adversary(SMALL + ", unroll: 3, " + more, made);
      adversary.learn(made.step());
      Tensor student = made.student().get("logits");
      Tensor loss = adversary.loss(made.step());
      loss.backward();
      double[] gradient = Tensors.toDoubles(student.grad());
      double[] values = Tensors.toDoubles(student);
      double h = 1e-5;
      for (int i = 0; i < values.length; i += 5) {
        double slope =
            (loss(adversary, made, values, i, h) - loss(adversary, made, values, i, -h)) / (2 * h);
        assertThat(gradient[i]).isCloseTo(slope, within(1e-7));
      }
      Adversary firstOrder = adversary(SMALL + ", " + more, made);
      firstOrder.learn(made.step());
      Tensor again = student.detach().set_requires_grad(true);
      firstOrder.loss(MadeStep.ofLogits(made.teacher().get("logits"), again, 0).step()).backward();
      assertThat(Tensors.toDoubles(again.grad())[0]).isNotCloseTo(gradient[0], within(1e-7));
    }
  }

  private static double loss(
      Adversary adversary, MadeStep made, double[] values, int index, double change) {
    try (TensorScope scope = TensorScope.open()) {
      double[] changed = values.clone();
      changed[index] += change;
      Tensor student = Tensors.of(changed, IMAGES, 3).set_requires_grad(true);
      Step step = MadeStep.ofLogits(made.teacher().get("logits"), student, 0).step();
      return Tensors.toDouble(adversary.loss(step));
    }
  }

  @Test
  void unrollingLeavesDAsItIs() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = unlike(0);
      Adversary adversary = adversary(SMALL + ", unroll: 2", made);
      adversary.learn(made.step());
      Map<String, double[]> before = values(adversary);
      adversary.loss(made.step()).backward();
      assertThat(values(adversary)).usingRecursiveComparison().isEqualTo(before);
    }
  }

  @Test
  void itStopsWhereTheHeldOutLossNoLongerFalls() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor both = MadeStep.normal("both", 0, IMAGES, 3);
      MadeStep same = MadeStep.ofLogits(both, both.clone().set_requires_grad(true), 0);
      String settings = SMALL + ", steps: 40, convergence: {heldOut: 0.25, tolerance: 0.001}";
      Adversary hopeless = adversary(settings, same);
      hopeless.learn(same.step());
      assertThat(stepsTaken(hopeless))
          .as("each step is measured against the one before")
          .isBetween(2.0, 5.0);
      Adversary worthwhile = adversary(settings.replace("0.001", "0"), apart());
      worthwhile.learn(apart().step());
      assertThat(stepsTaken(worthwhile)).isEqualTo(40);
    }
  }

  private static MadeStep apart() {
    Tensor teacher = MadeStep.normal("teacher", 0, IMAGES, 3).add(new Scalar(4.0));
    Tensor student = MadeStep.normal("student", 0, IMAGES, 3).sub(new Scalar(4.0));
    return MadeStep.ofLogits(teacher, student.set_requires_grad(true), 0);
  }

  private static double stepsTaken(Adversary adversary) {
    return Tensors.toDouble(adversary.checkpointed().get("optimizer.steps"));
  }

  @Test
  void ofTheHeldOutRowsDLearnsNothing() {
    try (TensorScope scope = TensorScope.open()) {
      String settings = SMALL + ", steps: 3, convergence: {heldOut: 0.25, tolerance: 0}";
      MadeStep made = apart();
      Tensor other = made.student().get("logits").detach().clone();
      other.narrow(0, 9, 3).sub_(new Scalar(1.0));
      MadeStep changed = MadeStep.ofLogits(made.teacher().get("logits"), other, 0);
      Adversary one = adversary(settings, made);
      Adversary two = adversary(settings, made);
      one.learn(made.step());
      two.learn(changed.step());
      assertThat(stepsTaken(one)).isEqualTo(3);
      assertThat(values(one)).usingRecursiveComparison().isEqualTo(values(two));
    }
  }

  /** A matrix of rank one is added to θ, which then all but stays. */
  @ParameterizedTest
  @ValueSource(strings = {"logits], discriminator: {hidden", "map], discriminator: {channels"})
  void eachStepOfDBringsItsNormalizationNearerToTheLargestSingularValue(String on) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> teacher = withMap("teacher");
      Map<String, Tensor> student = withMap("student");
      MadeStep made = new MadeStep(teacher, student, teacher, new long[IMAGES], 0, 0.5);
      String more = ": [6], spectralNormalization: true}, steps: 30, learningRate: 0.000001";
      Adversary adversary = adversary("on: [" + on + more, made);
      Map<String, Tensor> tensors = adversary.checkpointed();
      try (NoGrad noGrad = NoGrad.open()) {
        Tensor matrix = tensors.get("discriminator.0.weight").flatten(1, -1);
        Tensor column = MadeStep.normal("column", 0, matrix.size(0), 1);
        matrix.add_(column.matmul(MadeStep.normal("row", 0, 1, matrix.size(1))));
      }
      adversary.learn(made.step());
      Tensor matrix = tensors.get("discriminator.0.weight").flatten(1, -1);
      double largest = Tensors.toDoubles(torch.linalg_svdvals(matrix))[0];
      Tensor u = tensors.get("discriminator.0.u");
      double divisor = Tensors.toDouble(u.dot(matrix.mv(tensors.get("discriminator.0.v"))));
      assertThat(largest / divisor).isCloseTo(1, within(0.02));
    }
  }

  private static Map<String, Tensor> withMap(String whose) {
    return Map.of(
        "logits", MadeStep.normal(whose, 0, IMAGES, 3),
        "map", MadeStep.normal(whose, 1, IMAGES, 2, 3, 3));
  }

  @Test
  void dBeginsAnewWhenItIsTold() {
    try (TensorScope scope = TensorScope.open()) {
      Adversary adversary = adversary(SMALL + ", restart: 2", unlike(0));
      Adversary fresh =
          adversary(SMALL, unlike(0)); // of other initial values, but with the same history
      adversary.learn(unlike(0).step());
      adversary.learn(unlike(1).step());
      double[] before = values(adversary).get("discriminator.0.weight");
      adversary.learn(unlike(2).step());
      double[] after = values(adversary).get("discriminator.0.weight");
      assertThat(stepsTaken(adversary)).isEqualTo(1);
      assertThat(distance(before, after)).isGreaterThan(0.5);
      Adversary again = adversary(SMALL + ", restart: 2", unlike(0));
      again.learn(unlike(2).step());
      assertThat(values(again)).usingRecursiveComparison().isEqualTo(values(adversary));
      fresh.learn(unlike(2).step());
      assertThat(values(fresh).get("discriminator.0.weight")).isNotEqualTo(after);
    }
  }

  /** A control: another discriminator that never learns, every two steps. */
  @Test
  void dBeginsAnewAlsoWhereItNeverLearns() {
    try (TensorScope scope = TensorScope.open()) {
      Adversary adversary = adversary(SMALL + ", steps: 0, restart: 2", unlike(0));
      adversary.learn(unlike(1).step());
      double[] before = values(adversary).get("discriminator.0.weight");
      adversary.learn(unlike(2).step());

      assertThat(values(adversary).get("discriminator.0.weight")).isNotEqualTo(before);
    }
  }

  @Test
  void whatIsCheckpointedIsAllThatItGoesOnFrom() {
    try (TensorScope scope = TensorScope.open()) {
      String settings =
          "on: [logits], discriminator: {hidden: [6], condition: pair, spectralNormalization: true},"
              + " replay: 20, restart: 4, distribution: gaussian, weight: {adaptiveBeta: 1}";
      Adversary first = adversary(settings, unlike(0));
      Adversary second = adversary(settings, unlike(0));
      for (int i = 0; i < 3; i++) {
        go(first, i);
      }
      first
          .checkpointed()
          .forEach(
              (name, saved) -> {
                try (NoGrad noGrad = NoGrad.open()) {
                  second.checkpointed().get(name).copy_(saved);
                }
              });
      for (int i = 3; i < 7; i++) {
        assertThat(go(second, i)).isEqualTo(go(first, i));
        assertThat(values(second)).usingRecursiveComparison().isEqualTo(values(first));
      }
    }
  }

  /** A step of both; the student's term. */
  private static double go(Adversary adversary, int number) {
    Step step = unlike(number).step();
    adversary.learn(step);
    Tensor term = adversary.loss(step);
    return Tensors.toDouble(term.mul(adversary.measuredWeight().of(step, term, term.detach())));
  }

  private static double distance(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum = Math.hypot(sum, one[i] - other[i]);
    }
    return sum;
  }

  /** Half of what D must reject are misaligned pairs: its loss is the mean over both kinds. */
  @Test
  void otherFakesCountByTheirNumber() {
    try (TensorScope scope = TensorScope.open()) {
      Samples real = samples(1, 2);
      Samples student = samples(3, 4);
      Samples wrong = samples(5);
      Evidence evidence =
          new Evidence(
              real,
              List.of(
                  new Evidence.Fakes(student, null),
                  new Evidence.Fakes(wrong, Tensors.of(new long[] {1}, 1))));
      double ofStudent = 3.5 - 1.5;
      double ofWrong = 5 - 2;
      assertThat(lossOfIdentity("gradientPenalty: 0", evidence))
          .isCloseTo((2 * ofStudent + ofWrong) / 3, within(1e-12));
    }
  }

  /** It is ten times the logit: 10 and 20 of the teacher's, 30, 40 and 80 of the fakes. */
  @Test
  void anErrorOnTheClassCountsOnceForTheTeachersAndOnceForTheFakes() {
    try (TensorScope scope = TensorScope.open()) {
      Evidence evidence =
          new Evidence(
              samples(1, 2),
              List.of(
                  new Evidence.Fakes(samples(3, 4), null),
                  new Evidence.Fakes(samples(8), Tensors.of(new long[] {1}, 1))));
      assertThat(lossOfIdentity("gradientPenalty: 0", evidence, 10))
          .isCloseTo((2 * (3.5 - 1.5) + (8 - 2)) / 3 + 15 + 50, within(1e-12));
    }
  }

  /** Its slope is 1 everywhere: R1 is 3/2 and R2 1/2. */
  @Test
  void whatDMinimisesHasItsPenalties() {
    try (TensorScope scope = TensorScope.open()) {
      Evidence evidence = Evidence.of(samples(1, 2), samples(3, 4));
      assertThat(lossOfIdentity("r1: 3, r2: 1, gradientPenalty: 0", evidence))
          .isCloseTo(2 + 1.5 + 0.5, within(1e-12));
    }
  }

  private static double lossOfIdentity(String penalty, Evidence evidence) {
    return lossOfIdentity(penalty, evidence, 0);
  }

  private static double lossOfIdentity(String penalty, Evidence evidence, double classError) {
    InnerProblem problem =
        new InnerProblem(
            MadeSettings.adversary("loss: wasserstein-gp, penalty: {" + penalty + "}"),
            random -> new Identity(new State(ScalarType.Double, random), classError),
            RandomSource.of(1, "identity"));
    return Tensors.toDouble(problem.loss(evidence, problem.theta(), RandomSource.of(1, "loss")));
  }

  private static Samples samples(double... values) {
    return new Samples(Tensors.of(values, values.length, 1), Condition.NONE);
  }

  /** d = w h with w = 1, and an error on the class of a multiple of that, unless it is 0. */
  private record Identity(State state, double classError) implements Discriminator {
    Identity {
      state.constant("w", 1, 1);
    }

    @Override
    public Judgement judge(Tensor representation, Condition condition, Map<String, Tensor> theta) {
      Tensor logits = representation.mv(theta.get("w"));
      return new Judgement(logits, classError == 0 ? null : Tensors.scaled(logits, classError));
    }
  }
}
