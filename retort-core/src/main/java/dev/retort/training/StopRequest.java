package dev.retort.training;

/**
 * Asks a training to stop after the step that is under way; safe to use from any thread, such as a
 * signal's.
 */
public final class StopRequest {
  private volatile boolean requested;

  /** Asks. */
  public void request() {
    requested = true;
  }

  /** Whether somebody has asked. */
  public boolean isRequested() {
    return requested;
  }

  /**
   * Leaves what is under way.
   *
   * @throws StoppedException if somebody has asked
   */
  public void throwIfRequested() {
    if (requested) {
      throw new StoppedException();
    }
  }
}
