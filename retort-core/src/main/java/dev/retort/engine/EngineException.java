package dev.retort.engine;

/**
 * LibTorch could not be loaded, or the asked device or precision does not exist on this machine.
 */
public final class EngineException extends RuntimeException {
  public EngineException(String message) {
    super(message);
  }

  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
