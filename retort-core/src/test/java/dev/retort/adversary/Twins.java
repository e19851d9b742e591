package dev.retort.adversary;

import dev.retort.engine.Collective;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.NullUnmarked;

/** Two ranks that have the same: this one, and another that is only thought of. */
@NullUnmarked
final class Twins implements Collective {
  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int ranks() {
    return 2;
  }

  @Override
  public void sum(Tensor tensor) {
    tensor.mul_(new Scalar(2));
  }

  @Override
  public void broadcast(Tensor tensor) {}

  @Override
  public Tensor gather(Tensor rows) {
    return torch.cat(new TensorVector(rows, rows), 0);
  }

  @Override
  public void close() {}
}
