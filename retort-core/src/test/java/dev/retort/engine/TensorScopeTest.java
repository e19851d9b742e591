package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TensorScopeTest {
  /** What is missing would be whatever the memory held. */
  @Test
  void aTensorNeedsAsManyValuesAsItsShapeHas() {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> Tensors.of(new float[] {1, 2, 3}, 2, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("3 values for a tensor of shape [2, 2]");
      assertThatThrownBy(() -> Tensors.of(new long[] {1, 2}, 1))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(Tensors.of(new double[0], 0, 3).numel()).isZero();
      assertThat(Tensors.toDouble(Tensors.of(new double[] {7}))).isEqualTo(7);
    }
  }

  /** Its memory has no address. */
  @Test
  void aTensorWithoutElementsHasNoValues() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor none = Tensors.of(new float[0], 0, 3);
      assertThat(Tensors.toDoubles(none)).isEmpty();
      assertThat(Tensors.toFloats(none)).isEmpty();
      assertThat(Tensors.toLongs(none)).isEmpty();
      assertThat(Tensors.bytes(none).capacity()).isZero();
    }
  }

  @Test
  void keptTensorLivesUntilTheEnclosingScopeCloses() {
    Tensor kept;
    Tensor lost;
    try (TensorScope training = TensorScope.open()) {
      try (TensorScope step = TensorScope.open()) {
        kept = step.keep(torch.ones(3));
        lost = torch.ones(3);
      }
      assertThat(lost.isNull()).isTrue();
      assertThat(Tensors.toFloats(kept)).containsExactly(1, 1, 1);
    }
    assertThat(kept.isNull()).isTrue();
  }

  /** Only the collector would free it, and native memory does not make it run. */
  @Test
  void noTensorIsKeptBeyondTheOutermostScope() {
    try (TensorScope only = TensorScope.open()) {
      Tensor tensor = torch.ones(3);
      assertThatThrownBy(() -> only.keep(tensor))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "a tensor cannot be kept beyond the outermost TensorScope of its thread, since"
                  + " nothing would free it; open one around the work: try (TensorScope scope ="
                  + " TensorScope.open()) { … }");
      assertThat(Tensors.toFloats(tensor)).containsExactly(1, 1, 1);
    }
  }

  @Test
  void noTensorIsMadeOfValuesWhereNoScopeIsOpen() throws InterruptedException {
    List<Executable> makers =
        List.of(
            () -> Tensors.of(new float[] {1}, 1),
            () -> Tensors.of(new double[] {1}, 1),
            () -> Tensors.of(new long[] {1}, 1));
    for (Executable maker : makers) {
      assertThatThrownBy(maker::execute)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "a tensor cannot be made where no TensorScope is open on this thread, since nothing"
                  + " would free it; open one around the work");
    }
    try (TensorScope scope = TensorScope.open()) {
      // A scope is its thread's own.
      List<Throwable> elsewhere = new CopyOnWriteArrayList<>();
      Thread thread = new Thread(() -> Tensors.of(new float[] {1}, 1));
      thread.setUncaughtExceptionHandler((on, failure) -> elsewhere.add(failure));
      thread.start();
      thread.join();
      assertThat(elsewhere).singleElement().isInstanceOf(IllegalStateException.class);
      assertThat(Tensors.toFloats(Tensors.of(new float[] {1}, 1))).containsExactly(1);
    }
  }

  @Test
  void ownedTensorOutlivesEveryScopeUntilItsOwnerCloses() {
    Tensor owned;
    Tensor view;
    try (TensorScope outer = TensorScope.open()) {
      try (TensorOwner owner = new TensorOwner()) {
        try (TensorScope scope = TensorScope.open()) {
          owned = owner.own(() -> torch.ones(3));
        }
        assertThat(Tensors.toFloats(owned)).containsExactly(1, 1, 1);
        view = owned.narrow(0, 1, 2);
      }
      assertThat(owned.isNull()).isTrue();
      assertThat(Tensors.toFloats(view)).containsExactly(1, 1);
    }
  }
}
