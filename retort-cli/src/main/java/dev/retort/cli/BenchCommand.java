package dev.retort.cli;

import dev.retort.bench.Benchmark;
import dev.retort.bench.BenchmarkResult;
import dev.retort.bench.Selection;
import dev.retort.engine.Engine;
import dev.retort.network.Networks;
import dev.retort.system.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code retort bench}. */
@CommandLine.Command(
    name = "bench",
    header = "Measures how fast Retort is on this machine.",
    description =
        "Prints images a second of each network and each method, with 95 %% intervals, and what"
            + " share of the engine's best rate that is. Let nothing else run meanwhile.")
final class BenchCommand extends Command {
  /** What {@code --json} without a file stands for. */
  private static final String STDOUT = "-";

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description =
          "Measure these alone: loader, networks, methods, or a network's or a method's name.")
  List<String> only = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "4",
      description = "How long to measure each (default: ${DEFAULT-VALUE}).")
  double seconds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of an operation (default: OMP_NUM_THREADS, else one a core).")
  @Nullable Integer threads;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = STDOUT,
      description = "Print the result as JSON, or write it to a new file and print the tables too.")
  @Nullable String json;

  @Override
  public Integer call() throws IOException {
    if (!(seconds > 0) || Double.isInfinite(seconds)) {
      throw new IllegalArgumentException("--seconds must be positive, not " + seconds);
    }
    Path file = json == null || json.equals(STDOUT) ? null : Path.of(json);
    if (file != null) {
      AtomicFile.requireNew(file);
    }
    Selection selection = Selection.of(only, Networks.names(), Benchmark.methods());
    if (threads != null) {
      Engine.threads(threads);
    }
    BenchProgress progress = new BenchProgress(terminal(), System::nanoTime);
    BenchmarkResult result = new Benchmark(selection, seconds, progress).run();
    if (STDOUT.equals(json)) {
      print(Json.of(result));
      return ExitCode.DONE;
    }
    BenchText.lines(result).forEach(this::print);
    if (file != null) {
      AtomicFile.write(file, Json.of(result) + "\n");
    }
    return ExitCode.DONE;
  }
}
