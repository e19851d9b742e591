package dev.retort.weights;

/**
 * A weights file that cannot be used: missing, damaged, of another format, or for another network.
 * The message names the file, and the tensor where there is one.
 */
public final class WeightsException extends RuntimeException {
  public WeightsException(String message) {
    super(message);
  }

  public WeightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
