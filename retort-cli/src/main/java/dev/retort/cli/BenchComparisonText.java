package dev.retort.cli;

import static dev.retort.cli.BenchText.number;
import static dev.retort.cli.BenchText.spread;

import dev.retort.bench.Estimate;
import dev.retort.bench.PeerComparisonResult;
import dev.retort.bench.PeerComparisonResult.OfPeer;
import dev.retort.bench.PeerComparisonResult.Own;
import dev.retort.bench.PeerComparisonResult.Ratios;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The comparison with peers for people; the ratios come last. */
final class BenchComparisonText {
  private BenchComparisonText() {}

  /**
   * The whole, line by line.
   *
   * @param libtorch the version of Retort's engine
   */
  static List<String> lines(PeerComparisonResult result, String libtorch) {
    List<String> lines = new ArrayList<>();
    for (OfPeer peer : result.peers()) {
      lines.add(
          String.format(
              "%-12s Python %s, PyTorch %s: %s",
              peer.name(), peer.python(), peer.torch(), peer.details()));
    }
    lines.add("");
    lines.addAll(checks(result));
    lines.add("");
    for (OfPeer peer : result.peers()) {
      peer.whyVoid().forEach(reason -> lines.add("VOID: " + reason));
      peer.whyNoStudy().forEach(reason -> lines.add("no ratio of the study: " + reason));
    }
    Table table = new Table(titles(result.peers()));
    String pair = result.teacher() + " → " + result.student();
    table.row(row(result, pair + ", hinton, teacher in the loop", Row.LOOP));
    table.row(row(result, pair + ", hinton, teacher from the cache", Row.CACHE));
    table.row(
        row(
            result,
            result.bundledTeacher() + " → " + result.bundledStudent() + ", hinton, from the cache",
            Row.CACHE_RESNET8));
    table.row(
        row(
            result,
            pair
                + ", a study of "
                + result.study().size()
                + " methods × "
                + result.size().seeds()
                + " seeds",
            Row.STUDY));
    lines.addAll(table.lines());
    for (String version : result.olderPyTorch(libtorch)) {
      lines.add(
          "The peers run PyTorch %s, which is older than Retort's LibTorch %s: a part of each ratio may be the version's."
              .formatted(version, libtorch));
    }
    return lines;
  }

  /** What makes the comparison count: the same losses, no straw man, a cost model that holds. */
  private static List<String> checks(PeerComparisonResult result) {
    Own ours = result.ours();
    Table table =
        new Table(
            "program",
            "loss, first to last step",
            "largest difference",
            "student / bare loop",
            "small study, s",
            "by the model");
    table.row(
        "retort",
        losses(ours.losses()),
        "–",
        "–",
        number("%.1f", ours.smallStudy()),
        number("%.1f", ours.smallStudyByModel()));
    for (OfPeer peer : result.peers()) {
      table.row(
          peer.name(),
          losses(peer.losses()),
          number("%.3f %%", 100 * peer.lossDifference()),
          number("%.2f", peer.studentOverBare().value()),
          number("%.1f", peer.smallStudy()),
          number("%.1f", peer.smallStudyByModel()));
    }
    return table.lines();
  }

  private static String losses(List<Double> losses) {
    return number("%.3f", losses.get(0)) + " … " + number("%.3f", losses.get(losses.size() - 1));
  }

  private static String[] titles(List<OfPeer> peers) {
    List<String> titles = new ArrayList<>(List.of("times faster than"));
    for (OfPeer peer : peers) {
      titles.add(peer.name());
      titles.add("± %");
    }
    return titles.toArray(String[]::new);
  }

  /** A row of the table of ratios. */
  private enum Row {
    LOOP,
    CACHE,
    CACHE_RESNET8,
    STUDY;

    @Nullable Estimate of(Ratios ratios) {
      return switch (this) {
        case LOOP -> ratios.loop();
        case CACHE -> ratios.cache();
        case CACHE_RESNET8 -> ratios.cacheResnet8();
        case STUDY -> ratios.study() == null ? null : new Estimate(ratios.study(), null, null);
      };
    }
  }

  private static String[] row(PeerComparisonResult result, String what, Row row) {
    List<String> cells = new ArrayList<>(List.of(what));
    for (OfPeer peer : result.peers()) {
      Ratios ratios = peer.ratios();
      Estimate ratio = ratios == null ? null : row.of(ratios);
      cells.add(ratio == null ? "–" : number("%.2f", ratio.value()));
      cells.add(ratio == null ? "–" : spread(ratio));
    }
    return cells.toArray(String[]::new);
  }
}
