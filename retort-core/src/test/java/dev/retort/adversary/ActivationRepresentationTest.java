package dev.retort.adversary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.distill.LayerPair;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class ActivationRepresentationTest {
  private static MadeStep layers(Tensor teacher, Tensor student) {
    Tensor logits = Tensors.of(new double[6], 2, 3);
    return new MadeStep(
        Map.of("logits", logits, "layer", teacher),
        Map.of("logits", logits, "layer", student),
        Map.of("logits", logits, "layer", teacher.add(new Scalar(1.0))),
        new long[] {0, 1},
        0,
        0.25);
  }

  private static Representation layer(MadeStep step) {
    return new ActivationRepresentation(LayerPair.of("layer"), step.pairing());
  }

  private static double[] encoded(Encoding encoding, double... row) {
    return Tensors.toDoubles(encoding.encode(Tensors.of(row, 1, row.length)));
  }

  @Test
  void encodingsHaveTheirValues() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(encoded(new Encoding.Raw(), 1, 2, 6)).containsExactly(1, 2, 6);
      assertThat(encoded(new Encoding.Centred(), 1, 2, 6)).containsExactly(-2, -1, 3);
      double deviation = Math.sqrt(14 / 3.0) + 1e-6;
      assertThat(encoded(new Encoding.Standardized(), 1, 2, 6))
          .containsExactly(
              new double[] {-2 / deviation, -1 / deviation, 3 / deviation}, within(1e-14));
      assertThat(encoded(new Encoding.Softmax(2), 0, 2 * Math.log(3)))
          .containsExactly(new double[] {0.25, 0.75}, within(1e-15));
    }
  }

  /** A position of a map at which ReLU lets nothing through must not end a training. */
  @Test
  void aRowWithoutDeviationIsCentredOnlyAndHasThatGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor row = Tensors.of(new double[] {3, 3, 3}, 1, 3).requires_grad_(true);
      Tensor encoded = new Encoding.Standardized().encode(row);
      assertThat(Tensors.toDoubles(encoded)).containsExactly(0, 0, 0);
      // The first value's derivative, by hand: that of x₁ minus the mean, over 1 + 1e-6.
      Tensor first = encoded.narrow(1, 0, 1).sum();
      assertThat(Tensors.toDoubles(Tensors.gradients(first, new TensorVector(row), false).get(0)))
          .containsExactly(
              new double[] {2 / 3.0 / (1 + 1e-6), -1 / 3.0 / (1 + 1e-6), -1 / 3.0 / (1 + 1e-6)},
              within(1e-14));
    }
  }

  @Test
  void ofAMapTheChannelsAreEncodedAtEachPosition() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor map = Tensors.of(new double[] {1, 10, 3, 30}, 1, 2, 1, 2);
      assertThat(Tensors.toDoubles(new Encoding.Centred().encode(map)))
          .containsExactly(-1, -10, 1, 10);
    }
  }

  @Test
  void layersOfOneShapeAreReadAsTheyAre() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = layers(MadeStep.normal("t", 0, 2, 4), MadeStep.normal("s", 0, 2, 4));
      Representation layer = layer(made);
      assertThat(layer.connector()).isNull();
      assertThat(Tensors.toDoubles(layer.teacher(made.step())))
          .isEqualTo(Tensors.toDoubles(made.teacher().get("layer")));
      assertThat(Tensors.toDoubles(layer.student(made.step())))
          .isEqualTo(Tensors.toDoubles(made.student().get("layer")));
      assertThat(Tensors.toDoubles(layer.partner(made.step())))
          .isEqualTo(Tensors.toDoubles(made.secondView().get("layer")));
    }
  }

  @Test
  void aStudentOfAnotherWidthIsConnectedByAMatrix() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = layers(MadeStep.normal("t", 0, 2, 3), MadeStep.normal("s", 0, 2, 2));
      Representation layer = layer(made);
      double[] w = Tensors.toDoubles(layer.connector().parameters().get("weight"));
      double[] s = Tensors.toDoubles(made.student().get("layer"));
      double[] expected = new double[6];
      Arrays.setAll(
          expected, i -> w[i % 3 * 2] * s[i / 3 * 2] + w[i % 3 * 2 + 1] * s[i / 3 * 2 + 1]);
      assertThat(Tensors.toDoubles(layer.student(made.step())))
          .containsExactly(expected, within(1e-14));
      assertThat(layer.balancedAt(made.step()).get(0).size(1))
          .as("before the connector")
          .isEqualTo(2);
    }
  }

  @Test
  void mapsMeetInTheSmallerSizeAndTheTeachersWidth() {
    try (TensorScope scope = TensorScope.open()) {
      double[] values = new double[2 * 2 * 2];
      Arrays.setAll(values, i -> i);
      MadeStep made =
          layers(Tensors.of(values, 2, 1, 2, 2), Tensors.of(new double[] {1, 2, 3, 4}, 2, 2, 1, 1));
      Representation layer = layer(made);
      assertThat(layer.shape()).containsExactly(1, 1, 1);
      assertThat(Tensors.toDoubles(layer.teacher(made.step()))).containsExactly(1.5, 5.5);
      double[] w = Tensors.toDoubles(layer.connector().parameters().get("weight"));
      assertThat(Tensors.toDoubles(layer.student(made.step())))
          .containsExactly(new double[] {w[0] + 2 * w[1], 3 * w[0] + 4 * w[1]}, within(1e-14));
    }
  }

  /** Two maps of 2×6 and two of 4×3: the means of two in a row, or in a column. */
  @Test
  void mapsThatAreNotSquareMeetInTheShorterOfEachSide() {
    try (TensorScope scope = TensorScope.open()) {
      double[] values = IntStream.range(0, 24).asDoubleStream().toArray();
      MadeStep made = layers(Tensors.of(values, 2, 1, 2, 6), Tensors.of(values, 2, 1, 4, 3));
      Representation layer = layer(made);
      assertThat(layer.shape()).containsExactly(1, 2, 3);
      assertThat(Tensors.toDoubles(layer.teacher(made.step())))
          .containsExactly(0.5, 2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5, 16.5, 18.5, 20.5, 22.5);
      assertThat(Tensors.toDoubles(layer.student(made.step())))
          .containsExactly(1.5, 2.5, 3.5, 7.5, 8.5, 9.5, 13.5, 14.5, 15.5, 19.5, 20.5, 21.5);
    }
  }

  @Test
  void aVectorAndAMapAreNotCompared() {
    try (TensorScope scope = TensorScope.open()) {
      MadeStep made = layers(MadeStep.normal("t", 0, 2, 3), MadeStep.normal("s", 0, 2, 3, 4, 4));
      assertThatThrownBy(() -> layer(made))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a discriminator cannot read the teacher's 'layer' [3] against the student's 'layer'"
                  + " [3, 4, 4]: both must be vectors, or both maps");
    }
  }

  /** At a quarter of the training σ has fallen to three quarters. */
  @Test
  void theGaussianAddsNoiseOfItsSizeThatFallsToNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor zeros = Tensors.of(new double[20000], 20000, 1);
      double fixed = deviation(new Distribution.Gaussian(0.4, false), zeros, 0.25);
      double annealed = deviation(new Distribution.Gaussian(0.4, true), zeros, 0.25);
      assertThat(fixed).isCloseTo(0.4, within(0.01));
      assertThat(annealed / fixed).isCloseTo(0.75, within(1e-12));
      assertThat(deviation(new Distribution.Gaussian(0.4, true), zeros, 1)).isZero();
    }
  }

  private static double deviation(Distribution distribution, Tensor around, double progress) {
    Tensor sample = distribution.sample(around, MadeStep.RANDOM.at("noise"), progress);
    return Tensors.toDouble(sample.std(false));
  }
}
