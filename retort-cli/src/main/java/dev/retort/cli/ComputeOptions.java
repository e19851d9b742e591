package dev.retort.cli;

import dev.retort.engine.C10d;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Engine;
import dev.retort.engine.OneRank;
import dev.retort.engine.Rendezvous;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --device}, {@code --threads} and {@code --rank-timeout}. */
final class ComputeOptions {
  @Option(
      names = "--device",
      paramLabel = "cpu|cuda",
      defaultValue = "cpu",
      description = "Where to compute (default: ${DEFAULT-VALUE}).")
  String device = "cpu";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of an operation on the CPU (default: one a core).")
  @Nullable Integer threads;

  @Option(
      names = "--rank-timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "How long a rank waits for the others, where several train together (default:"
              + " ${DEFAULT-VALUE}).")
  int rankTimeout = 600;

  /** Where the environment says that this process is one of several, it waits for the others. */
  Collective join(Device at) {
    Rendezvous meeting = Rendezvous.of(System.getenv());
    if (rankTimeout < 1) {
      throw new IllegalArgumentException("--rank-timeout must be at least 1, not " + rankTimeout);
    }
    return meeting == null
        ? OneRank.INSTANCE
        : C10d.join(meeting, at, Duration.ofSeconds(rankTimeout));
  }

  /** Applies both to the calling thread. */
  Device start() {
    if (threads != null) {
      Engine.threads(threads);
    }
    Device at = Device.named(device.toLowerCase(Locale.ROOT));
    if (at == Device.CUDA) {
      Rendezvous meeting = Rendezvous.of(System.getenv());
      at.start(meeting == null ? 0 : meeting.localRank());
    }
    return at;
  }
}
