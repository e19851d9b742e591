package dev.retort.engine;

import org.bytedeco.pytorch.Tensor;

/** A process that trains alone: every operation leaves what it is given. */
public enum SingleProcess implements Collective {
  INSTANCE;

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int ranks() {
    return 1;
  }

  @Override
  public void sum(Tensor tensor) {}

  @Override
  public void broadcast(Tensor tensor) {}

  @Override
  public Tensor gather(Tensor rows) {
    return rows.detach();
  }

  @Override
  public void close() {}
}
