package dev.retort.faults;

import dev.retort.system.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code run NAME [SETTING=VALUE]…}: does one kind of fault, says on stderr what goes on, and ends
 * with a line {@code N passed, N failed} on stdout.
 */
public final class Faults {
  /** Does the faults of one kind. */
  interface Action {
    void run(FaultPlan plan, Tally tally) throws Exception;
  }

  /**
   * One kind.
   *
   * @param settings the names of those that it has
   */
  record Kind(List<String> settings, Action action) {
    private static Kind of(Action action, String... settings) {
      return new Kind(List.of(settings), action);
    }
  }

  static final Map<String, Kind> KINDS =
      new TreeMap<>(
          Map.of(
              "1-kill", Kind.of(KillFaults::run, "count", "kills", "methods", "seed"),
              "10-jobs", Kind.of(JobsFaults::run, "count", "seed"),
              "2-resume", Kind.of(ResumeFaults::run, "methods"),
              "3-terminate", Kind.of(TerminateFaults::run, "count", "seed"),
              "4-disk", Kind.of(DiskFaults::run, "count"),
              "5-damage", Kind.of(DamageFaults::run, "flips", "cuts", "cifar10", "seed"),
              "6-fuzz", Kind.of(FuzzFaults::run, "seconds", "cifar10", "seed"),
              "7-calls", Kind.of(CallFaults::run, "count", "seed"),
              "8-memory", Kind.of(MemoryFaults::run, "steps", "trainings", "methods", "precision"),
              "9-surroundings", Kind.of(SurroundingsFaults::run)));

  private Faults() {}

  /** The kind of that name. */
  static Kind kind(String name) {
    Kind kind = KINDS.get(name);
    if (kind == null) {
      throw new IllegalArgumentException("which faults? one of " + KINDS.keySet());
    }
    return kind;
  }

  /** Runs the kind that the first argument names. */
  public static void main(String[] arguments) throws IOException {
    Path work = Files.createTempDirectory("retort-faults");
    Tally tally = new Tally(System.err);
    try {
      FaultPlan plan;
      try {
        plan = FaultPlan.full(work, Arrays.asList(arguments));
      } catch (IllegalArgumentException e) {
        Folders.delete(work);
        System.err.println(e.getMessage());
        System.exit(2);
        return;
      }
      try {
        kind(arguments[0]).action().run(plan, tally);
      } catch (Exception | OutOfMemoryError e) {
        e.printStackTrace();
        tally.fail("it was not done to its end: " + e);
      }
    } finally {
      Folders.delete(work);
    }
    System.out.println(tally);
    System.exit(tally.failed() == 0 && !tally.isSkipped() ? 0 : 1);
  }
}
