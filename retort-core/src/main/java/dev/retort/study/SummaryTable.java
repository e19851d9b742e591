package dev.retort.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A summary as Markdown: {@code summary.md}. */
final class SummaryTable {
  private final Summary summary;
  private final StringBuilder text = new StringBuilder();

  private SummaryTable(Summary summary) {
    this.summary = summary;
  }

  /**
   * The table.
   *
   * @param serving what the models cost to serve; null where that was not measured
   */
  static String of(Summary summary, @Nullable ServingRecord serving) {
    SummaryTable table = new SummaryTable(summary);
    table.write();
    if (serving != null) {
      table.serving(serving);
    }
    return table.text.toString();
  }

  private void write() {
    Summary.DatasetSizes data = summary.dataset();
    line(
        "# %s: %,d training, %,d validation and %,d test images",
        data.name(), data.train(), data.validation(), data.test());
    line("");
    Summary.Teacher teacher = summary.teacher();
    if (teacher != null) {
      line(
          "Teacher %s: %s on the test images, %s on the validation images.",
          teacher.name(),
          ResultNumbers.percentWithSign(teacher.testAccuracy()),
          ResultNumbers.percentWithSign(teacher.validationAccuracy()));
      line("");
    }
    boolean test = summary.measuredOn().equals(Summary.TEST);
    if (!test) {
      line(
          "The test images were left unread: all that follows is measured on the validation"
              + " images.");
      line("");
    }
    if (summary.registration() != null) {
      line("%s", SummaryCells.REGISTRATION_UNKNOWN);
      line("");
    }
    methods();
    if (!summary.comparisons().isEmpty()) {
      line("");
      comparisons();
    }
    if (!summary.diverged().isEmpty()) {
      line("");
    }
    for (Divergence run : summary.diverged()) {
      line("%s is left out: %s", run.run(), run.reason());
    }
  }

  private void serving(ServingRecord serving) {
    line("");
    line("## What they cost to serve");
    line("");
    text.append(ServingTable.note(serving)).append('\n');
    line("");
    row(ServingTable.titles(serving.measuredOn()));
    line("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    ServingTable.rows(serving).forEach(this::row);
  }

  private void methods() {
    boolean budgets = summary.hasBudgets();
    line(
        "| student | method | seeds | %s accuracy, %% | sd | agreement with the teacher, %% | seconds |%s",
        summary.measuredOn(), budgets ? " settings tuned by |" : "");
    line("| --- | --- | ---: | ---: | ---: | ---: | ---: |%s", budgets ? " --- |" : "");
    for (Summary.MethodResult method : summary.methods()) {
      List<String> cells =
          List.of(
              method.student(),
              method.name(),
              SummaryCells.seeds(method),
              ResultNumbers.percent(method.mean()),
              ResultNumbers.percent(method.sd()),
              ResultNumbers.percent(method.meanAgreement()),
              number("%.0f", method.seconds()),
              SummaryCells.budget(method.budget()));
      row(budgets ? cells : cells.subList(0, cells.size() - 1));
    }
  }

  private void comparisons() {
    line(
        "Differences in points of accuracy, runs paired by seed; p by the paired t test, adjusted"
            + " by Holm over all rows%s.",
        summary.comparisons().stream().anyMatch(Summary.ComparisonResult::primary)
            ? " but the primary one"
            : "");
    line("");
    line(
        "| student | method | against | n | difference | 95 %% interval | p | adjusted p | seen four times in five |");
    line("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (Summary.ComparisonResult row : summary.comparisons()) {
      List<String> cells = new ArrayList<>(SummaryCells.cells(row));
      String to = cells.remove(6);
      if (row.ci95() != null) {
        cells.set(5, cells.get(5) + " … " + to);
      }
      row(cells);
    }
    for (String mark : SummaryCells.marks(summary)) {
      line("");
      line("%s", mark);
    }
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private void row(List<String> cells) {
    text.append(MarkdownTable.row(cells)).append('\n');
  }

  private static String number(String format, @Nullable Double value) {
    return value == null ? ResultNumbers.UNDEFINED : String.format(Locale.ROOT, format, value);
  }
}
