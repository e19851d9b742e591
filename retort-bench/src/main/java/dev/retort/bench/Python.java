package dev.retort.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.retort.bench.PeerComparisonResult.OfPeer;
import dev.retort.bench.PeerComparisonResult.Own;
import dev.retort.bench.PeerComparisonResult.Ratios;
import dev.retort.engine.Engine;
import dev.retort.study.Environment;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
      description = "Threads of an operation (default: one a core).")
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
                  System.err.println("retort-bench: " + failure.getMessage());
                  return failure instanceof IllegalArgumentException ? 2 : 1;
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
    if (json != null && Files.exists(json)) {
      throw new FileAlreadyExistsException(json + " exists already; name a new file");
    }
    if (threads != null) {
      Engine.threads(threads);
    }
    Path scripts = Path.of(System.getProperty("retort.home", ""), "retort-bench", "peers");
    PeerComparisonResult comparison =
        new PeerComparison(scripts, python, seconds, new ProgressLines()).run();
    Result result = Result.of(comparison);
    print(comparison, result.machine().libtorch());
    if (json != null) {
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(json.toFile(), result);
    }
    return comparison.peers().stream().allMatch(peer -> peer.whyVoid().isEmpty()) ? 0 : 1;
  }

  private static final class ProgressLines implements Progress {
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

  private static void print(PeerComparisonResult result, String libtorch) {
    for (OfPeer peer : result.peers()) {
      print(
          "%-8s Python %s, PyTorch %s: %s",
          peer.name(), peer.python(), peer.torch(), peer.details());
    }
    // What makes the comparison count: equal losses, no straw man, a cost model that holds.
    String checks = "%-8s %-24s %-18s %-19s %-14s %s";
    print("");
    print(
        checks,
        "program",
        "loss, first to last step",
        "largest difference",
        "student / bare loop",
        "small study, s",
        "by the model");
    Own own = result.ours();
    print(
        checks,
        "retort",
        losses(own.losses()),
        "–",
        "–",
        number("%.1f", own.smallStudy()),
        number("%.1f", own.smallStudyByModel()));
    for (OfPeer peer : result.peers()) {
      print(
          checks,
          peer.name(),
          losses(peer.losses()),
          number("%.3f %%", 100 * peer.lossDifference()),
          number("%.2f", peer.studentOverBare().value()),
          number("%.1f", peer.smallStudy()),
          number("%.1f", peer.smallStudyByModel()));
    }
    print("");
    for (OfPeer peer : result.peers()) {
      peer.whyVoid().forEach(reason -> print("VOID: %s", reason));
      peer.whyNoStudy().forEach(reason -> print("no ratio of the study: %s", reason));
    }
    String pair = result.teacher() + " → " + result.student();
    ratios(result, "times faster than", OfPeer::name);
    ratios(result, pair + ", hinton, teacher in the loop", ratio(Ratios::loop));
    ratios(result, pair + ", hinton, teacher from the cache", ratio(Ratios::cache));
    ratios(
        result,
        result.bundledTeacher() + " → " + result.bundledStudent() + ", hinton, from the cache",
        ratio(Ratios::cacheResnet8));
    ratios(
        result,
        "%s, a study of %d methods × %d seeds"
            .formatted(pair, result.study().size(), result.size().seeds()),
        ratio(of -> of.study() == null ? null : new Estimate(of.study(), null, null)));
    for (String version : result.olderPyTorch(libtorch)) {
      print(
          "The peers run PyTorch %s, which is older than Retort's LibTorch %s: a part of each ratio"
              + " may be the version's.",
          version, libtorch);
    }
  }

  private static void ratios(
      PeerComparisonResult result, String what, Function<OfPeer, String> cell) {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-60s", what));
    result.peers().forEach(peer -> line.append(String.format("%16s", cell.apply(peer))));
    print("%s", line);
  }

  private static Function<OfPeer, String> ratio(Function<Ratios, @Nullable Estimate> of) {
    return peer -> {
      Estimate ratio = peer.ratios() == null ? null : of.apply(peer.ratios());
      if (ratio == null) {
        return "–";
      }
      Double spread = ratio.spread();
      return number("%.2f", ratio.value())
          + (spread == null ? "" : number(" ± %.1f %%", 100 * spread));
    };
  }

  private static String losses(List<Double> losses) {
    return number("%.3f … %.3f", losses.get(0), losses.get(losses.size() - 1));
  }

  private static String number(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
