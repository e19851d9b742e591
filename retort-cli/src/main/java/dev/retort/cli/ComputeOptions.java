package dev.retort.cli;

import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --device} and {@code --threads}. */
final class ComputeOptions {
  @Option(
      names = "--device",
      paramLabel = "cpu|cuda",
      description = "Where to compute (default: ${DEFAULT-VALUE}).")
  String device = "cpu";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of an operation on the CPU (default: a configuration's, else"
              + " OMP_NUM_THREADS, else one a core).")
  @Nullable Integer threads;

  /** Applies both to the calling thread. */
  Device start() {
    if (threads != null) {
      Engine.threads(threads);
    }
    Device at = Device.named(device.toLowerCase(Locale.ROOT));
    at.start();
    return at;
  }
}
