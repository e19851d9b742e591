package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.adversary.KernelSlices.Normalization;
import dev.retort.data.ImageShape;
import dev.retort.distill.Objective;
import dev.retort.distill.Pairing;
import dev.retort.distill.Step;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.network.State;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NullUnmarked
class KernelSlicesTest {
  private static Network network(String name) {
    return Networks.create(
        name, ImageShape.CIFAR, MadeStep.CLASSES, ScalarType.Double, RandomSource.of(1, name));
  }

  private static Pairing pairing(Network teacher, Network student) {
    return new Pairing(
        NetworkSummary.of(teacher).shapes(),
        NetworkSummary.of(student).shapes(),
        MadeStep.CLASSES,
        1000,
        ScalarType.Double,
        MadeStep.RANDOM,
        teacher.state(),
        student.state());
  }

  private static Pairing pairing(State teacher, State student) {
    return new Pairing(
        Map.of(), Map.of(), 3, 10, ScalarType.Double, MadeStep.RANDOM, teacher, student);
  }

  private static State kernel(long... shape) {
    State state = new State(ScalarType.Double, RandomSource.of(2, "kernel"));
    state.normal("conv.weight", 0.3, shape);
    return state;
  }

  @Test
  void kernelsCannotBeShuffledAcrossImages() {
    try (TensorScope scope = TensorScope.open()) {
      Pairing pairing = pairing(kernel(4, 4, 3, 3), kernel(4, 4, 3, 3));
      AdversarySettings settings =
          MadeSettings.adversary("on: [weights], control: shuffled-teacher");
      assertThatThrownBy(() -> settings.build(pairing))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'weights' is not of images");
    }
  }

  private static Step step(long number) {
    Tensor logits = Tensors.of(new double[3], 1, 3);
    return MadeStep.ofLogits(logits, logits, number).step();
  }

  /** A filter of two slices with norm 5: times √2 / 5. */
  @Test
  void aFiltersScaleIsDividedOutAndItsSlicesKeepTheirProportion() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor kernel = Tensors.of(new double[] {3, 0, 0, 0, 0, 0, 4, 0}, 1, 2, 2, 2);
      double[] slices =
          Tensors.toDoubles(KernelSlices.slices(List.of(kernel), Normalization.FILTER));
      double unit = Math.sqrt(2) / 5;
      assertThat(slices)
          .containsExactly(new double[] {3 * unit, 0, 0, 0, 0, 0, 4 * unit, 0}, within(1e-12));
      assertThat(Tensors.toDoubles(KernelSlices.slices(List.of(kernel), Normalization.SLICE)))
          .containsExactly(new double[] {1, 0, 0, 0, 0, 0, 1, 0}, within(1e-12));
      assertThat(Tensors.toDoubles(KernelSlices.slices(List.of(kernel), Normalization.NONE)))
          .containsExactly(3, 0, 0, 0, 0, 0, 4, 0);
    }
  }

  @Test
  void aKernelOfZerosGivesZerosAndNoInfiniteGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor kernel = Tensors.of(new double[8], 1, 2, 2, 2).set_requires_grad(true);
      for (Normalization normalization : Normalization.values()) {
        Tensor slices = KernelSlices.slices(List.of(kernel), normalization);
        assertThat(Tensors.toDoubles(slices)).containsOnly(0);
        Tensor gradient = Tensors.gradients(slices.sum(), new TensorVector(kernel), false).get(0);
        assertThat(Tensors.toDoubles(gradient))
            .containsOnly(normalization == Normalization.NONE ? 1 : 0);
      }
    }
  }

  @Test
  void heterogeneousNetworksMeetInTheirThreeByThreeSlices() {
    try (TensorScope scope = TensorScope.open()) {
      Pairing pairing = pairing(network("airnet94"), network("resnet8"));
      List<Objective> adversaries =
          MadeSettings.adversary("on: [weights], kernels: {samples: 50}").build(pairing);
      assertThat(adversaries).extracting(Objective::name).containsExactly("adversary:weights");
      Adversary adversary = (Adversary) adversaries.get(0);
      adversary.learn(step(0));
      Tensor loss = adversary.loss(step(0));
      loss.backward();
      Map<String, Tensor> student = pairing.studentState().parameters();
      assertThat(student.get("layer2.0.conv1.weight").grad().defined()).isTrue();
      assertThat(student.get("layer2.0.downsample.0.weight").grad().defined()).isFalse();
      assertThat(student.get("fc.weight").grad().defined()).isFalse();
      pairing
          .teacherState()
          .parameters()
          .values()
          .forEach(tensor -> assertThat(tensor.grad().defined()).isFalse());
    }
  }

  @Test
  void everyStageOfBothCanHaveADiscriminatorOfItsOwn() {
    try (TensorScope scope = TensorScope.open()) {
      Pairing pairing = pairing(network("airnet94"), network("resnet8"));
      List<Objective> adversaries =
          MadeSettings.adversary("on: [weights], kernels: {pool: stage}").build(pairing);
      assertThat(adversaries)
          .extracting(Objective::name)
          .containsExactly(
              "adversary:weights:stage:1",
              "adversary:weights:stage:2",
              "adversary:weights:stage:3");
      Step step = step(0);
      adversaries.get(1).loss(step).backward();
      Map<String, Tensor> student = pairing.studentState().parameters();
      assertThat(student.get("layer2.0.conv1.weight").grad().defined()).isTrue();
      assertThat(student.get("layer1.0.conv1.weight").grad().defined()).isFalse();
      assertThat(student.get("conv1.weight").grad().defined()).isFalse();
    }
  }

  @Test
  void severalCommonSizesAreReadApart() {
    try (TensorScope scope = TensorScope.open()) {
      State teacher = kernel(2, 2, 3, 3);
      teacher.normal("wide.weight", 1, 2, 2, 5, 5);
      State student = kernel(3, 1, 3, 3);
      student.normal("wide.weight", 1, 1, 1, 5, 5);
      student.normal("other.weight", 1, 1, 1, 2, 2);
      assertThat(MadeSettings.adversary("on: [weights]").build(pairing(teacher, student)))
          .extracting(Objective::name)
          .containsExactly("adversary:weights:3x3", "adversary:weights:5x5");
    }
  }

  @Test
  void networksWithoutACommonKernelSizeAreRefused() {
    try (TensorScope scope = TensorScope.open()) {
      AdversarySettings settings = MadeSettings.adversary("on: [weights]");
      assertThatThrownBy(() -> settings.build(pairing(kernel(2, 2, 3, 3), kernel(2, 2, 1, 1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a discriminator of weights needs a kernel size that both networks have; the teacher's"
                  + " convolutions have 3x3 and the student's none (1x1 is not read)");
      assertThatThrownBy(() -> settings.build(pairing(null, kernel(2, 2, 3, 3))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a discriminator of weights reads the teacher's kernels, but");
      assertThatThrownBy(
              () ->
                  MadeSettings.adversary("on: [weights], discriminator: {condition: pair}")
                      .build(pairing(kernel(2, 2, 3, 3), kernel(2, 2, 3, 3))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("its condition must be none");
    }
  }

  /** Kernels of one filter with one slice: their gradients are compared, not the slices'. */
  @Test
  void theRatioIsMeasuredAtTheStudentsKernels() {
    try (TensorScope scope = TensorScope.open()) {
      State student = kernel(4, 2, 3, 3);
      Adversary adversary =
          MadeSettings.adversary(
              "on: [weights], weight: {gradientRatio: 0.2, start: 0, full: 0}",
              pairing(kernel(2, 2, 3, 3), student));
      Step step = step(0);
      adversary.learn(step);
      Tensor kernel = student.parameters().get("conv.weight");
      Tensor rest = Tensors.scaled(kernel.square().sum(), 0.01);
      Tensor term = adversary.loss(step);
      Tensor weighted = term.mul(adversary.measuredWeight().of(step, term, rest));
      TensorVector at = new TensorVector(kernel);
      double norm = Tensors.toDouble(Tensors.gradients(weighted, at, true).get(0).norm());
      double restNorm = 0.02 * Tensors.toDouble(kernel.norm());
      assertThat(norm / restNorm).isCloseTo(0.2, within(1e-9));
      assertThat(adversary.meter().origin().gradientRatio()).isCloseTo(0.2, within(1e-9));
    }
  }

  /** β doubles at each step at which D's mean output on the student is below 0.2. */
  @Test
  void betaFollowsTheDiscriminatorsMeanOutputAndIsKept() {
    try (TensorScope scope = TensorScope.open()) {
      Adversary adversary =
          MadeSettings.adversary(
              "on: [weights], steps: 0, weight: {adaptiveBeta: 1, start: 0, full: 0}",
              pairing(kernel(2, 2, 3, 3), kernel(4, 2, 3, 3)));
      Tensor bias = adversary.checkpointed().get("discriminator.head.bias");
      double[][] course = {{-9, 2}, {-9, 4}, {-0.75, 4}, {9, 2}, {9, 1}, {9, 0.5}};
      for (double[] each : course) {
        bias.set_data(Tensors.of(new double[] {each[0]}, 1));
        Step step = step(1);
        Tensor term = adversary.loss(step);
        Tensor weight = adversary.measuredWeight().of(step, term, term.detach());
        assertThat(Tensors.toDouble(weight)).as("D's bias " + each[0]).isEqualTo(each[1]);
        assertThat(Tensors.toDouble(adversary.checkpointed().get("weight.beta")))
            .isEqualTo(each[1]);
      }
    }
  }

  /** They are not of a batch, so that every rank has them, and the same noise. */
  @Test
  void withNoiseTooNoRankNeedsTheWholeBatch() {
    try (TensorScope scope = TensorScope.open()) {
      Adversary adversary =
          MadeSettings.adversary(
              "on: [weights], distribution: gaussian",
              pairing(kernel(2, 2, 3, 3), kernel(4, 2, 3, 3)));
      assertThat(adversary.isMeanOverImages()).isTrue();
    }
  }

  /** A probe reads all of them, and D some in each step. */
  @ParameterizedTest
  @EnumSource
  void bothNetworksAreReadInTheNormalizationThatIsAskedFor(Normalization normalization) {
    try (TensorScope scope = TensorScope.open()) {
      Pairing pairing = pairing(kernel(5, 4, 3, 3), kernel(4, 2, 3, 3));
      KernelSlices weights =
          KernelSlices.of(
                  new KernelSlices.Settings(KernelSlices.Pool.NETWORK, 40, normalization), pairing)
              .get(0);
      List<Double> teacher = slices(pairing.teacherState(), normalization);
      List<Double> student = slices(pairing.studentState(), normalization);
      assertThat(numbers(weights.allOfTeacher())).isEqualTo(teacher);
      assertThat(numbers(weights.allOfStudent())).isEqualTo(student);
      assertThat(teacher).containsAll(numbers(weights.teacher(step(0))));
      assertThat(student).containsAll(numbers(weights.student(step(0))));
    }
  }

  private static List<Double> slices(State state, Normalization normalization) {
    return numbers(
        KernelSlices.slices(List.of(state.parameters().get("conv.weight")), normalization));
  }

  private static List<Double> numbers(Tensor tensor) {
    return java.util.Arrays.stream(Tensors.toDoubles(tensor)).boxed().toList();
  }

  @Test
  void theSlicesOfAStepAreAFunctionOfTheStep() {
    try (TensorScope scope = TensorScope.open()) {
      Pairing pairing = pairing(kernel(5, 4, 3, 3), kernel(4, 2, 3, 3));
      Representation weights =
          KernelSlices.of(
                  new KernelSlices.Settings(KernelSlices.Pool.NETWORK, 40, Normalization.NONE),
                  pairing)
              .get(0);
      double[] first = Tensors.toDoubles(weights.teacher(step(0)));
      assertThat(first).hasSize(40 * 9).isEqualTo(Tensors.toDoubles(weights.teacher(step(0))));
      assertThat(first).isNotEqualTo(Tensors.toDoubles(weights.teacher(step(1))));
      Tensor kernel = pairing.teacherState().parameters().get("conv.weight");
      double[] all = Tensors.toDoubles(kernel.detach().mul(new Scalar(1.0)));
      assertThat(java.util.Arrays.stream(all).boxed().toList())
          .containsAll(java.util.Arrays.stream(first).boxed().toList());
    }
  }
}
