package dev.retort.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.retort.engine.Processor;
import dev.retort.system.ProcFile;
import dev.retort.system.StorageSize;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --jobs}. */
final class JobsOption {
  /** What a worker is taken to need until one has shown what it does: a resnet8 takes less. */
  static final long MEMORY_OF_A_WORKER = 1_500_000_000L;

  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path CONTROL_GROUP = Path.of("/proc/self/cgroup");

  @Option(
      names = "--jobs",
      paramLabel = "N|auto",
      converter = JobsArgument.class,
      description =
          "Do the runs by N processes, each with its share of the cores (default: 1, this process)."
              + " auto: one a physical core, fewer if each has several threads, at most one a run and one"
              + " for each 1.5 GB of free memory.")
  @Nullable Jobs jobs;

  /**
   * What was asked for.
   *
   * @param count how many processes; 0 for as many as fit
   */
  record Jobs(int count) {}

  /** Reads {@code 4} or {@code auto}. */
  static final class JobsArgument implements ITypeConverter<Jobs> {
    @Override
    public Jobs convert(String value) {
      if (value.toLowerCase(Locale.ROOT).equals("auto")) {
        return new Jobs(0);
      }
      if (!value.matches("[1-9]\\d{0,3}")) {
        throw new TypeConversionException("'" + value + "' is neither auto nor a number from 1");
      }
      return new Jobs(Integer.parseInt(value));
    }
  }

  /**
   * How a study's runs are shared out.
   *
   * @param workers how many processes there are
   * @param threads of each
   * @param memory the bytes that all of them may take, of which each takes its part; the largest
   *     number where they were asked for by their number
   * @param why in a few words
   */
  record Sharing(int workers, int threads, long memory, String why) {}

  /**
   * The sharing that was asked for.
   *
   * @param runs that are to be done
   * @param graphics the number of GPUs to compute on; 0 on the CPU
   * @param threads that each process has in any case; null for its share of the cores
   */
  Sharing sharing(int runs, int graphics, @Nullable Integer threads) {
    int cores = Processor.cores();
    long free = freeMemory();
    return sharing(jobs == null ? new Jobs(1) : jobs, runs, graphics, threads, cores, free);
  }

  static Sharing sharing(
      Jobs jobs, int runs, int graphics, @Nullable Integer threads, int cores, long free) {
    boolean auto = jobs.count() == 0;
    int fed = Math.max(1, cores / (threads == null ? 1 : threads));
    int places = graphics > 0 ? graphics : auto ? fed : jobs.count();
    int wanted = auto ? places : Math.min(jobs.count(), places);
    long fitting = auto ? Math.max(1, free / MEMORY_OF_A_WORKER) : Long.MAX_VALUE;
    int workers = (int) Math.max(1, Math.min(Math.min(wanted, runs), fitting));
    String why =
        graphics > 0
            ? "%d GPUs, %d runs".formatted(graphics, runs)
            : "%d cores, %d runs, %s of free memory".formatted(cores, runs, StorageSize.text(free));
    int each = threads == null ? Math.max(1, cores / workers) : threads;
    if ((long) workers * each > cores && workers > 1) {
      why += "; these are more threads than cores, which compute no faster";
    }
    return new Sharing(workers, each, auto ? free : Long.MAX_VALUE, why);
  }

  /**
   * In bytes: what programs may take without pushing others out, in a container what it has left,
   * with what it holds of files that were not used of late.
   */
  private static long freeMemory() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long total = ProcFile.bytes(MEMORY, "MemTotal").orElse(0);
    boolean bounded = system.getTotalMemorySize() < total;
    return bounded
        ? Math.min(system.getTotalMemorySize(), system.getFreeMemorySize() + unusedFiles())
        : ProcFile.bytes(MEMORY, "MemAvailable").orElseGet(system::getFreeMemorySize);
  }

  /** What this process's control group holds of files that were not used of late, in bytes. */
  private static long unusedFiles() {
    try {
      for (String line : Files.readAllLines(CONTROL_GROUP)) { // number:controllers:/group
        String[] parts = line.split(":", 3);
        boolean second = parts[1].isEmpty(); // cgroup v2 has one hierarchy for all
        if (second || parts[1].equals("memory")) {
          Path folder = Path.of("/sys/fs/cgroup", parts[1], parts[2]);
          OptionalLong bytes =
              ProcFile.bytes(
                  folder.resolve("memory.stat"), second ? "inactive_file" : "total_inactive_file");
          if (bytes.isPresent()) {
            return bytes.getAsLong();
          }
        }
      }
    } catch (IOException e) {
      // Without /proc nothing is known.
    }
    return 0;
  }
}
