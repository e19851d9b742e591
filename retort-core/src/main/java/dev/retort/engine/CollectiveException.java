package dev.retort.engine;

/** The ranks of a training cannot reach each other, or one of them has ended. */
public final class CollectiveException extends RuntimeException {
  CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
