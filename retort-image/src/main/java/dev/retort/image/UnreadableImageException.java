package dev.retort.image;

import java.io.IOException;

/** A file is no picture that can be read; the message says why, and leaves out which file. */
public final class UnreadableImageException extends IOException {
  private static final long serialVersionUID = 1L;

  public UnreadableImageException(String message) {
    super(message);
  }

  public UnreadableImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
