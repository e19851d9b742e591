package dev.retort.report;

import dev.retort.study.ResultNumbers;
import dev.retort.study.Trial;
import dev.retort.study.TuningFolder;
import dev.retort.study.config.TuneConfiguration;
import dev.retort.system.ShellWord;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything on the page of a search that is text, as the template takes it.
 *
 * @param result in one sentence
 * @param rule how the settings were chosen
 * @param confirmed whether the best trials got more seeds
 * @param command that does the study of the chosen settings, or why there is none; empty before the
 *     search is done
 * @param tuned that study's configuration; empty where there is none
 * @param live what is shown of a search that goes on; null of one that does not
 */
public record TuningText(
    String title,
    String result,
    List<String> warnings,
    List<TrialRow> chosen,
    String rule,
    List<TrialRow> trials,
    boolean confirmed,
    String command,
    String tuned,
    String configuration,
    LivePage.@Nullable Live live) {

  /** One row of a table of trials; {@code light} and {@code dark} are the method's colours. */
  public record TrialRow(
      String method,
      String light,
      String dark,
      String trial,
      String accuracy,
      String seeds,
      String epochs,
      String seconds,
      String settings,
      boolean chosen) {}

  static TuningText of(TuningFolder folder, TuningResults results, LivePage.@Nullable Live live)
      throws IOException {
    boolean hasStudy = results.done() && Files.exists(folder.tuned());
    return new TuningText(
        "Settings of %d methods for %s on %s"
            .formatted(results.methods().size(), results.student(), results.data()),
        live != null
            ? "The search goes on."
            : results.done()
                ? result(results)
                : "The search is not done: retort tune with --resume goes on with it.",
        folder.warnings(results.trials()),
        rows(results, results.chosen()),
        rule(results.tuning().search().tune()),
        rows(results, results.trials()),
        results.trials().stream().anyMatch(Trial::confirmed),
        results.done() ? command(folder, hasStudy) : "",
        hasStudy ? Files.readString(folder.tuned()) : "",
        folder.resolvedText(),
        live);
  }

  private static String command(TuningFolder folder, boolean hasStudy) {
    String name = ShellWord.nameOf(folder.path());
    return hasStudy
        ? "retort compare %s --out %s"
            .formatted(ShellWord.of(name + "/tuned.yaml"), ShellWord.of(name + "-compared"))
        : "a method has no trial to choose: change tune.space";
  }

  private static String result(TuningResults results) {
    List<String> sentences = new ArrayList<>();
    List<Trial> chosen = results.chosen();
    String highest =
        chosen.stream()
            .max(Comparator.comparingDouble(TuningText::mean))
            .map(best -> ResultNumbers.percent(best.mean()))
            .orElse(null);
    if (highest != null) {
      List<String> best =
          chosen.stream()
              .filter(trial -> ResultNumbers.percent(trial.mean()).equals(highest))
              .map(Trial::method)
              .toList();
      sentences.add(
          "Of %d settings of each method, the best one of %s reaches %s %% of the validation images%s."
              .formatted(
                  results.tuning().search().tune().trials(),
                  String.join(" and of ", best),
                  highest,
                  chosen.size() == 1
                      ? ""
                      : ", the highest of %d methods".formatted(chosen.size())));
    }
    results
        .tuning()
        .withoutChoice(results.trials())
        .forEach(
            method ->
                sentences.add(
                    "None of the best trials of %s was trained to its end from all seeds."
                        .formatted(method)));
    return String.join(" ", sentences);
  }

  private static double mean(Trial trial) {
    Double mean = trial.mean();
    return mean == null ? 0 : mean;
  }

  private static String rule(TuneConfiguration search) {
    List<Long> more = search.confirm().seeds();
    return more.isEmpty()
        ? "Every trial was trained from %s; chosen is the highest accuracy on the validation images. It is the highest of many, and so too high: fresh seeds say how good a method is."
            .formatted(text(search.seeds()))
        : "Every trial was trained from %s, the best %d of each method, as far as so many ended, from %s too; chosen is the highest mean over all of these. It is the highest of several, and so too high: fresh seeds say how good a method is."
            .formatted(text(search.seeds()), search.confirm().best(), text(more));
  }

  private static String text(List<Long> seeds) {
    String all = seeds.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return (seeds.size() == 1 ? "seed " : "seeds ") + all;
  }

  private static List<TrialRow> rows(TuningResults results, List<Trial> trials) {
    return trials.stream().map(trial -> row(results, trial)).toList();
  }

  private static TrialRow row(TuningResults results, Trial trial) {
    MethodStyle style = results.style(trial.method());
    String missing = results.done() ? "diverged" : ResultNumbers.UNDEFINED;
    boolean searched = !results.done() && trial.mean() == null; // and not confirmed yet
    Double accuracy = searched ? trial.searchAccuracy() : trial.mean();
    int seeds = searched ? results.tuning().search().tune().seeds().size() : trial.seeds().size();
    long epochs = (long) trial.epochs() / trial.seeds().size() * seeds;
    return new TrialRow(
        trial.method(),
        style.css(Theme.LIGHT),
        style.css(Theme.DARK),
        Integer.toString(trial.trial()),
        accuracy == null ? missing : ResultNumbers.percent(accuracy),
        Integer.toString(seeds),
        Numbers.count(epochs),
        searched && trial.confirmed() // some of the confirming seeds' are in
            ? ResultNumbers.UNDEFINED
            : Numbers.decimal(trial.seconds(), 0),
        trial.settingsText(),
        trial.chosen());
  }
}
