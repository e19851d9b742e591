package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.CrossEntropy;
import dev.retort.distill.LayerPair;
import dev.retort.distill.Objective;
import dev.retort.distill.Step;
import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
class AdversaryTest {
  private static final int IMAGES = 32;

  private static Adversary adversary(
      GanLoss loss, int steps, AdversarySettings.Weight weight, MadeStep step) {
    AdversarySettings settings =
        AdversarySettings.of(List.of(LayerPair.of("logits")), loss, steps, weight);
    return (Adversary) settings.build(step.pairing()).get(0);
  }

  private static AdversarySettings.Weight fixed(double weight) {
    return AdversarySettings.Weight.fixed(weight);
  }

  private static HealthMeter measure(Adversary adversary, Step step) {
    HealthMeter meter = adversary.meter();
    meter.measure(step);
    return meter;
  }

  private static MadeStep unlike(long number) {
    Tensor teacher = Tensors.scaled(MadeStep.normal("teacher", number, IMAGES, 3), 2);
    Tensor student = MadeStep.normal("student", number, IMAGES, 3).add(new Scalar(1.0));
    return MadeStep.ofLogits(teacher, student.set_requires_grad(true), number);
  }

  private static Map<String, double[]> values(Adversary adversary) {
    return adversary.checkpointed().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> Tensors.toDoubles(e.getValue())));
  }

  /** The sign that public code gets wrong: the student must become harder to tell apart. */
  @ParameterizedTest
  @EnumSource
  void oneStepOfTheStudentAgainstAFrozenDRaisesTheMeanOfD(GanLoss loss) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep before = unlike(0);
      Adversary adversary = adversary(loss, 5, fixed(1), before);
      for (int i = 0; i < 20; i++) {
        adversary.learn(before.step());
      }
      Tensor student = before.student().get("logits");
      adversary.loss(before.step()).backward();
      Tensor moved = student.detach().sub(student.grad().mul(new Scalar(0.05)));
      MadeStep after = MadeStep.ofLogits(before.teacher().get("logits"), moved, 0);
      assertThat(measure(adversary, after.step()).logits().pStudent())
          .isGreaterThan(measure(adversary, before.step()).logits().pStudent());
    }
  }

  /** The losses of given logits are golden; here it is whose logits they are. */
  @ParameterizedTest
  @EnumSource
  void theStudentsTermIsItsLossOfWhatDSaysOfBothNetworks(GanLoss loss) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = unlike(1);
      Adversary adversary = adversary(loss, 3, fixed(1), made);
      adversary.learn(made.step());
      HeldOutLogits said = measure(adversary, made.step()).logits();
      Tensor expected =
          loss.student(
              Tensors.of(said.student(), IMAGES), () -> Tensors.of(said.teacher(), IMAGES));
      assertThat(Tensors.toDouble(adversary.loss(made.step())))
          .isCloseTo(Tensors.toDouble(expected), within(1e-12));
    }
  }

  /** And the partners, which D is told, are encoded, but not blurred. */
  @Test
  void bothNetworksAreEncodedAndThenBlurredByNoiseOfTheirOwn() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor teacher = MadeStep.normal("teacher", 0, IMAGES, 3);
      Tensor student = MadeStep.normal("student", 0, IMAGES, 3);
      Tensor partner = MadeStep.normal("partner", 0, IMAGES, 3);
      MadeStep made = ofViews(teacher, student, partner);
      Encoding encoding = new Encoding.Softmax(2);
      Distribution blur = new Distribution.Gaussian(0.4, false);
      RandomSource noise = made.step().random().at("instance noise").at("logits");
      MadeStep read =
          ofViews(
              blur.sample(encoding.encode(teacher), noise.at("teacher"), 0.5),
              blur.sample(encoding.encode(student), noise.at("student"), 0.5),
              encoding.encode(partner));
      HeldOutLogits expected = ofPairs("encoding: raw", read);
      HeldOutLogits said =
          ofPairs(
              "encoding: {softmax: {temperature: 2}},"
                  + " distribution: {gaussian: {sigma: 0.4, annealed: false}}",
              made);
      assertThat(said.teacher()).isEqualTo(expected.teacher());
      assertThat(said.student()).isEqualTo(expected.student());
    }
  }

  private static MadeStep ofViews(Tensor teacher, Tensor student, Tensor partner) {
    return new MadeStep(
        Map.of("logits", teacher),
        Map.of("logits", student),
        Map.of("logits", partner),
        new long[IMAGES],
        0,
        0.5);
  }

  private static HeldOutLogits ofPairs(String keys, MadeStep made) {
    String all = "on: [logits], discriminator: {condition: pair}, " + keys;
    Adversary adversary = MadeSettings.adversary(all, made.pairing());
    return measure(adversary, made.step()).logits();
  }

  /**
   * A step of 20 takes D's only weight that counts, its bias of −9, to 11. The student follows the
   * D to come, and β the one that there is, which finds it too easy.
   */
  @Test
  void betaFollowsDItselfAlsoWhereTheStudentFollowsAnUnrolledOne() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor zeros = Tensors.of(new double[6], 2, 3);
      MadeStep made = MadeStep.ofLogits(zeros, zeros.clone().set_requires_grad(true), 0);
      Adversary adversary =
          MadeSettings.adversary(
              "on: [logits], steps: 1, unroll: 1, learningRate: 20,"
                  + " discriminator: {hidden: []}, weight: {adaptiveBeta: 1}",
              made.pairing());
      try (NoGrad noGrad = NoGrad.open()) {
        adversary.checkpointed().get("discriminator.head.bias").fill_(new Scalar(-9.0));
      }
      assertThat(Tensors.toDouble(adversary.loss(made.step())))
          .isCloseTo(-1 / (1 + Math.exp(-11)), within(1e-6));
      assertThat(Tensors.toDouble(adversary.checkpointed().get("weight.beta"))).isEqualTo(2);
    }
  }

  @Test
  void itsMeterSaysWhereItComesFrom() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = unlike(0);
      Adversary adversary =
          MadeSettings.adversary(
              "on: [logits], loss: least-squares, realTarget: 0.8,"
                  + " weight: {gradientRatio: 0.3, start: 0.25, full: 0.5}",
              made.pairing());
      Step step = made.step();
      Tensor term = adversary.loss(step);
      Tensor student = made.student().get("logits");
      adversary.measuredWeight().of(step, term, Tensors.scaled(student.square().sum(), 1e-3));
      TensorVector at = new TensorVector(student);
      double slope = Tensors.toDouble(Tensors.gradients(term, at, true).get(0).norm());
      HealthMeter.Origin origin = adversary.meter().origin();
      assertThat(origin.gradientRatio()).isCloseTo(0.3, within(1e-9));
      assertThat(origin.slope()).isCloseTo(slope, within(1e-12));
      assertThat(origin)
          .isEqualTo(
              new HealthMeter.Origin(
                  "logits",
                  true,
                  0.25,
                  false,
                  false,
                  true,
                  0.4,
                  origin.gradientRatio(),
                  origin.slope(),
                  false,
                  0));
      adversary.beginEpoch();
      assertThat(adversary.meter().origin().gradientRatio()).as("of the epoch alone").isNaN();
      Adversary observer = (Adversary) AdversarySettings.observer(List.of(), made.pairing()).get(0);
      assertThat(observer.meter().origin())
          .isEqualTo(
              new HealthMeter.Origin(
                  "observer:logits",
                  false,
                  0,
                  true,
                  true,
                  true,
                  0,
                  Double.NaN,
                  Double.NaN,
                  false,
                  Double.NaN));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          loss: talk                                                                  | true
          discriminator: {condition: label-projection}, penalty: {r1: 1}, restart: 3  | true
          distribution: gaussian                                                      | false
          discriminator: {condition: pair, misaligned: other-image}                   | false
          control: shuffled-teacher                                                   | false
          control: noise-discriminator                                                | false
          replay: 10                                                                  | false
          steps: 2, convergence: {heldOut: 0.5}                                       | false
          unroll: 1                                                                   | false
          loss: wasserstein-gp                                                        | false
          """)
  void ranksMayEachTakeTheirOwnImagesWhereEachCountsByItself(String keys, boolean mean) {
    try (TensorScope scope = TensorScope.open()) {
      Adversary adversary = MadeSettings.adversary("on: [logits], " + keys, unlike(0).pairing());
      assertThat(adversary.isMeanOverImages()).isEqualTo(mean);
    }
  }

  /** An observer is left out where a discriminator of the method shows the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          on: [logits]                                          | true
          on: [logits], loss: hinge                             | false
          on: [logits], discriminator: {condition: pair}        | false
          on: [logits], encoding: centred                       | false
          on: [logits], distribution: gaussian                  | false
          on: [logits], control: shuffled-teacher               | false
          """)
  void onlyAProbabilityOfLogitsAsTheyAreIsWhatAnObserverShows(String keys, boolean shows) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = unlike(0);
      List<Objective> objectives = MadeSettings.adversary(keys).build(made.pairing());
      assertThat(AdversarySettings.observer(objectives, made.pairing()).isEmpty()).isEqualTo(shows);
    }
  }

  @Test
  void theTalksGradientIsThatOfFiniteDifferences() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep step = unlike(3);
      Adversary adversary = adversary(GanLoss.TALK, 3, fixed(1), step);
      adversary.learn(step.step());
      Tensor student = step.student().get("logits");
      adversary.loss(step.step()).backward();
      double[] values = Tensors.toDoubles(student);
      double[] gradient = Tensors.toDoubles(student.grad());
      double h = 1e-5;
      for (int i = 0; i < values.length; i += 7) {
        double slope =
            (meanProbability(adversary, step, values, i, h)
                    - meanProbability(adversary, step, values, i, -h))
                / (2 * h);
        assertThat(-gradient[i]).isCloseTo(slope, within(1e-9));
      }
    }
  }

  /** E D(s) with one value of s changed, from D's logits alone. */
  private static double meanProbability(
      Adversary adversary, MadeStep step, double[] values, int index, double change) {
    double[] changed = values.clone();
    changed[index] += change;
    Tensor student = Tensors.of(changed, IMAGES, 3);
    Step moved = MadeStep.ofLogits(step.teacher().get("logits"), student, step.number()).step();
    return measure(adversary, moved).logits().pStudent();
  }

  @Test
  void theTermsGradientIsTheRatioOfTheRests() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = unlike(4).at(0.15);
      AdversarySettings.Weight weight =
          new AdversarySettings.Weight(null, 0.3, null, 0.1, 0.2, 0.75);
      Adversary adversary = adversary(GanLoss.TALK, 1, weight, made);
      Step step = made.step();
      adversary.learn(step);
      Tensor term = adversary.loss(step);
      Tensor rest = CrossEntropy.loss(step.student().logits(), step.batch().labels(), 0);
      Tensor weighted = term.mul(adversary.measuredWeight().of(step, term, rest));
      TensorVector at = new TensorVector(made.student().get("logits"));
      double norm = Tensors.toDouble(Tensors.gradients(weighted, at, true).get(0).norm());
      double restNorm = Tensors.toDouble(Tensors.gradients(rest, at, true).get(0).norm());
      assertThat(norm / restNorm).as("half way up the ramp").isCloseTo(0.15, within(1e-9));
    }
  }

  @Test
  void withoutInnerStepsDStaysAsItWas() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep step = unlike(5);
      Adversary adversary = adversary(GanLoss.TALK, 0, fixed(1), step);
      Map<String, double[]> before = values(adversary);
      adversary.learn(step.step());
      adversary.loss(step.step()).backward();
      assertThat(values(adversary)).usingRecursiveComparison().isEqualTo(before);
    }
  }

  @Test
  void whileTheStudentLearnsDStaysAndWhileDLearnsTheStudentGetsNoGradient() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep step = unlike(6);
      Adversary adversary = adversary(GanLoss.TALK, 1, fixed(1), step);
      adversary.learn(step.step());
      assertThat(step.student().get("logits").grad().defined()).isFalse();
      Map<String, double[]> before = values(adversary);
      adversary.loss(step.step()).backward();
      assertThat(values(adversary)).usingRecursiveComparison().isEqualTo(before);
      assertThat(step.student().get("logits").grad().defined()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          loss: talk                                                         | true
          loss: saturating                                                   | true
          discriminator: {condition: pair}, control: shuffled-teacher        | true
          loss: hinge                                                        | false
          penalty: {r1: 1}                                                   | false
          discriminator: {spectralNormalization: true}                       | false
          realTarget: 0.9                                                    | false
          steps: 0                                                           | false
          control: noise-discriminator                                       | false
          replay: 10                                                         | false
          discriminator: {condition: pair, misaligned: other-image}          | false
          """)
  void aProbabilityIsOnlyWhatWasLearntFromTheTwoNetworksByCrossEntropy(
      String keys, boolean probability) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep step = unlike(0);
      Adversary adversary = MadeSettings.adversary("on: [logits], " + keys, step.pairing());
      assertThat(adversary.learnsProbability()).isEqualTo(probability);
    }
  }

  /**
   * With half of the fakes misaligned, D's best logit is log 2 where both networks are equally
   * likely: no accuracy can be told by the sign.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          loss: talk                                                | true  | true
          loss: hinge, replay: 10                                   | false | true
          loss: relativistic                                        | false | true
          loss: wasserstein-gp                                      | false | false
          discriminator: {condition: pair, misaligned: other-image} | false | true
          steps: 0                                                  | false | false
          control: noise-discriminator                              | false | false
          control: shuffled-teacher                                 | true  | true
          """)
  void anAccuracyNeedsALogitThatMeansTheTeacherAndCertaintyADThatLearnsOfTheTwo(
      String keys, boolean has, boolean illWhenCertain) {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep step = unlike(0);
      Adversary adversary = MadeSettings.adversary("on: [logits], " + keys, step.pairing());
      HealthMeter.Origin origin = adversary.meter().origin();
      assertThat(Double.isNaN(origin.threshold())).isNotEqualTo(has);
      assertThat(origin.illWhenCertain()).isEqualTo(illWhenCertain);
    }
  }
}
