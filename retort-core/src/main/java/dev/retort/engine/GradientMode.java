package dev.retort.engine;

import org.bytedeco.pytorch.AutoGradMode;

/** Switches the recording of gradients off (or on again) for the calling thread until closed. */
public final class GradientMode implements AutoCloseable {
  private final AutoGradMode mode;

  private GradientMode(boolean enabled) {
    Engine.start();
    mode = new AutoGradMode(enabled);
  }

  /** No operation until the close is recorded for differentiation. */
  public static GradientMode off() {
    return new GradientMode(false);
  }

  /** Operations until the close are recorded, also inside {@link #off()}. */
  public static GradientMode on() {
    return new GradientMode(true);
  }

  @Override
  public void close() {
    mode.close();
  }
}
