package dev.retort.engine;

import org.bytedeco.pytorch.AutoGradMode;

/** Until it is closed, no operation of the calling thread is recorded for differentiation. */
public final class NoGrad implements AutoCloseable {
  private final AutoGradMode mode;

  private NoGrad() {
    Engine.start();
    mode = new AutoGradMode(false);
  }

  /** Switches the recording off. */
  public static NoGrad open() {
    return new NoGrad();
  }

  @Override
  public void close() {
    mode.close();
  }
}
