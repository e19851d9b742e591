package dev.retort.cli;

import dev.retort.training.StopRequest;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What SIGINT, SIGTERM and, unless it is ignored (nohup), SIGHUP do. A study ends in good order:
 * the first signal asks it to save where it stands and leave, a second SIGINT ends the process at
 * once. Any other command ends at once, by the signal itself: neither hooks of Java's nor C's
 * static destructors run beside a thread that computes, which would crash.
 */
final class StopSignals {
  /** How long a study may take to leave; schedulers kill after 30 s. */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private static final Duration LAST_LINE = Duration.ofSeconds(1);

  private static final String LAUNCHER = "retort.launcher";

  /** In every JDK, in the module jdk.unsupported, but not to be named where warnings are errors. */
  private static final String SIGNAL = "sun.misc.Signal";

  private static final String HANDLER = "sun.misc.SignalHandler";

  private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

  private final Terminal terminal;
  private final StopRequest stop = new StopRequest();
  private final AtomicReference<@Nullable String> received = new AtomicReference<>();
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private volatile boolean atOnce;

  /** Signals do what they do to any process, unless {@link #install} is called. */
  StopSignals(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Takes over the signals, for as long as the process lives. */
  void install() {
    handle("TERM", () -> hear("TERM"));
    handle("HUP", () -> hear("HUP")); // Java leaves it ignored where it is
    handle("INT", () -> hear("INT"));
    Long launcher = Long.getLong(LAUNCHER);
    if (launcher != null) {
      ProcessHandle.of(launcher).ifPresentOrElse(this::stopAfter, this::ask);
    }
  }

  /** What a process is started with that is to stop when this one is gone. */
  static String withThisProcess() {
    return "-D" + LAUNCHER + "=" + ProcessHandle.current().pid();
  }

  private void stopAfter(ProcessHandle launcher) {
    Thread thread =
        new Thread(
            () -> {
              launcher.onExit().join();
              ask();
            },
            "retort-launcher");
    thread.setDaemon(true);
    thread.start();
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
    String signal = received.get();
    if (signal != null) {
      endBy(signal);
    }
  }

  private void hear(String signal) {
    // The request itself is not looked at: several ranks take it up only when all have heard of it.
    boolean again = !received.compareAndSet(null, signal);
    // A launcher's SIGTERM may come with the terminal's first SIGINT.
    boolean interruptedAgain = signal.equals("INT") && !interrupted.compareAndSet(false, true);
    if (atOnce || interruptedAgain) {
      endBy(signal);
    }
    if (again) {
      return;
    }
    ask(); // first, since whoever reads stderr may read no more
    terminal.println("retort: stopping after this step (Ctrl-C again stops at once, unsaved)");
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
    String why =
        "retort: stopped in the middle of something that takes long; go on from the last checkpoint"
            + " with --resume";
    Thread said = new Thread(() -> terminal.println(why), "retort-last-line");
    said.setDaemon(true);
    try {
      Thread.sleep(PATIENCE.toMillis());
      said.start();
      said.join(LAST_LINE.toMillis()); // whoever reads stderr may read no more
    } catch (InterruptedException e) {
      return;
    }
    Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
  }

  /**
   * Ends the process as the signal does where nobody handles it. {@code Runtime.halt} would run C's
   * static destructors, which free what a thread in LibTorch is computing with.
   */
  private static void endBy(String name) {
    try {
      setHandler(name, Class.forName(HANDLER).getField("SIG_DFL").get(null));
      // Java raises no signal that it does not handle.
      String kill = "kill -" + name + " " + ProcessHandle.current().pid();
      new ProcessBuilder("sh", "-c", kill).start().waitFor();
    } catch (ReflectiveOperationException | IOException | InterruptedException e) {
      LoggerFactory.getLogger(StopSignals.class).debug("no end by SIG{}", name, e);
    }
    // The first process of a container gets no signal that it does not handle.
    Runtime.getRuntime().halt(ChildProcess.SIGNALLED + NUMBERS.getOrDefault(name, 0));
  }

  private static void handle(String name, Runnable action) {
    try {
      MethodHandle run =
          MethodHandles.lookup()
              .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
              .bindTo(action);
      setHandler(
          name,
          MethodHandleProxies.asInterfaceInstance(
              Class.forName(HANDLER), MethodHandles.dropArguments(run, 0, Class.forName(SIGNAL))));
    } catch (ReflectiveOperationException e) {
      // No constant: every command comes by here, and a first logger takes a tenth of a second.
      LoggerFactory.getLogger(StopSignals.class)
          .warn("SIG{} will end the process without saving: {}", name, e.toString());
    }
  }

  private static void setHandler(String name, Object handler) throws ReflectiveOperationException {
    Class<?> signal = Class.forName(SIGNAL);
    signal.getMethod("handle", signal, Class.forName(HANDLER)).invoke(null, signal(name), handler);
  }

  private static Object signal(String name) throws ReflectiveOperationException {
    return Class.forName(SIGNAL).getConstructor(String.class).newInstance(name);
  }
}
