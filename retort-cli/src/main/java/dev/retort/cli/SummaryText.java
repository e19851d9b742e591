package dev.retort.cli;

import dev.retort.study.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A study's summary as text for a terminal. */
final class SummaryText {
  private static final String UNDEFINED = "–";

  private SummaryText() {}

  /** The teacher, a table of methods and, where there are any, one of comparisons. */
  static List<String> lines(Summary summary) {
    List<String> lines = new ArrayList<>();
    Summary.Teacher teacher = summary.teacher();
    if (teacher != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "teacher %s: %s %% of the test images, %s %% of the validation images",
              teacher.name(),
              percent(teacher.testAccuracy()),
              percent(teacher.validationAccuracy())));
      lines.add("");
    }
    lines.addAll(methods(summary).lines());
    if (!summary.comparisons().isEmpty()) {
      lines.add("");
      lines.addAll(comparisons(summary).lines());
    }
    if (!summary.diverged().isEmpty()) {
      lines.add("");
    }
    summary.diverged().forEach(run -> lines.add(run.run() + " diverged and is left out"));
    return lines;
  }

  private static Table methods(Summary summary) {
    Table table =
        new Table("student", "method", "seeds", summary.measuredOn() + " %", "sd", "seconds");
    for (Summary.MethodResult method : summary.methods()) {
      table.row(
          method.student(),
          method.name(),
          Integer.toString(method.seeds().size()),
          percent(method.mean()),
          percent(method.sd()),
          method.seconds() == null
              ? UNDEFINED
              : String.format(Locale.ROOT, "%.0f", method.seconds()));
    }
    return table;
  }

  private static Table comparisons(Summary summary) {
    Table table =
        new Table(
            "student",
            "method",
            "against",
            "n",
            "points",
            "95 % from",
            "to",
            "p",
            "adjusted p",
            "seeds for power 0.8");
    for (Summary.ComparisonResult row : summary.comparisons()) {
      List<Double> interval = row.ci95();
      table.row(
          row.student(),
          row.method(),
          row.baseline(),
          Integer.toString(row.n()),
          points(row.meanDifference()),
          points(interval == null ? null : interval.get(0)),
          points(interval == null ? null : interval.get(1)),
          probability(row.pValue()),
          probability(row.adjustedPValue()),
          row.requiredSeeds() == null ? UNDEFINED : row.requiredSeeds().toString());
    }
    return table;
  }

  private static String percent(@Nullable Double share) {
    return share == null ? UNDEFINED : String.format(Locale.ROOT, "%.2f", 100 * share);
  }

  private static String points(@Nullable Double difference) {
    return difference == null ? UNDEFINED : String.format(Locale.ROOT, "%+.2f", 100 * difference);
  }

  private static String probability(@Nullable Double p) {
    if (p == null) {
      return UNDEFINED;
    }
    return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
  }
}
