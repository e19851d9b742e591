package dev.retort.cli;

import dev.retort.engine.Processor;
import dev.retort.training.StopRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort launch}. */
@CommandLine.Command(
    name = "launch",
    header = "Trains with several processes on this machine, which share each batch.",
    customSynopsis = "retort launch --nproc N -- COMMAND…",
    description = {
      "Starts COMMAND N times with the environment that torchrun would give, on one port of this"
          + " machine, which listens on all of its interfaces. Rank 0 prints and writes; the batch size of the configuration is that of all"
          + " ranks together. Between machines use torchrun, srun or Kubeflow: docs/how-to/many-cores-and-machines.md."
    })
final class LaunchCommand extends Command {
  private static final Set<String> COMMANDS = Set.of("train", "compare");

  /** By SIGHUP, SIGINT and SIGTERM. */
  private static final Set<Integer> STOPPED =
      Set.of(ChildProcess.SIGNALLED + 1, ChildProcess.SIGNALLED + 2, ChildProcess.SIGNALLED + 15);

  /** What Gloo prints to stdout, where results belong. */
  private static final String GLOO = "[Gloo] Rank ";

  private static final long POLL_MILLISECONDS = 50;

  /** A stop is heard within 30 seconds. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  @Option(
      names = "--nproc",
      paramLabel = "N",
      required = true,
      description = "How many processes; the batch size must be a multiple.")
  int processes;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "1..*",
      description = "train or compare with its arguments, after --.")
  List<String> command = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (processes < 1) {
      throw new IllegalArgumentException("--nproc must be at least 1, not " + processes);
    }
    if (!COMMANDS.contains(command.get(0))) {
      throw new IllegalArgumentException(
          "launch starts train or compare, not '" + command.get(0) + "'");
    }
    StopRequest stop = signals().stop();
    List<Process> ranks = new ArrayList<>();
    List<Thread> readers = new ArrayList<>();
    try {
      String port = Integer.toString(freePort());
      for (int rank = 0; rank < processes; rank++) {
        Process process = start(rank, port);
        ranks.add(process);
        readers.addAll(read(rank, process));
      }
      await(ranks, stop, GRACE);
      for (Thread reader : readers) {
        reader.join();
      }
    } finally {
      ranks.forEach(Process::destroyForcibly);
    }
    return exitCode(ranks, stop.isRequested());
  }

  /**
   * Waits for all of them. A signal is for all. Once they have met, each leaves by itself when
   * another one fails or stops; before, it would wait for that one, and is asked to stop after the
   * grace.
   */
  static void await(List<Process> ranks, StopRequest stop, Duration grace)
      throws InterruptedException {
    boolean told = false;
    long failedAt = 0;
    long stoppedAt = 0;
    while (ranks.stream().anyMatch(Process::isAlive)) {
      if (failedAt == 0 && ranks.stream().anyMatch(LaunchCommand::hasFailed)) {
        failedAt = System.nanoTime();
      }
      if (stoppedAt == 0 && ranks.stream().anyMatch(LaunchCommand::hasStopped)) {
        stoppedAt = System.nanoTime();
      }
      long since = failedAt == 0 ? 0 : System.nanoTime() - failedAt;
      long sinceStop = stoppedAt == 0 ? 0 : System.nanoTime() - stoppedAt;
      if (!told && (stop.isRequested() || Math.max(since, sinceStop) > grace.toNanos())) {
        ranks.forEach(Process::destroy);
        told = true;
      }
      if (since > 2 * grace.toNanos()) {
        ranks.forEach(Process::destroyForcibly);
      }
      Thread.sleep(POLL_MILLISECONDS);
    }
  }

  private static boolean hasFailed(Process rank) {
    return !rank.isAlive() && rank.exitValue() != ExitCode.DONE && !hasStopped(rank);
  }

  private static boolean hasStopped(Process rank) {
    return !rank.isAlive() && rank.exitValue() == ExitCode.INTERRUPTED;
  }

  /**
   * The first failure in the ranks' order; one that was killed says less than those it left, and
   * one that was asked to stop since another had failed says nothing.
   *
   * @param stopped whether all were asked to stop, of which a rank that has just begun dies
   */
  static int exitCode(List<Process> ranks, boolean stopped) {
    Set<Integer> failures = new LinkedHashSet<>();
    for (Process rank : ranks) {
      int code = rank.exitValue();
      failures.add(stopped && STOPPED.contains(code) ? ExitCode.INTERRUPTED : code);
    }
    failures.remove(ExitCode.DONE);
    if (failures.isEmpty()) {
      return ExitCode.DONE;
    }
    if (failures.equals(Set.of(ExitCode.INTERRUPTED))) {
      return ExitCode.INTERRUPTED;
    }
    return failures.stream()
        .filter(code -> code < ChildProcess.SIGNALLED && code != ExitCode.INTERRUPTED)
        .findFirst()
        .orElse(ExitCode.FAILURE);
  }

  private Process start(int rank, String port) throws IOException {
    ProcessBuilder builder =
        ChildProcess.builder(main(), List.of(StopSignals.withThisProcess()), command);
    Map<String, String> environment = builder.environment();
    environment.put("RANK", Integer.toString(rank));
    environment.put("LOCAL_RANK", Integer.toString(rank));
    environment.put("WORLD_SIZE", Integer.toString(processes));
    environment.put("MASTER_ADDR", "127.0.0.1");
    environment.put("MASTER_PORT", port);
    environment.putIfAbsent("CUDA_VISIBLE_DEVICES", Integer.toString(rank));
    int cores = Math.max(1, Processor.cores() / processes);
    environment.putIfAbsent("OMP_NUM_THREADS", Integer.toString(cores));
    return builder.redirectInput(ProcessBuilder.Redirect.INHERIT).start();
  }

  private List<Thread> read(int rank, Process process) {
    List<Thread> readers = new ArrayList<>();
    if (rank == 0) {
      Terminal terminal = terminal();
      readers.add(reader(process.getInputStream(), this::print));
      readers.add(
          new Thread(
              () ->
                  WorkerProcess.readLines(
                      process.getErrorStream(), terminal::println, terminal::status),
              "retort-launch"));
    } else {
      Consumer<String> prefixed = text -> terminal().println("rank " + rank + ": " + text);
      readers.add(reader(process.getInputStream(), prefixed));
      readers.add(reader(process.getErrorStream(), prefixed));
    }
    readers.forEach(Thread::start);
    return readers;
  }

  private static Thread reader(InputStream stream, Consumer<String> to) {
    return new Thread(
        () -> {
          try (BufferedReader lines =
              new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            lines.lines().filter(text -> !text.startsWith(GLOO)).forEach(to);
          } catch (IOException | UncheckedIOException e) {
            // The process was ended while its output was read.
          }
        },
        "retort-launch");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
