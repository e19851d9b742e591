package dev.retort.cli;

import dev.retort.training.StopRequest;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a study end in good order: the first SIGINT or SIGTERM asks it to save where it stands and
 * leave, a second SIGINT ends the process at once.
 */
final class StopSignals {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);

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

  /**
   * The runtime's own shutdown would end the process before the study has saved. The class that
   * handles signals is in every JDK, in the module jdk.unsupported, but must not be named where
   * warnings are errors.
   */
  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandle run =
          MethodHandles.lookup()
              .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
              .bindTo(action);
      Object proxy =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.dropArguments(run, 0, signal));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      LOG.warn("SIG{} will end the process without saving: {}", name, e.toString());
    }
  }

  private static void ask(StopRequest stop, Terminal terminal) {
    stop.request();
    terminal.println("retort: stopping after this step (Ctrl-C again stops at once, unsaved)");
  }
}
