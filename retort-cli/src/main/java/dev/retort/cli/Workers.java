package dev.retort.cli;

import dev.retort.study.StudyRunner.Outcome;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.RunName;
import dev.retort.system.StorageSize;
import dev.retort.training.StopRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shares out a study's runs among processes: each takes the next one that nobody has. What the
 * teacher says of views that several runs read is computed first, by all of them together. One
 * terminal shows them all.
 */
final class Workers {
  private static final long POLL_MILLISECONDS = 100;

  /** Between two looks at runs that other processes work on. */
  private static final long PAUSE_MILLISECONDS = 1000;

  private final Terminal terminal;
  private final StopRequest stop;
  private final JobsOption.Sharing sharing;
  private final IntFunction<ProcessBuilder> builder;
  private final List<RunName> runs;
  private final Predicate<RunName> hasEnded;
  private final Duration patience;
  private final Deque<Task> waiting = new ArrayDeque<>();
  private final List<WorkerProcess> processes = new CopyOnWriteArrayList<>();

  /** Workers whose process was killed while it began. */
  private final Set<Integer> killedAtBeginning = new HashSet<>();

  /** What was being done when a process was killed. */
  private final Set<Task> killedDuring = new HashSet<>();

  private final List<String> abandoned = new ArrayList<>();
  private final List<Task> taken = new ArrayList<>();
  private final Set<Integer> active = new HashSet<>();
  private final WorkersStatus status;
  private int underWay;
  private long peakMemory;
  private boolean opened;
  private @Nullable Long allElseDone;
  private long lastTaken;
  private boolean finished;

  /** Without the monitor, which somebody may hold who waits for the terminal. */
  private volatile boolean stopping;

  private volatile int failure = ExitCode.DONE;

  /**
   * Something that a process is asked to do.
   *
   * @param request as {@link WorkerCommand} reads it
   * @param run the run that it is; null for anything else
   */
  private record Task(String request, @Nullable RunName run) {
    String name() {
      return run == null ? request : run.toString();
    }
  }

  /**
   * Processes that are not started yet.
   *
   * @param builder of the process with a number, from 0
   * @param runs that are to be done
   * @param hasEnded whether one is done or has diverged, in whichever process
   * @param patience how long others may work on what is left: a parent that was killed has workers
   *     that save and leave
   */
  Workers(
      Terminal terminal,
      StopRequest stop,
      JobsOption.Sharing sharing,
      IntFunction<ProcessBuilder> builder,
      List<RunName> runs,
      Predicate<RunName> hasEnded,
      Duration patience) {
    this.terminal = terminal;
    this.stop = stop;
    this.sharing = sharing;
    this.builder = builder;
    this.runs = List.copyOf(runs);
    this.hasEnded = hasEnded;
    this.patience = patience;
    this.status = new WorkersStatus(terminal, sharing.workers(), runs.size(), System::nanoTime);
  }

  /**
   * Does all runs.
   *
   * @return {@link ExitCode#DONE}, also where runs diverged; {@link ExitCode#INTERRUPTED} on
   *     request, when all is saved; else the exit code of the process that failed, which has said
   *     why
   * @throws IOException if a run ended the process that worked on it twice
   * @throws ConfigurationException if other processes still work on some of the runs
   */
  int work() throws IOException, InterruptedException {
    List<Thread> threads = new ArrayList<>();
    IntStream.range(0, sharing.workers()).forEach(active::add);
    try {
      for (int number = 0; number < sharing.workers(); number++) {
        int own = number;
        Thread thread = new Thread(() -> serve(own), "retort-worker-" + (own + 1));
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        while (thread.isAlive()) {
          if (stop.isRequested()) {
            stopAll();
          }
          thread.join(POLL_MILLISECONDS);
        }
      }
    } finally {
      processes.forEach(WorkerProcess::kill);
      terminal.status("");
    }
    return exitCode();
  }

  private int exitCode() throws IOException {
    if (failure != ExitCode.DONE) {
      return failure;
    }
    if (stopping) {
      return ExitCode.INTERRUPTED;
    }
    if (!waiting.isEmpty()) { // no worker could begin
      return ExitCode.FAILURE;
    }
    if (!abandoned.isEmpty()) {
      throw new IOException(
          "%s ended the process that worked on it twice, and is not done: see what ended it (memory?) and go on with --resume"
              .formatted(String.join(", ", abandoned)));
    }
    List<String> undone = stillTaken().map(Task::name).toList();
    if (!undone.isEmpty()) {
      throw new ConfigurationException(
          "other processes work on %s; all other runs are done"
              .formatted(String.join(", ", undone)));
    }
    return ExitCode.DONE;
  }

  private Stream<Task> stillTaken() {
    return taken.stream().filter(task -> !hasEnded.test(Objects.requireNonNull(task.run())));
  }

  private void serve(int number) {
    try {
      if (number == 0 || waitUntilOpened()) {
        while (serveProcess(number)) {
          // Another one takes the place of one that was killed.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | OutOfMemoryError e) { // the latter also where no thread can be started
      terminal.println("retort: a process cannot be started: " + e.getMessage());
      fail(ExitCode.FAILURE);
    } finally {
      leave(number);
    }
  }

  /**
   * Works with one process until nothing is left.
   *
   * @return whether it was killed, and something is left
   */
  private boolean serveProcess(int number) throws IOException, InterruptedException {
    List<String> beginning = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean ready = new AtomicBoolean(number == 0 && !isOpened());
    WorkerProcess process =
        new WorkerProcess(
            builder.apply(number),
            line -> {
              if (ready.get()) {
                println(number, line);
              } else {
                beginning.add(line); // what the first process has said already
              }
            },
            text -> show(number, text));
    add(process);
    if (process.answer() == null) {
      beginning.forEach(line -> println(number, line));
      return ended(number, process, null);
    }
    ready.set(true);
    if (!isOpened()) { // the others wait for it
      share(process);
      open();
    }
    for (Task task = next(); task != null; task = next()) {
      begin(number, task);
      String answer = process.ask(task.request());
      if (answer == null) {
        return ended(number, process, task);
      }
      end(number, task, answer, process.peakMemory());
      if (needsTooMuch(number)) {
        break;
      }
    }
    process.tell(isOver() ? WorkerCommand.STOP : WorkerCommand.END);
    process.awaitEnd();
    int code = process.exitCode();
    if (code >= ChildProcess.SIGNALLED) { // it did nothing, so nothing is lost
      terminal.println(
          "worker %d was ended by signal %d after its last run"
              .formatted(number + 1, code - ChildProcess.SIGNALLED));
    } else if (code != ExitCode.DONE && code != ExitCode.INTERRUPTED) {
      fail(code);
    }
    return false;
  }

  private synchronized void add(WorkerProcess process) {
    processes.add(process);
    if (isOver()) {
      process.tell(WorkerCommand.STOP);
    }
  }

  private synchronized boolean isOpened() {
    return opened;
  }

  /** The first process has looked at data and teacher, and says so for all. */
  private synchronized void open() {
    opened = true;
    notifyAll();
  }

  private synchronized boolean waitUntilOpened() throws InterruptedException {
    while (!opened && !isOver()) {
      wait();
    }
    return !isOver();
  }

  private boolean isOver() {
    return stopping || failure != ExitCode.DONE;
  }

  /** Lines up what all runs read of the teacher, then the runs. */
  private void share(WorkerProcess process) throws InterruptedException {
    List<String> names = runs.stream().map(RunName::toString).toList();
    String answer = process.ask(WorkerCommand.SHARED + " " + String.join(" ", names));
    synchronized (this) {
      String views = answer == null ? "" : answer;
      for (String view : views.isEmpty() ? new String[0] : views.split(" ")) {
        for (int part = 0; part < sharing.workers(); part++) {
          String where = view.replace(':', ' ');
          waiting.add(
              new Task(
                  "%s %s %d %d".formatted(WorkerCommand.REMEMBER, where, part, sharing.workers()),
                  null));
        }
      }
      for (int i = 0; i < runs.size(); i++) {
        waiting.add(
            new Task(
                "%s %s %d %d".formatted(WorkerCommand.RUN, runs.get(i), i + 1, runs.size()),
                runs.get(i)));
      }
      notifyAll();
    }
  }

  /**
   * What is to be done next; waits while others work, since one of them may be killed. Null if
   * nothing is left.
   */
  private synchronized @Nullable Task next() throws InterruptedException {
    while (waiting.isEmpty() && !isOver() && (underWay > 0 || mayBeFree())) {
      wait(PAUSE_MILLISECONDS);
      // Others' answers end the wait sooner.
      boolean paused = System.nanoTime() - lastTaken >= PAUSE_MILLISECONDS * 1_000_000;
      if (waiting.isEmpty() && underWay == 0 && paused) {
        stillTaken().forEach(waiting::add);
        taken.clear();
      }
    }
    if (waiting.isEmpty() && !finished) {
      waiting.add(new Task(WorkerCommand.FINISH, null));
      finished = true;
    }
    if (isOver() || waiting.isEmpty()) {
      return null;
    }
    underWay++;
    return waiting.remove();
  }

  /** Whether others work on what is left, who may be killed, or may be saving it. */
  private boolean mayBeFree() {
    if (stillTaken().findAny().isEmpty()) {
      return false;
    }
    if (allElseDone == null) {
      allElseDone = System.nanoTime();
    }
    return System.nanoTime() - allElseDone <= patience.toNanos();
  }

  private synchronized void begin(int number, Task task) {
    if (task.run() != null) {
      status.runBegins(number);
    }
  }

  private synchronized void end(int number, Task task, String answer, long memory) {
    underWay--;
    peakMemory = Math.max(peakMemory, memory);
    if (task.run() != null) {
      if (answer.equals(Outcome.TAKEN.name())) {
        taken.add(task);
        lastTaken = System.nanoTime();
      } else {
        status.runIsDone(number, answer.equals(Outcome.DONE.name()));
        status.sayTotal(runsWaiting(), active.size());
      }
    }
    status.rests(number);
    notifyAll();
  }

  /**
   * A process has ended by itself.
   *
   * @param task what it did; null while it began or ended
   * @return whether another one is to take its place
   */
  private synchronized boolean ended(int number, WorkerProcess process, @Nullable Task task)
      throws InterruptedException {
    int code = process.exitCode();
    processes.remove(process);
    if (task != null) { // at once with what follows: nobody may take it for done
      underWay--;
      status.rests(number);
    }
    if (stop.isRequested()) {
      stopAll();
    }
    if (isOver()) {
      boolean idle = task == null && code >= ChildProcess.SIGNALLED; // it did nothing
      if (code != ExitCode.DONE && code != ExitCode.INTERRUPTED && !idle) {
        terminal.println(
            "worker %d did not save%s: it ended with exit code %d"
                .formatted(number + 1, task == null ? "" : ": " + task.name(), code));
        failure = failure == ExitCode.DONE ? failed(code) : failure;
      }
      return false;
    }
    if (code < ChildProcess.SIGNALLED && code != ExitCode.INTERRUPTED) {
      fail(code == ExitCode.DONE ? ExitCode.FAILURE : code);
      return false;
    }
    boolean again = task == null ? killedAtBeginning.add(number) : killedDuring.add(task);
    terminal.println(
        "worker %d %s %s; %s"
            .formatted(
                number + 1,
                code == ExitCode.INTERRUPTED
                    ? "alone was asked to stop"
                    : "was ended by signal " + (code - ChildProcess.SIGNALLED),
                task == null ? "while it began" : "during: " + task.name(),
                again ? "another takes its place" : "that is not tried again"));
    if (task != null && again) {
      waiting.addFirst(task);
    } else if (task != null
        && (task.run() != null || task.request().equals(WorkerCommand.FINISH))) {
      abandoned.add(task.name());
    } else if (!again && !opened) {
      fail(ExitCode.FAILURE);
    }
    notifyAll();
    return task != null || again;
  }

  /** Whether so many processes need more memory than there was, by the most that one has held. */
  private synchronized boolean needsTooMuch(int number) {
    boolean tooMuch = active.size() > 1 && (double) peakMemory * active.size() > sharing.memory();
    if (tooMuch) {
      terminal.println(
          "worker %d ends: a run took up to %s of memory, so that %d workers take more than there is"
              .formatted(number + 1, StorageSize.text(peakMemory), active.size()));
      leave(number);
    }
    return tooMuch;
  }

  private synchronized void leave(int number) {
    active.remove(number);
    notifyAll();
  }

  private static int failed(int code) {
    return code < ChildProcess.SIGNALLED ? code : ExitCode.FAILURE;
  }

  private synchronized void fail(int code) {
    failure = failure == ExitCode.DONE ? code : failure;
    tellAll();
  }

  private void stopAll() {
    if (!stopping) {
      stopping = true;
      tellAll();
    }
  }

  private void tellAll() {
    processes.forEach(process -> process.tell(WorkerCommand.STOP));
    synchronized (this) {
      notifyAll();
    }
  }

  private void println(int number, String line) {
    terminal.println("%d: %s".formatted(number + 1, line));
  }

  private synchronized void show(int number, String text) {
    status.show(number, text, runsWaiting(), active.size());
  }

  private long runsWaiting() {
    return waiting.stream().filter(task -> task.run() != null).count();
  }
}
