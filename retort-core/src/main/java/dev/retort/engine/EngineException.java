package dev.retort.engine;

/**
 * LibTorch could not be loaded, the asked device is not there, or the ranks of a training cannot
 * reach each other.
 */
public final class EngineException extends RuntimeException {
  public EngineException(String message) {
    super(message);
  }

  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
