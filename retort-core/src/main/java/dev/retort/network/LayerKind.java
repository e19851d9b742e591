package dev.retort.network;

import java.util.Locale;

/** What a layer with weights does, as far as a summary tells layers apart. */
public enum LayerKind {
  CONVOLUTION,
  /** A projection beside a block, not one of the layers that make the network deep. */
  SHORTCUT,
  LINEAR,
  NORMALIZATION;

  /** The name in tables: {@code convolution}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
