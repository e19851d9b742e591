package dev.retort.serving;

import dev.retort.training.StopRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How much of the machine's time other processes take: what Linux counts in {@code /proc/stat},
 * less this process and those that it started.
 */
public final class OtherProcesses {
  /** From here on, in cores, others disturb a measurement. */
  public static final double MOST_CORES = 0.1;

  /** How long who cannot do without a measurement waits for others to leave. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofSeconds(2);

  /** Linux counts for programs in hundredths of a second on every machine. */
  private static final double TICKS_A_SECOND = 100;

  private static final double NANOSECONDS = 1e9;

  /** Of the line {@code cpu}: user, nice, system, irq and softirq; all else is idle or stolen. */
  private static final int[] BUSY = {1, 2, 3, 6, 7};

  /** Of a process's line behind its name: user, system, and the same of children that ended. */
  private static final int FIRST_TIME = 11;

  private static final int TIMES = 4;

  private final Path proc;
  private final LongSupplier clock;
  private final long process;
  private final @Nullable Reading before;

  /** The times at one moment, in ticks. */
  private record Reading(long nanoseconds, long busy, long own) {}

  private OtherProcesses(Path proc, LongSupplier clock, long process) {
    this.proc = proc;
    this.clock = clock;
    this.process = process;
    this.before = read();
  }

  /** Begins to watch. */
  public static OtherProcesses watch() {
    return new OtherProcesses(Path.of("/proc"), System::nanoTime, ProcessHandle.current().pid());
  }

  /**
   * Watches for two seconds and, while others take more than {@link #MOST_CORES}, again.
   *
   * @param patience after which it gives up
   * @return the cores that others took in the last two seconds; null where that is unknown
   * @throws dev.retort.training.StoppedException on request
   */
  public static @Nullable Double awaitQuiet(Duration patience, StopRequest stop) {
    long end = System.nanoTime() + patience.toNanos();
    Double cores;
    do {
      stop.throwIfRequested();
      OtherProcesses others = watch();
      try {
        Thread.sleep(LOOK.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return others.cores();
      }
      cores = others.cores();
    } while (cores != null && cores > MOST_CORES && System.nanoTime() < end);
    return cores;
  }

  /** Of another machine, for tests. */
  static OtherProcesses watch(Path proc, LongSupplier clock, long process) {
    return new OtherProcesses(proc, clock, process);
  }

  /**
   * The mean number of cores that others have taken since {@link #watch}; null where the system
   * does not say.
   */
  public @Nullable Double cores() {
    Reading now = read();
    if (before == null || now == null || now.nanoseconds() <= before.nanoseconds()) {
      return null;
    }
    double ticks = (now.busy() - before.busy()) - (now.own() - before.own());
    double seconds = (now.nanoseconds() - before.nanoseconds()) / NANOSECONDS;
    return Math.max(0, ticks / TICKS_A_SECOND / seconds);
  }

  private @Nullable Reading read() {
    try {
      if (!Files.isReadable(proc.resolve("stat"))) {
        return null;
      }
      List<String> words = List.of(Files.readAllLines(proc.resolve("stat")).get(0).split(" +"));
      long busy = Arrays.stream(BUSY).mapToLong(i -> Long.parseLong(words.get(i))).sum();
      return new Reading(clock.getAsLong(), busy, own());
    } catch (IOException e) {
      return null;
    }
  }

  private long own() throws IOException {
    long own = ticks(process);
    try (Stream<ProcessHandle> children =
        ProcessHandle.of(process).stream().flatMap(ProcessHandle::descendants)) {
      for (ProcessHandle child : children.toList()) {
        own += ticks(child.pid());
      }
    }
    return own;
  }

  /** Of a process; 0 for one that has ended. */
  private long ticks(long of) throws IOException {
    Path stat = proc.resolve(Long.toString(of)).resolve("stat");
    if (!Files.isReadable(stat)) {
      return 0;
    }
    String line = Files.readString(stat);
    // The name, in brackets, may have blanks in it.
    String[] words = line.substring(line.lastIndexOf(')') + 2).split(" ");
    return Arrays.stream(words, FIRST_TIME, FIRST_TIME + TIMES).mapToLong(Long::parseLong).sum();
  }
}
