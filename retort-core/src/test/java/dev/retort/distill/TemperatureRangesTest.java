package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A temperature or a power that is accepted leaves numbers in fp32, and no other is accepted. */
class TemperatureRangesTest {
  private static final LayerPair EMBEDDING = LayerPair.of("embedding");
  private static final String TEMPERATURE = " must be from 0.01 to 1000.0, not ";

  private static final Map<String, DoubleFunction<ObjectiveSettings>> TEMPERATURES =
      Map.of(
          "hinton temperature",
          value -> new Hinton(value, 1, 1),
          "hinton-standardized temperature",
          value -> new HintonStandardized(value, 1, 1),
          "dkd temperature",
          value -> new Dkd(1, 2, value, 0, 1, 1),
          "dist temperature",
          value -> new Dist(1, 1, value, 1, 1),
          "kd-plus-plus temperature",
          value -> new KdPlusPlus.Settings(EMBEDDING, 1, 1, value, 0, 1),
          "crd hintonTemperature",
          value -> new Crd.Settings(EMBEDDING, null, 0.07, 0.5, 128, 1, 1, value, 1));

  private static final Map<String, DoubleFunction<ObjectiveSettings>> POWERS =
      Map.of(
          "ttm gamma", value -> new Ttm(value, 1, 1), "wttm gamma", value -> new Wttm(value, 1, 1));

  @TestFactory
  Stream<DynamicTest> whatFp32CannotComputeIsRefusedByItsKey() {
    return Stream.of(
            tests(TEMPERATURES, TEMPERATURE, 0.01, 1000),
            tests(POWERS, " must be from 0.001 to 100.0, not ", 0.001, 100),
            tests(
                Map.of(
                    "crd temperature",
                    value -> new Crd.Settings(EMBEDDING, null, value, 0.5, 128, 1, 1, 4, 1)),
                " must be from 0.02 to 1000.0, not ",
                0.02,
                1000))
        .flatMap(tests -> tests);
  }

  private static Stream<DynamicTest> tests(
      Map<String, DoubleFunction<ObjectiveSettings>> settings,
      String range,
      double least,
      double most) {
    return settings.entrySet().stream()
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.getKey(),
                    () -> {
                      String key = each.getKey().split(" ", 2)[1];
                      DoubleFunction<ObjectiveSettings> of = each.getValue();
                      assertThat(of.apply(least)).isNotEqualTo(of.apply(most));
                      DoubleStream.of(0, -1, 1e-320, least * 0.999, most * 1.001, 1e300, Double.NaN)
                          .forEach(
                              value ->
                                  assertThatThrownBy(() -> of.apply(value))
                                      .isInstanceOf(IllegalArgumentException.class)
                                      .hasMessage(key + range + value));
                    }));
  }

  private interface OfLogits {
    Tensor loss(Tensor student, Tensor teacher);
  }

  /** The reference is the same formula in fp64, which has digits to spare at both ends. */
  @Test
  void atBothEndsGradientsInFp32HaveThreeDigits() {
    for (double temperature : new double[] {0.01, 1000}) {
      assertDigits("hinton", (s, t) -> Hinton.loss(s, t, temperature));
      assertDigits(
          "hinton-standardized", (s, t) -> new HintonStandardized(temperature, 1, 1).loss(s, t));
      assertDigits("dkd", (s, t) -> new Dkd(1, 2, temperature, 0, 1, 1).loss(s, t, labels(s)));
      assertDigits("dist", (s, t) -> new Dist(1, 1, temperature, 1, 1).loss(s, t));
      assertDigits("ttm", (s, t) -> new Ttm(1 / temperature, 1, 1).loss(s, t));
      assertDigits("wttm", (s, t) -> new Wttm(1 / temperature, 1, 1).loss(s, t));
    }
  }

  private static Tensor labels(Tensor logits) {
    return Tensors.of(new long[(int) logits.size(0)], logits.size(0));
  }

  private static void assertDigits(String name, OfLogits of) {
    try (TensorScope scope = TensorScope.open()) {
      RandomSource random = RandomSource.of(1, "logits");
      Tensor student = random.at("student").gaussian(ScalarType.Float, 3, 32, 100);
      Tensor teacher = random.at("teacher").gaussian(ScalarType.Float, 3, 32, 100);
      Tensor exact = gradient(of, student.to(ScalarType.Double), teacher.to(ScalarType.Double));
      Tensor rounded = gradient(of, student, teacher).to(ScalarType.Double);
      double norm = Tensors.toDouble(exact.norm());
      assertThat(norm).as(name).isPositive();
      assertThat(Tensors.toDouble(rounded.sub(exact).norm()) / norm).as(name).isLessThan(1e-3);
    }
  }

  private static Tensor gradient(OfLogits of, Tensor student, Tensor teacher) {
    Tensor leaf = student.detach().set_requires_grad(true);
    return Tensors.gradients(of.loss(leaf, teacher), new TensorVector(leaf), false).get(0);
  }

  /** The longest row that a new memory can have against a unit vector in its direction. */
  @Test
  void theLeastTemperatureOfCrdLeavesTheLargestScoreANumber() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor anchor = Tensors.of(new float[] {1}, 1, 1);
      Tensor memory = Tensors.of(new float[] {1, -1}, 2, 1).mul(new Scalar(Math.sqrt(3)));
      Tensor scores = Crd.scores(anchor, memory, Tensors.of(new long[] {0, 1}, 1, 2), 0.02);
      double[] values = Tensors.toDoubles(scores);
      assertThat(values[0] / Math.exp(Math.sqrt(3) / 0.02)).isBetween(0.999, 1.001);
      assertThat(values[1] / Math.exp(-Math.sqrt(3) / 0.02)).isBetween(0.999, 1.001);
    }
  }
}
