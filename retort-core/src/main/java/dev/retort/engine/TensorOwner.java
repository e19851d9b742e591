package dev.retort.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * Owns tensors that no scope may free: the buffers of an object that lives longer than the scope it
 * was made in, or that another thread writes to. They are freed when the owner is closed.
 */
public final class TensorOwner implements AutoCloseable {
  private final List<Tensor> tensors = new ArrayList<>();

  /** Makes a tensor that belongs to this owner; what else is made on the way is freed at once. */
  public Tensor own(Supplier<Tensor> maker) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor tensor = scope.release(maker.get());
      tensors.add(tensor);
      return tensor;
    }
  }

  /** Frees the tensors. Views of them that are still in use keep their memory alive. */
  @Override
  public void close() {
    tensors.forEach(Tensor::deallocate);
    tensors.clear();
  }
}
