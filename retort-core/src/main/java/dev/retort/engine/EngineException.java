package dev.retort.engine;

/**
 * LibTorch could not be loaded, the asked device or precision does not exist on this machine, or
 * the ranks of a training cannot reach each other.
 */
public final class EngineException extends RuntimeException {
  public EngineException(String message) {
    super(message);
  }

  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
