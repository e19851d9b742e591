package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.NoGrad;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CrdTest {
  private static final RandomNetworks NETWORKS =
      new RandomNetworks(Map.of("embedding", new long[] {5}), Map.of("embedding", new long[] {3}));
  private static final int IMAGES = 12;
  private static final int NEGATIVES = 4;
  private static final int DIMENSIONS = 6;

  private static Crd crd() {
    return crd(NEGATIVES, 0.5, 0.25, DIMENSIONS, NETWORKS.pairing(IMAGES));
  }

  private static Crd crd(
      @Nullable Integer negatives,
      double temperature,
      double momentum,
      int dimensions,
      Pairing pairing) {
    LayerPair on = LayerPair.of("embedding");
    return new Crd(
        new Crd.Settings(on, negatives, temperature, momentum, dimensions, 0.8, 0, 4, 0), pairing);
  }

  /** The whole term with everything that is learned or remembered as an argument. */
  private static Tensor loss(
      Tensor student,
      Tensor teacher,
      Tensor studentWeight,
      Tensor studentBias,
      Tensor teacherWeight,
      Tensor teacherBias,
      Tensor studentMemory,
      Tensor teacherMemory,
      Tensor indices,
      double temperature,
      double studentNormalizer,
      double teacherNormalizer) {
    int images = Math.toIntExact(studentMemory.size(0));
    Tensor s = Crd.embed(student, studentWeight, studentBias);
    Tensor t = Crd.embed(teacher, teacherWeight, teacherBias);
    return Crd.contrast(
            Crd.scores(s, teacherMemory, indices, temperature), studentNormalizer, images)
        .add(
            Crd.contrast(
                Crd.scores(t, studentMemory, indices, temperature), teacherNormalizer, images));
  }

  @TestFactory
  Stream<DynamicTest> lossAndGradientsAreThoseOfTheFormula() {
    return GoldenCase.tests(
        "crd",
        golden ->
            loss(
                golden.tensor("student"),
                golden.tensor("teacher"),
                golden.tensor("student_weight"),
                golden.tensor("student_bias"),
                golden.tensor("teacher_weight"),
                golden.tensor("teacher_bias"),
                golden.tensor("student_memory"),
                golden.tensor("teacher_memory"),
                golden.tensor("indices"),
                golden.number("temperature"),
                golden.number("student_normalizer"),
                golden.number("teacher_normalizer")));
  }

  @Test
  void aCriticThatCannotTellImagesApartPaysForGuessing() {
    int images = 1000;
    int negatives = 7;
    try (TensorScope scope = TensorScope.open()) {
      double[] equal = new double[2 * (1 + negatives)];
      Arrays.fill(equal, 3.0);
      Tensor scores = Tensors.of(equal, 2, 1 + negatives);
      double guess = 1 / (1.0 + negatives);
      assertThat(Tensors.toDouble(Crd.contrast(scores, 3.0 * images, images)))
          .isCloseTo(-Math.log(guess) - negatives * Math.log(1 - guess), within(1e-3));
    }
  }

  @Test
  void aCriticThatKnowsThePositivePaysNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor scores = Tensors.of(new double[] {1e9, 1e-9, 1e-9}, 1, 3);
      assertThat(Tensors.toDouble(Crd.contrast(scores, 1, 10))).isCloseTo(0, within(2e-6));
    }
  }

  /** Z in fp64 and what the buffer in fp32 keeps of it differ in the last bit at some of these. */
  @Test
  void aResumedRunGoesOnWithTheSameBitsInFp32() {
    for (long number = 0; number < 20; number++) {
      try (TensorScope scope = TensorScope.open()) {
        Crd whole = inFp32();
        Step first = inFp32(NETWORKS.step(2 * number, 0, new int[] {0, 1, 2, 3}, 0, 1, 2, 0));
        whole.loss(first);
        whole.afterGradient(first);
        Crd resumed = inFp32();
        try (NoGrad noGrad = NoGrad.open()) {
          whole.state().all().forEach((name, tensor) -> States.tensor(resumed, name).copy_(tensor));
        }
        Step next = inFp32(NETWORKS.step(2 * number + 1, 0, new int[] {7, 2, 9, 0}, 1, 2, 2, 0));
        assertThat(Tensors.toDouble(resumed.loss(next)))
            .isEqualTo(Tensors.toDouble(whole.loss(next)));
      }
    }
  }

  private static Crd inFp32() {
    Pairing pairing =
        new Pairing(
            NETWORKS.teacher(),
            NETWORKS.student(),
            RandomNetworks.CLASSES,
            901,
            ScalarType.Float,
            RandomSource.of(1, "pairing"));
    return crd(333, 0.07, 0.5, DIMENSIONS, pairing);
  }

  private static Step inFp32(Step step) {
    return new Step(
        step.batch(),
        step.student().map(tensor -> tensor.to(ScalarType.Float)),
        step.teacher().map(tensor -> tensor.to(ScalarType.Float)),
        null,
        step.number(),
        step.progress(),
        step.random());
  }

  @Test
  void theLossOfAStepIsThatOfTheMemoriesBeforeIt() {
    try (TensorScope scope = TensorScope.open()) {
      Crd crd = crd();
      Step first = NETWORKS.step(0, 0, new int[] {0, 1, 2, 3}, 0, 1, 2, 0);
      crd.loss(first);
      crd.afterGradient(first);
      Map<String, Tensor> before = new HashMap<>();
      crd.state().all().forEach((name, tensor) -> before.put(name, tensor.detach().clone()));

      Step second = NETWORKS.step(1, 0, new int[] {7, 2, 9, 0}, 1, 2, 2, 0);
      Tensor loss = crd.loss(second);
      loss.backward();
      crd.afterGradient(second);

      long[] labels = {0, 1, 2, 0, -1, -1, -1, 1, -1, 2, -1, -1};
      assertThat(Tensors.toLongs(States.tensor(crd, "labels"))).isEqualTo(labels);
      long[] rows =
          new Negatives(labels)
              .rows(second.batch().samples(), NEGATIVES, second.random().at("crd"));
      Tensor student = second.student().get("embedding").detach().clone();
      student.set_requires_grad(true);
      Tensor expected =
          loss(
              student,
              second.teacher().get("embedding"),
              States.tensor(before, "student.linear.weight"),
              States.tensor(before, "student.linear.bias"),
              States.tensor(before, "teacher.linear.weight"),
              States.tensor(before, "teacher.linear.bias"),
              States.tensor(before, "student.memory"),
              States.tensor(before, "teacher.memory"),
              Tensors.of(rows, 4, 1 + NEGATIVES),
              0.5,
              Tensors.toDouble(States.tensor(before, "student.normalizer")),
              Tensors.toDouble(States.tensor(before, "teacher.normalizer")));
      expected.backward();
      assertThat(Tensors.toDouble(loss)).isCloseTo(Tensors.toDouble(expected), within(1e-12));
      assertThat(Tensors.toDoubles(second.student().get("embedding").grad()))
          .containsExactly(Tensors.toDoubles(student.grad()), within(1e-12));
    }
  }

  /** The unit vectors of one network's embeddings of a step. */
  private static double[] embedded(Crd crd, String whose, Step step) {
    Activations read = whose.equals("student") ? step.student() : step.teacher();
    return Tensors.toDoubles(
        Crd.embed(
            read.get("embedding"),
            States.tensor(crd, whose + ".linear.weight"),
            States.tensor(crd, whose + ".linear.bias")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"student", "teacher"})
  void afterAStepTheMemoryHoldsTheBatchMixedInAndNothingElseChanges(String whose) {
    try (TensorScope scope = TensorScope.open()) {
      Crd crd = crd();
      Tensor memory = States.tensor(crd, whose + ".memory");
      double[] before = Tensors.toDoubles(memory);
      Step step = NETWORKS.step(0, 0, new int[] {3, 8}, 0, 1);
      crd.loss(step);
      assertThat(Tensors.toDoubles(memory)).isEqualTo(before);
      crd.afterGradient(step);
      double[] after = Tensors.toDoubles(memory);
      double[] v = embedded(crd, whose, step);
      for (int image = 0; image < IMAGES; image++) {
        double[] expected =
            Arrays.copyOfRange(before, image * DIMENSIONS, (image + 1) * DIMENSIONS);
        int row = image == 3 ? 0 : image == 8 ? 1 : -1;
        if (row >= 0) {
          double norm = 0;
          for (int j = 0; j < DIMENSIONS; j++) {
            expected[j] = 0.25 * expected[j] + 0.75 * v[row * DIMENSIONS + j];
            norm = Math.hypot(norm, expected[j]);
          }
          for (int j = 0; j < DIMENSIONS; j++) {
            expected[j] /= norm;
          }
        }
        assertThat(Arrays.copyOfRange(after, image * DIMENSIONS, (image + 1) * DIMENSIONS))
            .as("image " + image)
            .containsExactly(expected, within(1e-12));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"student, teacher", "teacher, student"})
  void theNormalizerIsSetByTheFirstBatchAndStays(String whose, String other) {
    try (TensorScope scope = TensorScope.open()) {
      Crd crd = crd();
      Tensor memory = States.tensor(crd, other + ".memory").clone();
      Step step = NETWORKS.step(0, 0, new int[] {0, 1}, 0, 1);
      crd.loss(step);
      crd.afterGradient(step);
      long[] labels = new long[IMAGES];
      Arrays.fill(labels, -1);
      labels[0] = 0;
      labels[1] = 1;
      long[] rows =
          new Negatives(labels).rows(new int[] {0, 1}, NEGATIVES, step.random().at("crd"));
      double[] v = embedded(crd, whose, step);
      double[] m = Tensors.toDoubles(memory);
      double mean = 0;
      for (int i = 0; i < rows.length; i++) {
        double product = 0;
        for (int j = 0; j < DIMENSIONS; j++) {
          product += v[i / (1 + NEGATIVES) * DIMENSIONS + j] * m[(int) rows[i] * DIMENSIONS + j];
        }
        mean += Math.exp(product / 0.5) / rows.length;
      }
      Tensor normalizer = States.tensor(crd, whose + ".normalizer");
      assertThat(Tensors.toDouble(normalizer)).isCloseTo(mean * IMAGES, within(1e-12));
      step(crd, NETWORKS.step(1, 0, new int[] {4, 5}, 2, 1));
      assertThat(Tensors.toDouble(normalizer)).isCloseTo(mean * IMAGES, within(1e-12));
    }
  }

  /** As when a training goes on from a checkpoint that it has trained beyond. */
  @Test
  void aStateThatIsRestoredCountsAndNotWhatWasKnownSince() {
    try (TensorScope scope = TensorScope.open()) {
      Crd crd = crd();
      step(crd, NETWORKS.step(0, 0, new int[] {0, 1, 2, 3}, 0, 1, 2, 0));
      Map<String, Tensor> saved = new HashMap<>();
      crd.state().all().forEach((name, tensor) -> saved.put(name, tensor.detach().clone()));
      Step next = NETWORKS.step(1, 0, new int[] {7, 2, 9, 0}, 1, 2, 2, 0);
      double expected = step(crd, next);
      step(crd, NETWORKS.step(2, 0, new int[] {4, 5, 6, 8}, 1, 2, 2, 0));
      try (NoGrad noGrad = NoGrad.open()) {
        crd.state().all().forEach((name, tensor) -> tensor.copy_(States.tensor(saved, name)));
      }
      assertThat(step(crd, next)).isEqualTo(expected);
    }
  }

  private static double step(Crd crd, Step step) {
    double loss = Tensors.toDouble(crd.loss(step));
    crd.afterGradient(step);
    return loss;
  }

  @Test
  void byDefaultHintonAndCrossEntropyStandBesideIt() {
    try (TensorScope scope = TensorScope.open()) {
      List<Objective> objectives = Crd.KIND.defaults().build(NETWORKS.pairing(IMAGES));
      assertThat(objectives)
          .extracting(Objective::name)
          .containsExactly("crd", "hinton", "cross-entropy");
      assertThat(objectives).extracting(Objective::weight).containsExactly(0.8, 1.0, 1.0);
      assertThat(objectives.get(1)).isEqualTo(new Hinton(4, 1, 0));
      assertThat(States.tensor(objectives.get(0), "student.memory").shape())
          .containsExactly(IMAGES, 128);
    }
  }

  @ParameterizedTest
  @CsvSource({"12, 6", "40000, 16384"})
  void byDefaultHalfTheImagesAreNegativesButNoMoreThanThePapersNumber(int images, int negatives) {
    try (TensorScope scope = TensorScope.open()) {
      Step step = NETWORKS.step(0, 0, new int[] {3, 8}, 0, 1);
      Crd byDefault = crd(null, 0.07, 0.5, 2, NETWORKS.pairing(images));
      double loss = Tensors.toDouble(byDefault.loss(step));
      for (int other : new int[] {-1, 0, 1}) {
        Crd crd = crd(negatives + other, 0.07, 0.5, 2, NETWORKS.pairing(images));
        assertThat(Tensors.toDouble(crd.loss(step)) == loss)
            .as("with %s negatives", negatives + other)
            .isEqualTo(other == 0);
      }
    }
  }

  /** So that a row's squares add up to 1 in the mean: those of 901 have a deviation of 0.012. */
  @Test
  void aNewMemoryIsUniformWithRowsAsLongAsAUnitVectorInTheMean() {
    try (TensorScope scope = TensorScope.open()) {
      Crd crd = crd(1, 1, 0, DIMENSIONS, NETWORKS.pairing(901));
      double bound = Math.sqrt(3.0 / DIMENSIONS);
      for (String name : List.of("student.memory", "teacher.memory")) {
        double[] values = Tensors.toDoubles(States.tensor(crd, name));
        assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow())
            .isBetween(0.99 * bound, bound);
        assertThat(Arrays.stream(values).map(value -> value * value).sum() / 901)
            .as(name)
            .isCloseTo(1, within(0.05));
      }
    }
  }

  @Test
  void theTwoMemoriesBeginWithNumbersOfTheirOwn() {
    try (TensorScope scope = TensorScope.open()) {
      Crd crd = crd();
      assertThat(Tensors.toDoubles(States.tensor(crd, "student.memory")))
          .isNotEqualTo(Tensors.toDoubles(States.tensor(crd, "teacher.memory")));
    }
  }

  @Test
  void oneTrainingImageIsTooFew() {
    assertThatThrownBy(() -> crd(1, 1, 0, 2, NETWORKS.pairing(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("only 1 training image");
  }

  @Test
  void valuesOutOfRangeAreRefusedByTheirKey() {
    Pairing pairing = NETWORKS.pairing(IMAGES);
    assertThatThrownBy(() -> crd(0, 0.07, 0.5, 2, pairing))
        .hasMessage("negatives must be from 1 to 1048576, not 0");
    assertThatThrownBy(() -> crd(null, 0.07, 1, 2, pairing))
        .hasMessage("momentum must be in [0, 1), not 1.0");
  }
}
