package dev.retort.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * {@code run NAME [SETTING=VALUE]…}: does one kind of fault, says on stderr what goes on, and ends
 * with a line {@code N passed, N failed} on stdout.
 */
public final class Faults {
  /** One kind. */
  interface Kind {
    void run(FaultPlan plan, Tally tally) throws Exception;
  }

  static final Map<String, Kind> KINDS =
      new TreeMap<>(
          Map.of(
              "1-kill", KillFaults::run,
              "2-resume", ResumeFaults::run,
              "3-terminate", TerminateFaults::run,
              "4-disk", DiskFaults::run,
              "5-damage", DamageFaults::run,
              "6-fuzz", FuzzFaults::run,
              "7-calls", CallFaults::run,
              "8-memory", MemoryFaults::run,
              "9-surroundings", SurroundingsFaults::run));

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
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0 || !KINDS.containsKey(arguments[0])) {
      System.err.println("which faults? one of " + KINDS.keySet());
      System.exit(2);
    }
    Path work = Files.createTempDirectory("retort-faults");
    Tally tally = new Tally(System.err);
    try {
      List<String> settings = Arrays.asList(arguments).subList(1, arguments.length);
      kind(arguments[0]).run(FaultPlan.full(work, settings), tally);
    } finally {
      delete(work);
    }
    System.out.println(tally);
    System.exit(tally.failed() == 0 ? 0 : 1);
  }

  /** Removes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
  }
}
