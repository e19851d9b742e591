package dev.retort.study;

import java.util.List;
import java.util.Locale;

/** The trials of a search as Markdown: {@code trials.md}. */
final class TrialTable {
  private TrialTable() {}

  static String of(Tuning tuning, List<Trial> trials, List<String> warnings) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # %d trials a method, by the accuracy on the validation images

        | method | trial | settings | seeds | validation accuracy, %% | epochs | seconds |
        | --- | ---: | --- | ---: | ---: | ---: | ---: |
        """
            .formatted(tuning.search().tune().trials()));
    for (Trial trial : trials) {
      String mark = trial.chosen() ? "**" : "";
      row(
          text,
          trial.method(),
          mark + trial.trial() + mark,
          trial.settingsText(),
          Integer.toString(trial.seeds().size()),
          mark + accuracy(trial) + mark,
          Integer.toString(trial.epochs()),
          String.format(Locale.ROOT, "%.0f", trial.seconds()));
    }
    text.append("\nTrial 1 is the method as the configuration has it. Bold: chosen.\n");
    warnings.forEach(line -> text.append("\nWarning: ").append(line).append(".\n"));
    return text.toString();
  }

  private static String accuracy(Trial trial) {
    return trial.mean() == null ? "diverged" : ResultNumbers.percent(trial.mean());
  }

  private static void row(StringBuilder text, String... cells) {
    text.append(MarkdownTable.row(List.of(cells))).append('\n');
  }
}
