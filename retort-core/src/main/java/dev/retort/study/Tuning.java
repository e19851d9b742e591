package dev.retort.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private static final Location HERE = new Location("tune", 0, 0);

  private final ConfigurationReader reader;
  private final ConfigurationFile<StudyConfiguration> file;
  private final YamlNode.Mapping tree;
  private final TuneConfiguration search;
  private final Map<String, SearchSpace> spaces = new LinkedHashMap<>();
  private final Map<String, List<Map<String, Object>>> settings = new LinkedHashMap<>();

  private Tuning(ConfigurationReader reader, YamlNode.Mapping tree, String name, String text) {
    this.reader = reader;
    this.tree = tree;
    StudyConfiguration asWritten = reader.bindStudy(tree, name, text).configuration();
    if (asWritten.tune() == null) {
      throw tree.location()
          .problem("", "there is nothing said of a search: add tune: {trials: 12}");
    }
    if (asWritten.students().size() > 1) {
      throw tree.location()
          .problem(
              "",
              "there are %d students, and settings are chosen for one: tune each by itself (-o students=[NAME])"
                  .formatted(asWritten.students().size()));
    }
    writeOutSpaces(asWritten);
    this.file = reader.bindStudy(tree, name, text);
    this.search = Objects.requireNonNull(file.configuration().tune());
    long seed = search.seeds().get(0);
    spaces.forEach(
        (method, space) -> {
          List<Map<String, Object>> tried = space.settings(search.trials(), seed);
          tried.forEach(each -> space.with(each, method)); // a method may refuse some
          settings.put(method, tried);
        });
  }

  /**
   * The search that a YAML file describes.
   *
   * @param changes each {@code KEY=VALUE}, as after {@code -o} on the command line
   * @throws ConfigurationException if it cannot be read or makes no sense
   */
  public static Tuning read(Path file, List<String> changes) {
    return read(ConfigurationReader.standard(), file, changes);
  }

  /** The same, for methods of the objectives that a reader knows of. */
  public static Tuning read(ConfigurationReader reader, Path file, List<String> changes) {
    String text = ConfigurationReader.text(file);
    return new Tuning(reader, reader.studyTree(file, changes), file.toString(), text);
  }

  /** Makes the space of each method, and puts those into the tree that it does not name. */
  private void writeOutSpaces(StudyConfiguration study) {
    YamlNode.Mapping tune = (YamlNode.Mapping) Objects.requireNonNull(tree.get("tune"));
    YamlNode.Mapping written =
        tune.get("space") instanceof YamlNode.Mapping given
            ? given
            : new YamlNode.Mapping(tune.location());
    Map<String, Map<String, SettingRange>> given = Objects.requireNonNull(study.tune()).space();
    List<YamlNode> trees = methods();
    for (int i = 0; i < trees.size(); i++) {
      MethodConfiguration method = study.methods().get(i);
      Map<String, SettingRange> ranges =
          given.getOrDefault(method.name(), reader.defaultSpace(method));
      if (ranges.isEmpty()) {
        throw tune.location()
            .problem(
                "tune",
                "nothing is known to vary of the method '%s': name its keys, such as space: {%s: {OBJECTIVE.KEY: {log: [0.1, 10]}}}"
                    .formatted(method.name(), method.name()));
      }
      Map<String, Location> places = new LinkedHashMap<>();
      if (written.get(method.name()) instanceof YamlNode.Mapping keys) {
        keys.entries().forEach((key, entry) -> places.put(key, entry.key()));
      }
      YamlNode.Mapping methodTree = (YamlNode.Mapping) trees.get(i);
      spaces.put(method.name(), reader.space(methodTree, ranges, places));
      if (!given.containsKey(method.name())) {
        put(written, method.name(), reader.node(ranges, tune.location()));
      }
    }
    put(tune, "space", written);
  }

  private List<YamlNode> methods() {
    return ((YamlNode.Sequence) Objects.requireNonNull(tree.get("methods"))).items();
  }

  private static void put(YamlNode.Mapping into, String key, YamlNode value) {
    into.entries().put(key, new YamlNode.Mapping.Entry(value.location(), value));
  }

  /** The study whose methods are tuned; every method's space is written out. */
  public StudyConfiguration study() {
    return file.configuration();
  }

  /** How it is searched. */
  public TuneConfiguration search() {
    return search;
  }

  ConfigurationReader reader() {
    return reader;
  }

  ConfigurationFile<StudyConfiguration> file() {
    return file;
  }

  /** The settings to try, by method, the method's own first; keys as in the search space. */
  public Map<String, List<Map<String, Object>>> settings() {
    return settings;
  }

  /** The ranges of a method's keys. */
  public Map<String, SettingRange> ranges(String method) {
    return Objects.requireNonNull(spaces.get(method)).ranges();
  }

  /** The study of all trials, as YAML. */
  String searchYaml() {
    List<YamlNode> trials = new ArrayList<>();
    settings.forEach(
        (method, tried) -> {
          for (int trial = 1; trial <= tried.size(); trial++) {
            trials.add(method(method, tried.get(trial - 1), Trial.name(method, trial)));
          }
        });
    return trialsYaml(trials, search.seeds(), null);
  }

  /**
   * The study of the best trials, from more seeds, as YAML.
   *
   * @param threads of the search's processes; null for what the configuration says
   */
  String confirmationYaml(List<Trial> best, @Nullable Integer threads) {
    List<YamlNode> trials =
        best.stream()
            .<YamlNode>map(trial -> method(trial.method(), trial.settings(), trial.name()))
            .toList();
    return trialsYaml(trials, search.confirm().seeds(), threads);
  }

  private YamlNode.Mapping method(String method, Map<String, Object> settings, String name) {
    return Objects.requireNonNull(spaces.get(method)).with(settings, name);
  }

  /** Nobody looks at observers of trials, and test images are for the study of what is chosen. */
  private String trialsYaml(List<YamlNode> trials, List<Long> seeds, @Nullable Integer threads) {
    YamlNode.Mapping study = tree.copy();
    study.entries().remove("tune");
    put(study, "seeds", reader.node(seeds, HERE));
    put(study, "methods", new YamlNode.Sequence(trials, HERE));
    put(study, "comparisons", reader.node(List.of(), HERE));
    put(study, "test", reader.node(false, HERE));
    put(study, "observer", reader.node(false, HERE));
    if (threads != null && study.get("training") instanceof YamlNode.Mapping training) {
      put(training, "threads", reader.node(threads, HERE));
    }
    return reader.toYaml(study);
  }

  private String student() {
    return study().students().get(0).name();
  }

  /**
   * All trials with what they reached from the search's seeds.
   *
   * @param results of the search's runs; none of one that diverged
   */
  List<Trial> searched(Function<RunName, Optional<RunResult>> results) {
    List<Trial> trials = new ArrayList<>();
    settings.forEach(
        (method, tried) -> {
          for (int trial = 1; trial <= tried.size(); trial++) {
            trials.add(trial(method, trial, tried.get(trial - 1), search.seeds(), results, false));
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
    for (long seed : seeds) {
      RunResult result =
          results.apply(new RunName(student(), Trial.name(method, number), seed)).orElse(null);
      accuracies.add(result == null ? null : result.validationAccuracy());
      seconds += result == null ? 0 : result.seconds();
    }
    return new Trial(
        method,
        number,
        settings,
        seeds,
        accuracies,
        mean(accuracies.subList(0, search.seeds().size())),
        mean(accuracies),
        study().training().epochs() * seeds.size(),
        seconds,
        confirmed,
        false);
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
    return settings.keySet().stream()
        .flatMap(
            method ->
                searched.stream()
                    .filter(trial -> trial.method().equals(method))
                    .filter(trial -> trial.searchAccuracy() != null)
                    .sorted(Comparator.comparing(Trial::searchAccuracy).reversed())
                    .limit(search.confirm().best()))
        .toList();
  }

  /**
   * All trials, the best with more seeds, and of each method the one that is chosen: the highest
   * mean over all seeds among the best; of equal ones the earlier. Of a method all of whose best
   * trials diverged none is chosen.
   *
   * @param results of the runs of search and confirmation; none of one that diverged
   */
  List<Trial> chosen(Function<RunName, Optional<RunResult>> results) {
    List<Trial> searched = searched(results);
    List<Long> seeds = new ArrayList<>(search.seeds());
    seeds.addAll(search.confirm().seeds());
    boolean confirms = !search.confirm().seeds().isEmpty();
    List<Trial> best = best(searched);
    List<Trial> trials = new ArrayList<>();
    for (Trial trial : searched) {
      trials.add(
          confirms && best.contains(trial)
              ? trial(trial.method(), trial.trial(), trial.settings(), seeds, results, true)
              : trial);
    }
    for (String method : settings.keySet()) {
      IntStream.range(0, trials.size())
          .filter(i -> trials.get(i).method().equals(method) && trials.get(i).mean() != null)
          .filter(i -> trials.get(i).confirmed() || (!confirms && best.contains(trials.get(i))))
          .boxed()
          .max(
              Comparator.comparing((Integer i) -> Objects.requireNonNull(trials.get(i).mean()))
                  .thenComparing(Comparator.reverseOrder()))
          .ifPresent(i -> trials.set(i, trials.get(i).asChosen()));
    }
    return trials;
  }

  /** What the search of a method cost. */
  TuningBudget budget(String method, List<Trial> trials) {
    List<Trial> own = trials.stream().filter(trial -> trial.method().equals(method)).toList();
    return new TuningBudget(own.size(), own.stream().mapToInt(Trial::epochs).sum());
  }

  /** A sentence for each chosen setting at the edge of its range. */
  public List<String> warnings(List<Trial> trials) {
    List<String> warnings = new ArrayList<>();
    trials.stream()
        .filter(Trial::chosen)
        .forEach(
            trial ->
                Objects.requireNonNull(spaces.get(trial.method()))
                    .edges(trial.settings())
                    .forEach(
                        (key, range) ->
                            warnings.add(
                                "%s: the chosen %s %s is at the edge of its range %s: better ones may lie beyond"
                                    .formatted(
                                        trial.method(),
                                        key,
                                        ResultNumbers.setting(trial.settings().get(key)),
                                        range))));
    return warnings;
  }

  /** The methods of which none is chosen: every trial diverged, or all of the best did. */
  public List<String> withoutChoice(List<Trial> trials) {
    return settings.keySet().stream()
        .filter(
            method ->
                trials.stream().noneMatch(each -> each.method().equals(method) && each.chosen()))
        .toList();
  }

  /**
   * The study of the chosen settings: {@code tuned.yaml}.
   *
   * @param trials of which one a method is chosen
   */
  String tunedYaml(List<Trial> trials) {
    YamlNode.Mapping study = tree.copy();
    study.entries().remove("tune");
    List<YamlNode> methods = new ArrayList<>();
    for (YamlNode each : methods()) {
      YamlNode.Mapping before = (YamlNode.Mapping) each;
      String name = Objects.requireNonNull(YamlNode.text(before.get("name")));
      Trial trial =
          trials.stream()
              .filter(of -> of.method().equals(name) && of.chosen())
              .findFirst()
              .orElseThrow();
      YamlNode.Mapping method = method(name, trial.settings(), name);
      YamlNode seeds = before.get("seeds");
      if (seeds != null) {
        put(method, "seeds", seeds);
      }
      put(method, "budget", reader.node(budget(name, trials), HERE));
      methods.add(method);
    }
    put(study, "methods", new YamlNode.Sequence(methods, HERE));
    put(study, "seeds", reader.node(study().seeds(), HERE));
    return head(trials) + reader.toYaml(study);
  }

  private String head(List<Trial> trials) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "The study of the settings that retort tune chose, of %d trials a method, by the validation images. Its seeds had no part in that."
            .formatted(search.trials()));
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
    warnings(trials).forEach(warning -> lines.add("Warning: " + warning));
    return lines.stream().map(line -> "# " + line + "\n").collect(Collectors.joining());
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
