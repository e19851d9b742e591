package dev.retort.study;

import dev.retort.study.config.SettingRange;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a method that a search has tried: an entry of {@code trials.json}. Accuracies are
 * fractions of the validation images, in [0, 1], after the last epoch.
 *
 * @param method the method's name in the configuration
 * @param trial its number, from 1; the first is the method as the configuration has it
 * @param settings the keys of the search space with their values
 * @param seeds of its runs: the search's and, if it was confirmed, those of the confirmation
 * @param validationAccuracy a value a seed; null for a run that diverged
 * @param searchAccuracy the mean over the search's seeds, which every trial has; null if a run of
 *     them diverged
 * @param mean over all of its seeds; null if a run diverged
 * @param epochs of all its runs, also of one that diverged before its last
 * @param seconds of training, of the runs that were done
 * @param confirmed whether it was among the best, which got more seeds
 * @param chosen whether it is the one that {@code tuned.yaml} has
 * @param alarms every different complaint of its runs
 */
public record Trial(
    String method,
    int trial,
    Map<String, Object> settings,
    List<Long> seeds,
    List<@Nullable Double> validationAccuracy,
    @Nullable Double searchAccuracy,
    @Nullable Double mean,
    int epochs,
    double seconds,
    boolean confirmed,
    boolean chosen,
    List<String> alarms) {

  /** What the search's study calls it: {@code hinton-01}. */
  static String name(String method, int trial) {
    return String.format(Locale.ROOT, "%s-%02d", method, trial);
  }

  /** What the search's study calls it: {@code hinton-01}. */
  String name() {
    return name(method, trial);
  }

  /** {@code hinton.temperature 4, hinton.weight 0.9}. */
  public String settingsText() {
    return settings.entrySet().stream()
        .map(entry -> entry.getKey() + " " + SettingRange.text(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  Trial asChosen() {
    return new Trial(
        method,
        trial,
        settings,
        seeds,
        validationAccuracy,
        searchAccuracy,
        mean,
        epochs,
        seconds,
        confirmed,
        true,
        alarms);
  }
}
