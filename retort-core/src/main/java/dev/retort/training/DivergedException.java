package dev.retort.training;

/**
 * A training was stopped because its loss, an update, or what it was to save is not finite; or the
 * logits of the network that it gave are not.
 */
public final class DivergedException extends RuntimeException {
  public DivergedException(String message) {
    super(message);
  }
}
