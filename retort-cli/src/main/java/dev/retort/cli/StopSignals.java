package dev.retort.cli;

import dev.retort.training.StopRequest;

/**
 * Lets a study end in good order: the first SIGINT or SIGTERM asks it to save where it stands and
 * leave, a second SIGINT ends the process at once.
 */
final class StopSignals {
  /** What a shell reports of a process that SIGINT ended. */
  private static final int KILLED_BY_SIGINT = 130;

  private StopSignals() {}

  /** Takes over both signals, for as long as the process lives. */
  static StopRequest install(Terminal terminal) {
    StopRequest stop = new StopRequest();
    handle("TERM", () -> ask(stop, terminal));
    handle(
        "INT",
        () -> {
          if (stop.isRequested()) {
            Runtime.getRuntime().halt(KILLED_BY_SIGINT);
          }
          ask(stop, terminal);
        });
    return stop;
  }

  /** The runtime's own shutdown would end the process before the study has saved. */
  private static void handle(String name, Runnable action) {
    sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> action.run());
  }

  private static void ask(StopRequest stop, Terminal terminal) {
    stop.request();
    terminal.println("retort: stopping after this step (Ctrl-C again stops at once, unsaved)");
  }
}
