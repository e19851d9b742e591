package dev.retort.training;

/** Work was stopped on request; a training has saved where it stands. */
public final class StoppedException extends RuntimeException {
  StoppedException() {
    super("stopped on request; go on with --resume");
  }
}
