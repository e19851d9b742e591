package dev.retort.training;

import dev.retort.data.InspectionProgress;

/**
 * Asks a training to stop after the step that is under way; safe to use from any thread, such as a
 * signal's. It stays asked: who goes on takes another one.
 */
public final class StopRequest {
  private boolean wished;
  private boolean requested;
  private boolean shared;

  /** Asks. */
  public synchronized void request() {
    wished = true;
    if (!shared) {
      requested = true;
    }
  }

  /**
   * From now on nobody has asked until all ranks of a training know it, which the ranks agree on
   * after each step: those that stop earlier than others would leave them waiting.
   */
  public synchronized void share() {
    shared = true;
    requested = false;
  }

  /** From now on this rank stops by itself, since none waits for it. */
  public synchronized void alone() {
    shared = false;
    requested |= wished;
  }

  /** Whether somebody has asked this rank. */
  synchronized boolean isWished() {
    return wished;
  }

  /** All ranks know that somebody has asked one of them. */
  synchronized void agree() {
    requested = true;
  }

  /** A look at pictures that leaves with a {@link StoppedException} once somebody has asked. */
  public InspectionProgress during(InspectionProgress look) {
    return (data, done, total) -> {
      throwIfRequested();
      look.looked(data, done, total);
    };
  }

  /** Whether somebody has asked. */
  public synchronized boolean isRequested() {
    return requested;
  }

  /**
   * Leaves what is under way.
   *
   * @throws StoppedException if somebody has asked
   */
  public void throwIfRequested() {
    if (isRequested()) {
      throw new StoppedException();
    }
  }
}
