package dev.retort.training;

/** A training was stopped before an update that was not finite. */
public final class DivergedException extends RuntimeException {
  public DivergedException(String message) {
    super(message);
  }
}
