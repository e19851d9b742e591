package dev.retort.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Splits;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.study.NoiseImages;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import dev.retort.weights.WeightsException;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class TemperatureScalingTest {
  /**
   * Two classes, logits (z, 0), and the first is right in three of four images. The targets are 5/6
   * and 1/6, the first class's on average (3 · 5/6 + 1/6) / 4 = 2/3. The cross-entropy is least
   * where softmax(z / T) says so: z / T = ln 2.
   */
  @Test
  void isThatOfAClosedForm() {
    try (TensorScope scope = TensorScope.open()) {
      for (double z : new double[] {0.02, 1, 40}) {
        Tensor logits = Tensors.of(new double[] {z, 0, z, 0, z, 0, z, 0}, 4, 2);
        Tensor labels = Tensors.of(new long[] {0, 0, 1, 0}, 4);

        assertThat(TemperatureScaling.temperature(logits, labels).orElseThrow())
            .isCloseTo(z / Math.log(2), within(1e-9 * z));
      }
    }
  }

  /** What {@code src/test/python/golden_temperature.py} prints. */
  @Test
  void isThatOfAnotherProgram() {
    try (TensorScope scope = TensorScope.open()) {
      int images = 60;
      int classes = 5;
      double[] logits = new double[images * classes];
      long[] labels = new long[images];
      for (int i = 0; i < images; i++) {
        int label = (7 * i + i / 3) % classes;
        labels[i] = label;
        for (int c = 0; c < classes; c++) {
          logits[i * classes + c] = 3 * Math.sin(1.3 * i + 2.1 * c) + (c == label ? 1.5 : 0);
        }
      }
      assertThat(
              TemperatureScaling.temperature(
                      Tensors.of(logits, images, classes), Tensors.of(labels, images))
                  .orElseThrow())
          .isCloseTo(4.334256621, within(1e-7));
    }
  }

  /** Both are right, by 2: the targets are 3/4, so that 2 / T = ln 3. */
  @Test
  void thereIsOneWhereEveryDecisionIsRight() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits = Tensors.of(new double[] {12, 10, 0, 2}, 2, 2);
      assertThat(
              TemperatureScaling.temperature(logits, Tensors.of(new long[] {0, 1}, 2))
                  .orElseThrow())
          .isCloseTo(2 / Math.log(3), within(1e-9));
    }
  }

  /** As of a student that learnt from a table, on a folder, whose classes are in another order. */
  @Test
  void labelsThatCountOtherClassesAreRefused() {
    Splits data = NoiseImages.splits(List.of("a", "b"), 4);
    try (TensorScope scope = TensorScope.open()) {
      Network network =
          Networks.create(
              "resnet8", NoiseImages.SHAPE, 2, ScalarType.Float, RandomSource.of(1, "student"));
      ModelInfo info = new ModelInfo(List.of("b", "a"), data.statistics(), Map.of());
      assertThatThrownBy(
              () ->
                  TemperatureScaling.fit(
                      new LoadedModel(network, info), data.validation(), data.test()))
          .isInstanceOf(WeightsException.class)
          .hasMessage(
              "resnet8 tells apart [b, a], and the data have [a, b], which must be equal, in one order");
    }
  }

  @Test
  void thereIsNoneWhereTheRightClassesHaveNoLargerLogitsOrWhereLogitsAreNotFinite() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits = Tensors.of(new double[] {1, 0, 0, 2}, 2, 2);
      assertThat(TemperatureScaling.temperature(logits, Tensors.of(new long[] {1, 0}, 2)))
          .isEmpty();
      Tensor broken = Tensors.of(new double[] {1, Double.NaN, 0, 2}, 2, 2);
      assertThat(TemperatureScaling.temperature(broken, Tensors.of(new long[] {0, 1}, 2)))
          .isEmpty();
    }
  }
}
