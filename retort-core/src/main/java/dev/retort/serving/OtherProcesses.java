package dev.retort.serving;

import dev.retort.training.StopRequest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How much of the machine's time other processes take: what Linux counts in {@code /proc/stat},
 * less this process and those that it started. Java's other threads in this process, as far as they
 * still run, count as other processes do; the threads of its virtual machine and of native code do
 * not.
 */
public final class OtherProcesses {
  /** From here on, in cores, others disturb a measurement. */
  public static final double MOST_CORES = 0.1;

  /** How long who cannot do without a measurement waits for others to leave. */
  public static final Duration PATIENCE =
      Duration.ofSeconds(Long.getLong("retort.patience", 30)); // tests do not wait

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
  private final Supplier<Map<Long, Long>> threads;
  private final @Nullable Reading before;

  /** The times at one moment: in ticks, and of other threads, by their numbers, in nanoseconds. */
  private record Reading(long nanoseconds, long busy, long own, Map<Long, Long> threads) {}

  private OtherProcesses(
      Path proc, LongSupplier clock, long process, Supplier<Map<Long, Long>> threads) {
    this.proc = proc;
    this.clock = clock;
    this.process = process;
    this.threads = threads;
    this.before = read();
  }

  /** Begins to watch, for the calling thread. */
  public static OtherProcesses watch() {
    return new OtherProcesses(
        Path.of("/proc"),
        System::nanoTime,
        ProcessHandle.current().pid(),
        OtherProcesses::otherThreads);
  }

  /** The processor time in nanoseconds of Java's threads but the calling one, by their numbers. */
  static Map<Long, Long> otherThreads() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Map<Long, Long> times = new HashMap<>();
    if (threads.isThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()) {
      for (long thread : threads.getAllThreadIds()) {
        if (thread != Thread.currentThread().getId()) {
          times.put(thread, threads.getThreadCpuTime(thread));
        }
      }
    }
    return times;
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
  static OtherProcesses watch(
      Path proc, LongSupplier clock, long process, Supplier<Map<Long, Long>> threads) {
    return new OtherProcesses(proc, clock, process, threads);
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
    // The time of a thread that has ended is -1.
    double ofThreads =
        now.threads().entrySet().stream()
            .mapToLong(
                thread -> thread.getValue() - before.threads().getOrDefault(thread.getKey(), 0L))
            .filter(nanoseconds -> nanoseconds > 0)
            .sum();
    return Math.max(0, ticks / TICKS_A_SECOND) / seconds + ofThreads / NANOSECONDS / seconds;
  }

  private @Nullable Reading read() {
    try {
      if (!Files.isReadable(proc.resolve("stat"))) {
        return null;
      }
      List<String> words = List.of(Files.readAllLines(proc.resolve("stat")).get(0).split(" +"));
      long busy = Arrays.stream(BUSY).mapToLong(i -> Long.parseLong(words.get(i))).sum();
      return new Reading(clock.getAsLong(), busy, own(), threads.get());
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
