package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.data.Augmentation;
import dev.retort.data.ViewSource;
import dev.retort.data.batch.Batch;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Images without a label have no part in the loss. */
class CrossEntropyTest {
  @Test
  void theMeanIsThatOfTheLabelledImages() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits = Tensors.of(new double[] {0, 0, 5, 1}, 2, 2);

      double loss =
          Tensors.toDoubles(CrossEntropy.loss(logits, Tensors.of(new long[] {0, -1}, 2), 0))[0];

      assertThat(loss).isCloseTo(Math.log(2), within(1e-12));
    }
  }

  /** Of the softmax (¾, ¼) and the targets (0.95, 0.05). */
  @Test
  void smoothedTargetsHaveAShareOfEveryClass() {
    try (TensorScope scope = TensorScope.open()) {
      Activations student =
          new Activations(Tensors.of(new double[] {Math.log(3), 0}, 1, 2), Map.of());
      Batch batch =
          new Batch(
              Tensors.of(new double[1], 1, 1, 1, 1),
              Tensors.of(new long[] {0}, 1),
              new int[] {0},
              new ViewSource("made", 1, "made", Augmentation.NONE),
              0);
      Step step = new Step(batch, student, null, null, 0, 0.5, RandomSource.of(1, "step"));

      double loss = Tensors.toDouble(new CrossEntropy(1, 0.1).loss(step));

      assertThat(loss).isCloseTo(-0.95 * Math.log(0.75) - 0.05 * Math.log(0.25), within(1e-12));
    }
  }

  @Test
  void aBatchWithoutLabelsHasALossOfNothingAndNoGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor logits = Tensors.of(new double[] {0, 0, 5, 1}, 2, 2).requires_grad_();

      Tensor loss = CrossEntropy.loss(logits, Tensors.of(new long[] {-1, -1}, 2), 0);
      loss.backward();

      assertThat(Tensors.toDoubles(loss)).containsExactly(0);
      assertThat(Tensors.toDoubles(logits.grad())).containsOnly(0);
    }
  }
}
