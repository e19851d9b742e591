package dev.retort.cli;

import dev.retort.study.ResultNumbers;
import dev.retort.study.ServingRecord;
import dev.retort.study.ServingTable;
import dev.retort.study.Summary;
import dev.retort.study.SummaryCells;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A study's summary as text for a terminal. */
final class SummaryText {
  private SummaryText() {}

  /** The teacher, a table of methods and, where there are any, one of comparisons. */
  static List<String> lines(Summary summary) {
    List<String> lines = new ArrayList<>();
    Summary.Teacher teacher = summary.teacher();
    if (teacher != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "teacher %s: %s of the test images, %s of the validation images",
              teacher.name(),
              ResultNumbers.percentWithSign(teacher.testAccuracy()),
              ResultNumbers.percentWithSign(teacher.validationAccuracy())));
      lines.add("");
    }
    if (summary.registration() != null) {
      lines.add(SummaryCells.REGISTRATION_UNKNOWN);
      lines.add("");
    }
    lines.addAll(methods(summary).lines());
    if (!summary.comparisons().isEmpty()) {
      lines.add("");
      lines.addAll(comparisons(summary).lines());
      lines.addAll(SummaryCells.marks(summary));
    }
    if (!summary.diverged().isEmpty()) {
      lines.add("");
    }
    summary.diverged().forEach(run -> lines.add(run.run() + " is left out: " + run.reason()));
    return lines;
  }

  /** A table of what the models cost to serve, and a note on how that was measured. */
  static List<String> serving(ServingRecord serving) {
    Table table = new Table(ServingTable.titles(serving.measuredOn()));
    ServingTable.rows(serving).forEach(table::row);
    List<String> lines = new ArrayList<>(table.lines());
    lines.add(ServingTable.note(serving));
    return lines;
  }

  private static Table methods(Summary summary) {
    List<String> titles =
        new ArrayList<>(
            List.of("student", "method", "seeds", summary.measuredOn() + " %", "sd", "seconds"));
    if (summary.hasBudgets()) {
      titles.add("settings tuned by");
    }
    Table table = new Table(titles);
    for (Summary.MethodResult method : summary.methods()) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  method.student(),
                  method.name(),
                  SummaryCells.seeds(method),
                  ResultNumbers.percent(method.mean()),
                  ResultNumbers.percent(method.sd()),
                  method.seconds() == null
                      ? ResultNumbers.UNDEFINED
                      : String.format(Locale.ROOT, "%.0f", method.seconds())));
      if (summary.hasBudgets()) {
        cells.add(SummaryCells.budget(method.budget()));
      }
      table.row(cells);
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
            "seen 4 of 5 times");
    for (Summary.ComparisonResult row : summary.comparisons()) {
      table.row(SummaryCells.cells(row));
    }
    return table;
  }
}
