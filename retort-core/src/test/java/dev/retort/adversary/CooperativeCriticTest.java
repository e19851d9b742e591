package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.CrossEntropy;
import dev.retort.distill.LayerPair;
import dev.retort.distill.Objective;
import dev.retort.engine.NoGrad;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.optimization.Adam;
import dev.retort.optimization.FlatParameters;
import dev.retort.optimization.Sgd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
class CooperativeCriticTest {
  private static final int IMAGES = 9;

  private static CooperativeCritic critic(
      CooperativeCritic.Bound bound, int negatives, List<Integer> hidden, MadeStep step) {
    return critic(settings(bound, negatives, hidden, new Encoding.Raw()), step);
  }

  private static CooperativeCritic critic(CooperativeCritic.Settings settings, MadeStep step) {
    return (CooperativeCritic) settings.build(step.pairing()).get(0);
  }

  private static CooperativeCritic.Settings settings(
      CooperativeCritic.Bound bound, int negatives, List<Integer> hidden, Encoding encoding) {
    return new CooperativeCritic.Settings(
        LayerPair.of("logits"), bound, negatives, hidden, encoding, 1, 0);
  }

  private static MadeStep random(long number) {
    return MadeStep.ofLogits(
        MadeStep.normal("teacher", number, IMAGES, 3),
        MadeStep.normal("student", number, IMAGES, 3).set_requires_grad(true),
        number);
  }

  /**
   * The scores of a critic with one hidden unit by hand: x = u·h + v·c + w·(h − c) + b, of which
   * negative values count a fifth, times a number, and another bias. Of one row the largest
   * singular value is its norm.
   */
  private static double[] scores(
      CooperativeCritic critic, boolean normalized, double[] h, double[] c, int[] partner) {
    Map<String, Tensor> theta = critic.state().parameters();
    double[] w = Tensors.toDoubles(theta.get("0.weight"));
    double b = Tensors.toDouble(theta.get("0.bias"));
    double head = Tensors.toDouble(theta.get("head.weight"));
    double norm = normalized ? Math.sqrt(Arrays.stream(w).map(x -> x * x).sum()) : 1;
    double[] scores = new double[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      double x = b;
      for (int j = 0; j < 3; j++) {
        double s = h[3 * i + j];
        double t = c[3 * partner[i] + j];
        x += (w[j] * s + w[3 + j] * t + w[6 + j] * (s - t)) / norm;
      }
      scores[i] =
          (normalized ? Math.signum(head) : head) * (x > 0 ? x : 0.2 * x)
              + Tensors.toDouble(theta.get("head.bias"));
    }
    return scores;
  }

  @ParameterizedTest
  @EnumSource
  void itsLossIsThatOfTheFormula(CooperativeCritic.Bound bound) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = random(0);
      boolean wasserstein = bound == CooperativeCritic.Bound.WASSERSTEIN;
      CooperativeCritic critic = critic(bound, 3, List.of(1), made);
      double[] h = Tensors.toDoubles(made.student().get("logits"));
      double[] c = Tensors.toDoubles(made.teacher().get("logits"));
      int[] own = new int[IMAGES];
      for (int i = 0; i < IMAGES; i++) {
        own[i] = i;
      }
      double expected = 0;
      for (double t : scores(critic, wasserstein, h, c, own)) {
        expected -= (wasserstein ? t : Math.log(1 / (1 + Math.exp(-t)))) / IMAGES;
      }
      for (int k = 0; k < 3; k++) {
        int[] other =
            Derangement.order(IMAGES, made.step().random().at("cooperative-critic").at(k));
        for (double t : scores(critic, wasserstein, h, c, other)) {
          expected += wasserstein ? t / (3 * IMAGES) : Math.log(1 + Math.exp(t)) / IMAGES;
        }
      }
      assertThat(Tensors.toDouble(critic.loss(made.step()))).isCloseTo(expected, within(1e-12));
    }
  }

  @ParameterizedTest
  @EnumSource
  void bothNetworksAreEncodedBeforeTheCriticReadsThem(CooperativeCritic.Bound bound) {
    try (TensorScope scope = TensorScope.open()) {
      Encoding encoding = new Encoding.Softmax(2);
      MadeStep made = random(0);
      MadeStep encoded =
          MadeStep.ofLogits(
              encoding.encode(made.teacher().get("logits")),
              encoding.encode(made.student().get("logits")),
              0);
      Tensor expected = critic(bound, 2, List.of(4), encoded).loss(encoded.step());
      Tensor loss = critic(settings(bound, 2, List.of(4), encoding), made).loss(made.step());
      assertThat(Tensors.toDouble(loss)).isEqualTo(Tensors.toDouble(expected));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theStudentHelpsTheCritic(CooperativeCritic.Bound bound) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = random(0);
      CooperativeCritic critic = critic(bound, 2, List.of(8), made);
      Tensor student = made.student().get("logits");
      Tensor loss = critic.loss(made.step());
      loss.backward();
      Tensor helped = student.detach().sub(Tensors.scaled(student.grad(), 0.1));
      MadeStep after = MadeStep.ofLogits(made.teacher().get("logits"), helped, 0);
      assertThat(Tensors.toDouble(critic.loss(after.step()))).isLessThan(Tensors.toDouble(loss));
      assertThat(critic.state().parameters().get("head.weight").grad().defined()).isTrue();
    }
  }

  /**
   * Three classes of three images, the student's answer equal to the teacher's: a pair of the same
   * image shows one class with probability 1, a pair of different images with 2/8. The best critic
   * says σ(T) = 4/5 to such a pair and 0 to others, and the loss is −log 4/5 − ¼ log 1/5.
   */
  @Test
  void theBestCriticPaysWhatTheDistributionsSay() {
    try (TensorScope scope = TensorScope.open()) {
      double[] oneHot = new double[27];
      for (int i = 0; i < IMAGES; i++) {
        oneHot[3 * i + i / 3] = 1;
      }
      Tensor answers = Tensors.of(oneHot, IMAGES, 3);
      CooperativeCritic critic =
          critic(
              CooperativeCritic.Bound.NOISE_CONTRASTIVE,
              1,
              List.of(24),
              MadeStep.ofLogits(answers, answers, 0));
      FlatParameters theta = new FlatParameters(critic.state().parameters().values());
      Adam adam = new Adam(theta, new Adam.Settings(0.9, 0.99, 1e-8));
      double mean = 0;
      for (int i = 0; i < 500; i++) {
        try (TensorScope inner = TensorScope.open()) {
          Tensor loss = critic.loss(MadeStep.ofLogits(answers, answers, i).step());
          mean += i < 300 ? 0 : Tensors.toDouble(loss) / 200;
          adam.step(theta.gradient(loss), i < 300 ? 0.02 : 0.002);
        }
      }
      assertThat(mean).isCloseTo(-Math.log(0.8) - Math.log(0.2) / 4, within(0.02));
    }
  }

  /**
   * [h, c, h − c] has the Lipschitz constant √2 in h; a mean over N rows has 1/N of it a row, and
   * there are two means. Ten times the weights that a critic begins with lead far beyond that where
   * they are not normalised: the slope of the other bound, in which each score's has a factor below
   * 1, says so.
   */
  @Test
  void theWassersteinCriticIsOneLipschitzHoweverLargeItsWeights() {
    double most = 2 * Math.sqrt(2) / IMAGES;
    assertThat(steepest(CooperativeCritic.Bound.NOISE_CONTRASTIVE)).isGreaterThan(most);
    assertThat(steepest(CooperativeCritic.Bound.WASSERSTEIN)).isLessThan(most);
  }

  private static double steepest(CooperativeCritic.Bound bound) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = random(1);
      CooperativeCritic critic = critic(bound, 1, List.of(6), made);
      try (NoGrad noGrad = NoGrad.open()) {
        Map<String, Tensor> theta = critic.state().parameters();
        theta.get("0.weight").mul_(new Scalar(10.0));
        theta.get("head.weight").mul_(new Scalar(10.0));
      }
      for (int i = 0; i < 30; i++) {
        critic.loss(made.step());
      }
      TensorVector h = new TensorVector(made.student().get("logits"));
      Tensor slope = Tensors.gradients(critic.loss(made.step()), h, false).get(0);
      return Arrays.stream(Tensors.toDoubles(Tensors.norms(slope, 1))).max().orElseThrow();
    }
  }

  @Test
  void itsConnectorLearnsWithItAndIsSavedWithIt() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits = MadeStep.normal("logits", 0, IMAGES, 3);
      MadeStep made =
          new MadeStep(
              Map.of("logits", logits, "embedding", MadeStep.normal("wide", 0, IMAGES, 5)),
              Map.of("logits", logits, "embedding", MadeStep.normal("narrow", 0, IMAGES, 4)),
              Map.of("logits", logits),
              new long[IMAGES],
              0,
              0);
      List<Objective> objectives =
          new ArrayList<>(CooperativeCritic.KIND.defaults().build(made.pairing()));
      assertThat(objectives.get(1)).isEqualTo(new CrossEntropy(1, 0));
      Objective critic = objectives.get(0);
      assertThat(critic.state().parameters()).containsKey("connector.weight");
      critic.loss(made.step()).backward();
      Tensor gradient = critic.state().parameters().get("connector.weight").grad();
      assertThat(Tensors.toDouble(torch.norm(gradient))).isPositive();
    }
  }

  /**
   * At the usual learning rate and momentum, the student's optimiser must not drive the critic
   * away. One that answers 1/9 to every pair, whatever it reads, has a loss of log 9 + 8 log 9/8.
   */
  @Test
  void theCriticLearnsAtTheStudentsRate() {
    try (TensorScope scope = TensorScope.open()) {
      int images = 64;
      int width = 384;
      Tensor blank = MadeStep.normal("blank", 0, images, width);
      Objective critic =
          MadeSettings.of("cooperative-critic: {on: logits}")
              .build(MadeStep.ofLogits(blank, blank, 0).pairing())
              .get(0);
      FlatParameters theta = new FlatParameters(critic.state().parameters().values());
      Sgd sgd = new Sgd(theta, new Sgd.Settings(0.9, true, 0, false, false, 1));
      double last = 0;
      for (int i = 0; i < 60; i++) {
        try (TensorScope inner = TensorScope.open()) {
          Tensor teacher = MadeStep.normal("teacher", i, images, width);
          Tensor student = teacher.add(MadeStep.normal("difference", i, images, width));
          Tensor loss = critic.loss(MadeStep.ofLogits(teacher, student, i).step());
          sgd.step(theta.gradient(Tensors.scaled(loss, critic.weight())), 0.1);
          last += i < 40 ? 0 : Tensors.toDouble(loss) / 20;
        }
      }
      assertThat(last).isLessThan(Math.log(9) + 8 * Math.log(9 / 8.0));
    }
  }

  @Test
  void withoutPairsOfDifferentImagesThereIsNothingToTell() {
    assertThatThrownBy(
            () -> settings(CooperativeCritic.Bound.WASSERSTEIN, 0, List.of(8), new Encoding.Raw()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("negatives must be at least 1, not 0");
    assertThatThrownBy(
            () -> settings(CooperativeCritic.Bound.WASSERSTEIN, 1, List.of(), new Encoding.Raw()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot recognise pairs");
  }
}
