package dev.retort.cli;

import dev.retort.bench.BenchmarkResult;
import dev.retort.bench.BenchmarkResult.MethodSpeed;
import dev.retort.bench.BenchmarkResult.NetworkSpeed;
import dev.retort.serving.Estimate;
import dev.retort.study.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The result of {@code retort bench} for people. */
final class BenchText {
  private BenchText() {}

  /** The whole, line by line. */
  static List<String> lines(BenchmarkResult result) {
    List<String> lines = new ArrayList<>();
    Environment machine = result.machine();
    lines.add(
        String.format(
            Locale.ROOT,
            "machine      %s, cores: %d, threads: %d; LibTorch %s, Java %s",
            machine.processor(),
            machine.logicalProcessors(),
            machine.threads(),
            machine.libtorch(),
            machine.java()));
    lines.add(
        String.format(
            Locale.ROOT,
            "peak         %s GFLOP/s of matrix products, %s of convolutions, in %s",
            giga(result.peak().matrixProduct()),
            giga(result.peak().convolution()),
            result.precision()));
    Estimate loader = result.loader();
    if (loader != null) {
      lines.add("loader       " + rate(loader) + " ± " + spread(loader) + " % images/s");
    }
    lines.add("");
    if (!result.networks().isEmpty()) {
      lines.addAll(networks(result.networks()));
      lines.add("");
    }
    if (!result.methods().isEmpty()) {
      lines.add(
          "%s → %s, the teacher's outputs from the cache, batches of %d"
              .formatted(result.teacher(), result.student(), result.batchSize()));
      lines.addAll(methods(result.methods()));
      lines.add("");
    }
    lines.add("± is half a 95 % interval; % of peak counts a backward pass as two forward passes.");
    return lines;
  }

  private static List<String> networks(List<NetworkSpeed> networks) {
    Table table =
        new Table(
            "network",
            "MMAC",
            "forward, images/s",
            "± %",
            "% of peak",
            "step, images/s",
            "± %",
            "% of peak");
    for (NetworkSpeed network : networks) {
      table.row(
          network.name(),
          number("%.1f", network.macs() / 1e6),
          rate(network.forward()),
          spread(network.forward()),
          number("%.1f", 100 * network.forwardFraction()),
          rate(network.training()),
          spread(network.training()),
          number("%.1f", 100 * network.trainingFraction()));
    }
    return table.lines();
  }

  private static List<String> methods(List<MethodSpeed> methods) {
    Table table =
        new Table("method", "step, images/s", "± %", "% of peak", "time over hinton's", "± %");
    for (MethodSpeed method : methods) {
      Estimate overHinton = method.overHinton();
      table.row(
          method.name(),
          rate(method.training()),
          spread(method.training()),
          number("%.1f", 100 * method.fraction()),
          overHinton == null ? "–" : number("%.2f", overHinton.value()),
          overHinton == null ? "–" : spread(overHinton));
    }
    return table.lines();
  }

  private static String rate(Estimate imagesPerSecond) {
    return number("%,.0f", imagesPerSecond.value());
  }

  private static String giga(Estimate flops) {
    return number("%,.0f", flops.value() / 1e9);
  }

  private static String spread(Estimate estimate) {
    Double spread = estimate.spread();
    return spread == null ? "–" : number("%.1f", 100 * spread);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
