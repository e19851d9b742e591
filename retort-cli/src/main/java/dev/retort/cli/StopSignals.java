package dev.retort.cli;

import dev.retort.training.StopRequest;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;

/**
 * What SIGINT and SIGTERM do. A study ends in good order: the first signal asks it to save where it
 * stands and leave, a second SIGINT ends the process at once. Any other command ends at once. The
 * process is halted: no hooks of Java's run beside a thread that computes. C's static destructors
 * do, after 0.3 s of waiting for native calls to end.
 */
final class StopSignals {
  /** How long a study may take to leave; schedulers kill after 30 s. */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final Terminal terminal;
  private final StopRequest stop = new StopRequest();
  private final AtomicInteger received = new AtomicInteger(ExitCode.DONE);
  private volatile boolean atOnce;

  /** Signals do what they do to any process, unless {@link #install} is called. */
  StopSignals(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Takes over both signals, for as long as the process lives. */
  void install() {
    handle("TERM", () -> hear(ExitCode.TERMINATED));
    handle("INT", () -> hear(ExitCode.KEYBOARD_INTERRUPT));
  }

  /** What a study looks at. */
  StopRequest stop() {
    return stop;
  }

  /** Ctrl-C reaches all processes of a terminal: those that another one asks leave it to that. */
  void leaveInterruptsToOthers() {
    handle("INT", () -> {});
  }

  /** There is nothing to save: a signal ends the process, and so does one that has come before. */
  void endAtOnce() {
    atOnce = true;
    if (received.get() != ExitCode.DONE) {
      Runtime.getRuntime().halt(received.get());
    }
  }

  private void hear(int exitCode) {
    // The request itself is not looked at: several ranks take it up only when all have heard of it.
    boolean again = !received.compareAndSet(ExitCode.DONE, exitCode);
    if (atOnce || (again && exitCode == ExitCode.KEYBOARD_INTERRUPT)) {
      Runtime.getRuntime().halt(exitCode);
    }
    if (again) {
      return;
    }
    terminal.println("retort: stopping after this step (Ctrl-C again stops at once, unsaved)");
    ask();
  }

  /** Asks a study to save where it stands and leave, and ends the process if it takes too long. */
  void ask() {
    stop.request();
    Thread impatient = new Thread(this::leave, "retort-impatient");
    impatient.setDaemon(true);
    impatient.start();
  }

  /** Something cannot be interrupted, such as the reading of many images. */
  private void leave() {
    try {
      Thread.sleep(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      return;
    }
    terminal.println(
        "retort: stopped in the middle of something that takes long; go on from the last checkpoint"
            + " with --resume");
    Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
  }

  /**
   * The class that handles signals is in every JDK, in the module jdk.unsupported, but must not be
   * named where warnings are errors.
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
      // No constant: every command comes by here, and a first logger takes a tenth of a second.
      LoggerFactory.getLogger(StopSignals.class)
          .warn("SIG{} will end the process without saving: {}", name, e.toString());
    }
  }
}
