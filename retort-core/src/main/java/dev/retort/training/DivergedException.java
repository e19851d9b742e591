package dev.retort.training;

/** A training was stopped because its loss, an update, or what it was to save is not finite. */
public final class DivergedException extends RuntimeException {
  public DivergedException(String message) {
    super(message);
  }
}
