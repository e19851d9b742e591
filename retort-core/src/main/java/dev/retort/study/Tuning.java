package dev.retort.study;

import dev.retort.study.config.RunName;
import dev.retort.study.config.Search;
import dev.retort.study.config.SettingRange;
import dev.retort.study.config.TuningBudget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A search for the settings of a study's methods, as the configuration's {@code tune} describes it.
 * It is two studies, which leave the test images unread: of all trials from the search's seeds, and
 * of the best of them from more seeds. Each of their methods is one trial. The accuracy on the
 * validation images decides.
 */
public final class Tuning {
  private static final double ROUNDING = 1e-9;

  private final Search search;

  private Tuning(Search search) {
    this.search = search;
  }

  /**
   * The search that a YAML file describes.
   *
   * @param overrides each {@code KEY=VALUE}, as after {@code -o} on the command line
   * @throws dev.retort.study.config.ConfigurationException if it cannot be read or makes no sense
   */
  public static Tuning read(Path file, List<String> overrides) {
    return new Tuning(Search.read(file, overrides));
  }

  /** What is searched. */
  public Search search() {
    return search;
  }

  /** The study of all trials, as YAML. */
  String searchYaml() {
    List<Trial> trials = searched(run -> Optional.empty());
    return search.trialsYaml(changed(trials), search.tune().seeds(), null, null);
  }

  /**
   * The study of the best trials, from more seeds, as YAML.
   *
   * @param threads of the search's processes; null for what the configuration says
   * @param precision of the search's networks; null likewise
   */
  String confirmationYaml(List<Trial> best, @Nullable Integer threads, @Nullable String precision) {
    return search.trialsYaml(changed(best), search.tune().confirm().seeds(), threads, precision);
  }

  private static List<Search.Changed> changed(List<Trial> trials) {
    return trials.stream()
        .map(trial -> new Search.Changed(trial.method(), trial.settings(), trial.name()))
        .toList();
  }

  /** The runs of trials from seeds. */
  List<RunName> runs(List<Trial> trials, List<Long> seeds) {
    return trials.stream()
        .flatMap(trial -> seeds.stream().map(seed -> new RunName(student(), trial.name(), seed)))
        .toList();
  }

  private String student() {
    return search.study().students().get(0).name();
  }

  /**
   * All trials with what they reached from the search's seeds.
   *
   * @param results of the search's runs; none of one that diverged
   */
  List<Trial> searched(Function<RunName, Optional<RunResult>> results) {
    List<Trial> trials = new ArrayList<>();
    search
        .settings()
        .forEach(
            (method, tried) -> {
              for (int trial = 1; trial <= tried.size(); trial++) {
                trials.add(
                    trial(
                        method,
                        trial,
                        tried.get(trial - 1),
                        search.tune().seeds(),
                        results,
                        false));
              }
            });
    return trials;
  }

  private Trial trial(
      String method,
      int number,
      Map<String, Object> settings,
      List<Long> seeds,
      Function<RunName, Optional<RunResult>> results,
      boolean confirmed) {
    List<@Nullable Double> accuracies = new ArrayList<>();
    double seconds = 0;
    Set<String> alarms = new LinkedHashSet<>();
    for (long seed : seeds) {
      RunResult result =
          results.apply(new RunName(student(), Trial.name(method, number), seed)).orElse(null);
      accuracies.add(result == null ? null : result.validationAccuracy());
      seconds += result == null ? 0 : result.seconds();
      alarms.addAll(result == null ? List.of() : result.alarms());
    }
    return new Trial(
        method,
        number,
        settings,
        seeds,
        accuracies,
        mean(accuracies.subList(0, search.tune().seeds().size())),
        mean(accuracies),
        search.study().training().epochs() * seeds.size(),
        seconds,
        confirmed,
        false,
        List.copyOf(alarms));
  }

  /** Null if one is missing. */
  private static @Nullable Double mean(List<@Nullable Double> accuracies) {
    List<Double> all = new ArrayList<>();
    for (Double accuracy : accuracies) {
      if (accuracy == null) {
        return null;
      }
      all.add(accuracy);
    }
    return Statistics.mean(all);
  }

  /**
   * The best trials of each method by the search's seeds, the best first; of equal ones the earlier
   * comes first. One that diverged is never among them.
   */
  List<Trial> best(List<Trial> searched) {
    return search.settings().keySet().stream()
        .flatMap(
            method ->
                searched.stream()
                    .filter(trial -> trial.method().equals(method))
                    .filter(trial -> trial.searchAccuracy() != null)
                    .sorted(Comparator.comparing(trial -> -rank(trial.searchAccuracy())))
                    .limit(search.tune().confirm().best()))
        .toList();
  }

  /** Means of equal shares differ in their last bits by the order of the seeds. */
  private static long rank(@Nullable Double accuracy) {
    return Math.round(Objects.requireNonNull(accuracy) / ROUNDING);
  }

  /**
   * All trials, the best with more seeds; none is chosen.
   *
   * @param results of the runs of search and confirmation; none of one that diverged
   */
  List<Trial> confirmed(Function<RunName, Optional<RunResult>> results) {
    List<Trial> searched = searched(results);
    if (search.tune().confirm().seeds().isEmpty()) {
      return searched;
    }
    List<Long> seeds = new ArrayList<>(search.tune().seeds());
    seeds.addAll(search.tune().confirm().seeds());
    List<Trial> best = best(searched);
    return searched.stream()
        .map(
            trial ->
                best.contains(trial)
                    ? trial(trial.method(), trial.trial(), trial.settings(), seeds, results, true)
                    : trial)
        .toList();
  }

  /**
   * The same, and of each method one is chosen: the highest mean over all seeds among the best; of
   * equal ones the earlier. Of a method all of whose best trials diverged none is chosen.
   *
   * @param results of the runs of search and confirmation; none of one that diverged
   */
  List<Trial> chosen(Function<RunName, Optional<RunResult>> results) {
    boolean confirms = !search.tune().confirm().seeds().isEmpty();
    List<Trial> trials = new ArrayList<>(confirmed(results));
    List<Trial> best = best(trials);
    for (String method : search.settings().keySet()) {
      trials.stream()
          .filter(trial -> trial.method().equals(method) && trial.mean() != null)
          .filter(trial -> trial.confirmed() || (!confirms && best.contains(trial)))
          .max(Comparator.comparing(trial -> rank(trial.mean())))
          .ifPresent(trial -> trials.set(trials.indexOf(trial), trial.asChosen()));
    }
    return trials;
  }

  /** What the search of a method cost, with what an earlier one did. */
  TuningBudget budget(String method, List<Trial> trials) {
    List<Trial> own = trials.stream().filter(trial -> trial.method().equals(method)).toList();
    List<Long> seeds = own.stream().flatMap(trial -> trial.seeds().stream()).distinct().toList();
    return new TuningBudget(own.size(), own.stream().mapToInt(Trial::epochs).sum(), seeds)
        .after(search.study().method(method).budget());
  }

  /**
   * A sentence for each chosen setting near an end of its range, and for each alarm of its runs.
   */
  List<String> warnings(List<Trial> trials) {
    List<String> warnings = new ArrayList<>();
    trials.stream()
        .filter(Trial::chosen)
        .forEach(
            trial ->
                search
                    .edges(trial.method(), trial.settings())
                    .forEach(
                        (key, range) ->
                            warnings.add(
                                "%s: the chosen %s %s is within a tenth of an end of its range %s: better ones may lie beyond, where tune.space can have it search"
                                    .formatted(
                                        trial.method(),
                                        key,
                                        SettingRange.text(trial.settings().get(key)),
                                        range))));
    trials.stream()
        .filter(Trial::chosen)
        .forEach(
            trial ->
                trial
                    .alarms()
                    .forEach(
                        alarm ->
                            warnings.add(
                                "%s: the chosen setting raised an alarm: %s"
                                    .formatted(trial.method(), alarm))));
    return warnings;
  }

  /** The methods of which none is chosen: all of their best trials diverged, from some seed. */
  public List<String> withoutChoice(List<Trial> trials) {
    return search.settings().keySet().stream()
        .filter(
            method ->
                trials.stream().noneMatch(each -> each.method().equals(method) && each.chosen()))
        .toList();
  }

  /**
   * The study of the chosen settings: {@code tuned.yaml}.
   *
   * @param trials of which one a method is chosen
   * @param warnings what its head warns of
   */
  String tunedYaml(List<Trial> trials, List<String> warnings) {
    Map<String, Search.Changed> chosen = new LinkedHashMap<>();
    Map<String, TuningBudget> budgets = new LinkedHashMap<>();
    trials.stream()
        .filter(Trial::chosen)
        .forEach(
            trial -> {
              String method = trial.method();
              chosen.put(method, new Search.Changed(method, trial.settings(), method));
              budgets.put(method, budget(method, trials));
            });
    return head(trials, warnings) + search.chosenYaml(chosen, budgets);
  }

  private String head(List<Trial> trials, List<String> warnings) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "The study of the settings that retort tune chose, of %d trials a method, by the validation images. Its seeds had no part in that."
            .formatted(search.tune().trials()));
    trials.stream()
        .filter(Trial::chosen)
        .forEach(
            trial ->
                lines.add(
                    "%s: trial %d, %s of the validation images"
                        .formatted(
                            trial.method(),
                            trial.trial(),
                            ResultNumbers.percentWithSign(trial.mean()))));
    warnings.forEach(warning -> lines.add("Warning: " + warning));
    // An alarm of a user's own objective may have several lines.
    return lines.stream()
        .map(line -> "# " + line.replaceAll("\\R", " ") + "\n")
        .collect(Collectors.joining());
  }

  /**
   * The best accuracy on the validation images to be expected after k = 1 … n trials, of a method
   * that had n (Dodge et al. 2019, "Show Your Work"): see {@link Statistics#expectedMaximum}. A
   * trial that diverged counts with accuracy 0.
   */
  public static List<Double> expectedBest(List<Trial> ofMethod) {
    List<Double> accuracies =
        ofMethod.stream()
            .map(trial -> Objects.requireNonNullElse(trial.searchAccuracy(), 0.0))
            .toList();
    return IntStream.rangeClosed(1, accuracies.size())
        .mapToObj(k -> Statistics.expectedMaximum(accuracies, k))
        .toList();
  }
}
