package dev.retort.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.retort.bench.PeerComparisonResult.OfPeer;
import dev.retort.bench.PeerComparisonResult.Own;
import dev.retort.bench.PeerComparisonResult.Ratios;
import dev.retort.engine.Engine;
import dev.retort.serving.Estimate;
import dev.retort.study.Environment;
import dev.retort.system.AtomicFile;
import dev.retort.system.FileFailure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How much faster Retort is than the same work in PyTorch: two scripts in {@code
 * retort-bench/peers}, measured alternately with Retort (docs/performance.md).
 *
 * <pre>{@code
 * retort-bench/run Python [--json FILE] [--seconds S] [--threads N] [--python FILE]
 * }</pre>
 *
 * <p>Where the comparison is void, no ratio is given, and the exit code is 1.
 */
@Command(
    name = "retort-bench/run Python",
    mixinStandardHelpOptions = true,
    description = "Compares with the same work in PyTorch. Let nothing else run meanwhile.")
public final class Python implements Callable<Integer> {
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result as JSON to a new file, too.")
  @Nullable Path json;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "4",
      description = "How long to measure each thing (default: ${DEFAULT-VALUE}).")
  double seconds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of an operation (default: OMP_NUM_THREADS, else one a core).")
  @Nullable Integer threads;

  @Option(
      names = "--python",
      paramLabel = "FILE",
      description = "The interpreter (default: the first python3 on the PATH that imports torch).")
  @Nullable Path python;

  /** Ends with 0, with 1 where the comparison is void or fails, and with 2 for wrong usage. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Python())
            .setExecutionExceptionHandler(
                (failure, line, parsed) -> {
                  String sentence =
                      failure instanceof FileSystemException file
                          ? file.getFile() + ": " + FileFailure.reason(file)
                          : failure.getMessage();
                  System.err.println("retort-bench: " + sentence);
                  boolean usage =
                      failure instanceof IllegalArgumentException
                          || failure instanceof FileAlreadyExistsException
                          || failure instanceof NoSuchFileException
                          || failure instanceof AccessDeniedException;
                  return usage ? 2 : 1;
                })
            .execute(arguments));
  }

  /**
   * What {@code --json} writes.
   *
   * @param machine with its software
   * @param ratios each peer's time over ours, by the peer's name; null where the comparison with it
   *     is void
   * @param comparison what the ratios come from
   */
  record Result(
      Environment machine,
      Map<String, @Nullable PlainRatios> ratios,
      PeerComparisonResult comparison) {
    static Result of(PeerComparisonResult comparison) {
      Map<String, @Nullable PlainRatios> ratios = new LinkedHashMap<>();
      comparison.peers().forEach(peer -> ratios.put(peer.name(), PlainRatios.of(peer.ratios())));
      return new Result(Environment.read(), ratios, comparison);
    }
  }

  /** The ratios without their intervals. */
  record PlainRatios(double loop, double cache, double cacheResnet8, @Nullable Double study) {
    static @Nullable PlainRatios of(@Nullable Ratios of) {
      return of == null
          ? null
          : new PlainRatios(
              of.loop().value(), of.cache().value(), of.cacheResnet8().value(), of.study());
    }
  }

  @Override
  public Integer call() throws IOException {
    if (!(seconds > 0) || Double.isInfinite(seconds)) {
      throw new IllegalArgumentException("--seconds must be positive, not " + seconds);
    }
    if (json != null) {
      AtomicFile.requireNew(json);
    }
    if (threads != null) {
      Engine.threads(threads);
    }
    Path scripts = Path.of(System.getProperty("retort.home", ""), "retort-bench", "peers");
    PeerComparisonResult comparison =
        new PeerComparison(scripts, python, seconds, new ProgressLines()).run();
    Result result = Result.of(comparison);
    lines(comparison, result.machine().libtorch()).forEach(System.out::println);
    if (json != null) {
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(json.toFile(), result);
    }
    return comparison.peers().stream().allMatch(peer -> peer.whyVoid().isEmpty()) ? 0 : 1;
  }

  private static final class ProgressLines implements Progress {
    @Override
    public void trying(String name, int done, int total) {
      System.err.printf(Locale.ROOT, "first steps, %d of %d  %s%n", done + 1, total, name);
    }

    @Override
    public void begins(int measurements, double seconds) {
      System.err.printf(
          Locale.ROOT, "%d measurements, in about %.0f minutes%n", measurements, seconds / 60);
    }

    @Override
    public void measuring(String name, int done, int total) {
      System.err.printf(Locale.ROOT, "%d of %d  %s%n", done, total, name);
    }
  }

  /**
   * The result for people, line by line; the ratios come last.
   *
   * @param libtorch the version of Retort's engine
   */
  static List<String> lines(PeerComparisonResult result, String libtorch) {
    List<String> lines = new ArrayList<>();
    for (OfPeer peer : result.peers()) {
      lines.add(
          line(
              "%-8s Python %s, PyTorch %s: %s",
              peer.name(), peer.python(), peer.torch(), peer.details()));
    }
    lines.add("");
    // What makes the comparison count: equal losses, no straw man, a cost model that holds.
    String checks = "%-8s %-24s %-18s %-19s %-14s %s";
    lines.add(
        line(
            checks,
            "program",
            "loss, first to last step",
            "largest difference",
            "student / bare loop",
            "small study, s",
            "by the model"));
    Own own = result.ours();
    lines.add(
        line(
            checks,
            "retort",
            losses(own.losses()),
            "–",
            "–",
            line("%.1f", own.smallStudy()),
            line("%.1f", own.smallStudyByModel())));
    for (OfPeer peer : result.peers()) {
      lines.add(
          line(
              checks,
              peer.name(),
              losses(peer.losses()),
              line("%.3f %%", 100 * peer.lossDifference()),
              line("%.2f", peer.studentOverBare().value()),
              line("%.1f", peer.smallStudy()),
              line("%.1f", peer.smallStudyByModel())));
    }
    lines.add("");
    for (OfPeer peer : result.peers()) {
      peer.whyVoid().forEach(reason -> lines.add("VOID: " + reason));
      peer.whyNoStudy().forEach(reason -> lines.add("no ratio of the study: " + reason));
    }
    String pair = result.teacher() + " → " + result.student();
    String bundled = result.bundledTeacher() + " → " + result.bundledStudent();
    lines.add(ratios(result, "times faster than", OfPeer::name));
    lines.add(ratios(result, pair + ", hinton, teacher in the loop", ratio(Ratios::loop)));
    lines.add(ratios(result, pair + ", hinton, teacher from the cache", ratio(Ratios::cache)));
    lines.add(ratios(result, bundled + ", hinton, from the cache", ratio(Ratios::cacheResnet8)));
    lines.add(
        ratios(
            result,
            line(
                "%s, a study of %d methods × %d seeds",
                pair, result.study().size(), result.size().seeds()),
            ratio(of -> of.study() == null ? null : new Estimate(of.study(), null, null))));
    for (String version : result.olderPyTorch(libtorch)) {
      lines.add(
          line(
              "The peers run PyTorch %s, which is older than Retort's LibTorch %s: a part of each ratio"
                  + " may be the version's.",
              version, libtorch));
    }
    return lines;
  }

  private static String ratios(
      PeerComparisonResult result, String what, Function<OfPeer, String> cell) {
    return result.peers().stream()
        .map(peer -> line("%16s", cell.apply(peer)))
        .collect(Collectors.joining("", line("%-60s", what), ""));
  }

  private static Function<OfPeer, String> ratio(Function<Ratios, @Nullable Estimate> of) {
    return peer -> {
      Estimate ratio = peer.ratios() == null ? null : of.apply(peer.ratios());
      if (ratio == null) {
        return "–";
      }
      Double spread = ratio.spread();
      return line("%.2f", ratio.value()) + (spread == null ? "" : line(" ± %.1f %%", 100 * spread));
    };
  }

  private static String losses(List<Double> losses) {
    return line("%.3f … %.3f", losses.get(0), losses.get(losses.size() - 1));
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
