package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class TensorScopeTest {
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

  @Test
  void keptTensorWithoutEnclosingScopeSurvives() {
    Tensor kept;
    try (TensorScope only = TensorScope.open()) {
      kept = only.keep(torch.ones(3));
    }
    assertThat(Tensors.toFloats(kept)).containsExactly(1, 1, 1);
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
