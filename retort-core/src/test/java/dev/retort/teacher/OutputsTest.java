package dev.retort.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.weights.WeightsException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What numbers are taken for, whoever says them. */
class OutputsTest {
  /** 300 rows of 5 probabilities, of which one class has 0.2 … 0.8, times a factor. */
  private static double[] probabilities(double factor) {
    double[] rows = new double[1500];
    for (int i = 0; i < 300; i++) {
      double top = 0.2 + 0.6 * i / 299;
      for (int c = 0; c < 5; c++) {
        rows[5 * i + c] = factor * (c == i % 5 ? top : (1 - top) / 4);
      }
    }
    return rows;
  }

  private static Outputs outputs(double[] rows, @Nullable Outputs declared, long... shape) {
    return Outputs.of(Map.of("logits", Tensors.of(rows, shape)), declared, "made");
  }

  @Test
  void aNumberThatIsNegativeByRoundingLeavesProbabilitiesWhatTheyAre() {
    try (TensorScope scope = TensorScope.open()) {
      double[] rows = probabilities(1);
      rows[5 * 16 + 1] += rows[5 * 16];
      rows[5 * 16] = -1e-6;
      assertThat(outputs(rows, null, 300, 5)).isEqualTo(Outputs.PROBABILITIES);
    }
  }

  /** The first view has logits, and the other two, behind four million numbers, probabilities. */
  @Test
  void everyRowIsLookedAt() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits = RandomSource.of(1, "rows").normal(ScalarType.Float, 5000, 1000).unsqueeze(0);
      Tensor views = torch.cat(new TensorVector(logits, logits.softmax(2), logits.softmax(2)), 0);
      assertThatThrownBy(() -> Outputs.of(Map.of("logits", views), null, "made"))
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith("made: 10000 of the 15000 rows of 'logits' are probabilities");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.000 … 0.000 and a sum of 0.000",
    "0.204, 0.2040 … 0.2040 and a sum of 1.020",
    "-0.3, -0.3000 … -0.3000 and a sum of -1.500"
  })
  void aRowThatIsNotOfProbabilitiesAmongOthersThatAreIsNamed(double number, String range) {
    try (TensorScope scope = TensorScope.open()) {
      double[] rows = probabilities(1);
      Arrays.fill(rows, 5 * 217, 5 * 218, number);
      for (Outputs declared : new Outputs[] {null, Outputs.PROBABILITIES}) {
        assertThatThrownBy(() -> outputs(rows, declared, 300, 5))
            .isInstanceOf(WeightsException.class)
            .hasMessageStartingWith("made: 299 of the 300 rows of 'logits' are probabilities")
            .hasMessageContaining("row 217, with numbers within " + range)
            .hasMessageContaining("Correct these rows");
      }
      assertThatThrownBy(() -> outputs(rows, null, 3, 100, 5))
          .hasMessageContaining("row 17 of view 2, with numbers");
      assertThat(outputs(rows, Outputs.LOGITS, 300, 5)).isEqualTo(Outputs.LOGITS);
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 100.0", "7, 7.000", "1.02, 1.020"})
  void probabilitiesInPerCentAndVotesAreRefused(double factor, String sum) {
    try (TensorScope scope = TensorScope.open()) {
      double[] rows = probabilities(factor);
      assertThatThrownBy(() -> outputs(rows, null, 300, 5))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("in 300 of the 300 rows of 'logits' no number is negative")
          .hasMessageContaining("the sum is " + sum)
          .hasMessageContaining("Divide them by that sum");
      rows[0] = -5;
      assertThatThrownBy(() -> outputs(rows, null, 300, 5))
          .hasMessageContaining("in 299 of the 300 rows");
      assertThat(outputs(rows, Outputs.LOGITS, 300, 5)).isEqualTo(Outputs.LOGITS);
    }
  }

  /** A network that has learned nothing but its bias says the same of every image. */
  @Test
  void logitsThatDoNotDependOnTheImageAreNoPerCents() {
    try (TensorScope scope = TensorScope.open()) {
      double[] rows = new double[1500];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (i % 5 == 3 ? 2.2 : 0) + 1e-3 * (i % 7);
      }
      assertThat(outputs(rows, null, 300, 5)).isEqualTo(Outputs.LOGITS);
    }
  }

  /** Before a training a network's logits are near 0; of one picture they may be anything. */
  @Test
  void smallLogitsAndFewNumbersAreNoSigmoids() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor small = Tensors.of(IntStream.range(0, 20).mapToDouble(i -> i / 60.0).toArray(), 4, 5);
      Tensor few = Tensors.of(new double[] {0.25, 0.5, 0.75, 1, 0}, 1, 5);
      for (Tensor each : List.of(small, few)) {
        assertThat(Outputs.of(Map.of("logits", each), null, "made")).isEqualTo(Outputs.LOGITS);
      }
    }
  }
}
