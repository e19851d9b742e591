package dev.retort.cli;

import dev.retort.engine.C10d;
import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.engine.Rendezvous;
import dev.retort.engine.SingleProcess;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How several processes that an environment names train together. */
final class RanksOption {
  @Option(
      names = "--rank-timeout",
      paramLabel = "SECONDS",
      description =
          "How long a rank waits for the others, where several train together (default:"
              + " ${DEFAULT-VALUE}).")
  int seconds = 600;

  /**
   * Refuses to be one of several.
   *
   * @param what is for one process
   * @param instead what ranks can do
   * @throws IllegalArgumentException if the environment says that this process is one of several
   */
  static void requireOneProcess(String what, String instead) {
    if (Rendezvous.of(System.getenv()) != null) {
      throw new IllegalArgumentException(
          what
              + " is for one process that may start others; under launch or torchrun do "
              + instead);
    }
  }

  /** Where the environment says that this process is one of several, it waits for the others. */
  Collective join(Device device) {
    Rendezvous meeting = Rendezvous.of(System.getenv());
    if (seconds < 1) {
      throw new IllegalArgumentException("--rank-timeout must be at least 1, not " + seconds);
    }
    return meeting == null
        ? SingleProcess.INSTANCE
        : C10d.join(meeting, device, Duration.ofSeconds(seconds));
  }
}
