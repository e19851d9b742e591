package dev.retort.report;

import dev.retort.report.CurvePlot.Line;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The sentence under a figure that says of how many seeds its lines are, and what the bands are.
 */
final class SpreadNote {
  private SpreadNote() {}

  static String of(List<Line> lines) {
    List<Integer> counts = lines.stream().map(line -> line.curve().seeds()).distinct().toList();
    int most = counts.stream().mapToInt(Integer::intValue).max().orElse(0);
    String note;
    if (most <= 1) {
      note = "n = 1 seed, so there is no band.";
    } else if (counts.size() == 1) {
      note = "Lines: mean over n = " + most + " seeds. Bands: ± 1 standard deviation.";
    } else {
      note =
          "Lines: mean over n seeds ("
              + lines.stream()
                  .map(line -> line.label() + " " + line.curve().seeds())
                  .distinct()
                  .collect(Collectors.joining(", "))
              + "). Bands: ± 1 standard deviation.";
    }
    boolean unfinished = lines.stream().anyMatch(line -> line.curve().unfinished());
    return unfinished ? note + " Some runs have not reached the last epoch." : note;
  }
}
