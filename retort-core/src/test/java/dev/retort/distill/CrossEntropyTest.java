package dev.retort.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
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
