package dev.retort.study.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A search as the configuration's {@code tune} describes it: the space of each method, the settings
 * to try, and the studies that try them, whose methods are the trials.
 */
public final class Search {
  private static final Location HERE = new Location("tune", 0, 0);

  private final ConfigurationReader reader;
  private final ConfigurationMapper mapper;
  private final ConfigurationFile<StudyConfiguration> file;
  private final YamlNode.Mapping tree;
  private final TuneConfiguration tune;
  private final Map<String, SearchSpace> spaces = new LinkedHashMap<>();
  private final Map<String, List<Map<String, Object>>> settings = new LinkedHashMap<>();

  /**
   * A method with some of its settings changed.
   *
   * @param method whose settings they are
   * @param settings the keys of its search space with their values
   * @param name in the study that has it
   */
  public record Changed(String method, Map<String, Object> settings, String name) {}

  private Search(ConfigurationReader reader, YamlNode.Mapping tree, String name, String text) {
    this.reader = reader;
    this.mapper = reader.mapper();
    this.tree = tree;
    StudyConfiguration asWritten = mapper.bind(tree, StudyConfiguration.class);
    if (asWritten.tune() == null) {
      throw tree.location()
          .problem("", "there is nothing said of a search: add tune: {trials: 12}");
    }
    if (asWritten.students().size() > 1) {
      throw tree.location()
          .problem(
              "",
              "there are %d students, and settings are chosen for one: give each a file of its own"
                  .formatted(asWritten.students().size()));
    }
    writeOutSpaces(asWritten);
    StudyConfiguration study = mapper.bind(tree, StudyConfiguration.class);
    this.file = new ConfigurationFile<>(name, text, study, mapper.toYaml(study));
    this.tune = Objects.requireNonNull(study.tune());
    long seed = tune.seeds().get(0);
    spaces.forEach(
        (method, space) -> {
          List<Map<String, Object>> tried = space.settings(tune.trials(), seed);
          tried.forEach(each -> space.with(each, method)); // a method may refuse some
          settings.put(method, tried);
        });
  }

  /**
   * The search that a YAML file describes.
   *
   * @param overrides each {@code KEY=VALUE}, as after {@code -o} on the command line
   * @throws ConfigurationException if it cannot be read or makes no sense
   */
  public static Search read(Path file, List<String> overrides) {
    ConfigurationReader reader = ConfigurationReader.standard();
    String text = ConfigurationReader.text(file);
    return new Search(reader, reader.studyTree(file, overrides), file.toString(), text);
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
      Map<String, SettingRange> ofFile = given.get(method.name());
      Map<String, SettingRange> ranges = ofFile == null ? reader.defaultSpace(method) : ofFile;
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
      spaces.put(
          method.name(),
          new SearchSpace(methodTree, method, ranges, places, mapper, reader.catalog()));
      if (!given.containsKey(method.name())) {
        written.put(method.name(), YamlNode.of(mapper.tree(ranges), tune.location()));
      }
    }
    tune.put("space", written);
  }

  private List<YamlNode> methods() {
    return ((YamlNode.Sequence) Objects.requireNonNull(tree.get("methods"))).items();
  }

  /** The study whose methods are tuned; every method's space is written out. */
  public StudyConfiguration study() {
    return file.configuration();
  }

  /** The file that describes it. */
  public ConfigurationFile<StudyConfiguration> file() {
    return file;
  }

  /** What read it. */
  public ConfigurationReader reader() {
    return reader;
  }

  /** How many trials, from which seeds. */
  public TuneConfiguration tune() {
    return tune;
  }

  /** The settings to try, by method, the method's own first; keys as in the search space. */
  public Map<String, List<Map<String, Object>>> settings() {
    return settings;
  }

  /** The ranges of a method's keys. */
  public Map<String, SettingRange> ranges(String method) {
    return space(method).ranges();
  }

  /** The settings of these that are at the edge of their range, with it. */
  public Map<String, SettingRange> edges(String method, Map<String, Object> chosen) {
    return space(method).edges(chosen);
  }

  private SearchSpace space(String method) {
    return Objects.requireNonNull(spaces.get(method));
  }

  private YamlNode.Mapping node(Changed method) {
    return space(method.method()).with(method.settings(), method.name());
  }

  private YamlNode value(@Nullable Object value) {
    return YamlNode.of(mapper.tree(value), HERE);
  }

  /**
   * A study of trials, as YAML. Observers, what it costs to serve, and the test images are for the
   * study of what is chosen.
   *
   * @param threads of the search's processes; null for what the configuration says
   */
  public String trialsYaml(
      List<Changed> trials,
      List<Long> seeds,
      @Nullable Integer threads,
      @Nullable String precision) {
    YamlNode.Mapping study = tree.copy();
    for (String key : List.of("tune", "serving", "tensorBoard", "primary")) {
      study.entries().remove(key);
    }
    study.put("seeds", value(seeds));
    study.put(
        "methods", new YamlNode.Sequence(trials.stream().<YamlNode>map(this::node).toList(), HERE));
    study.put("comparisons", value(List.of()));
    study.put("test", value(false));
    study.put("observer", value(false));
    if (study.get("training") instanceof YamlNode.Mapping training) {
      if (threads != null) {
        training.put("threads", value(threads));
      }
      if (precision != null) {
        training.put("precision", value(precision));
      }
    }
    return mapper.toYaml(study.toJson());
  }

  /**
   * The study of the chosen settings, as YAML.
   *
   * @param chosen by method, one of each
   * @param budgets what the search of each method cost
   */
  public String chosenYaml(Map<String, Changed> chosen, Map<String, TuningBudget> budgets) {
    YamlNode.Mapping study = tree.copy();
    study.entries().remove("tune");
    List<YamlNode> methods = new ArrayList<>();
    for (YamlNode each : methods()) {
      YamlNode.Mapping before = (YamlNode.Mapping) each;
      String name = Objects.requireNonNull(YamlNode.text(before.get("name")));
      YamlNode.Mapping method = node(Objects.requireNonNull(chosen.get(name), name));
      YamlNode seeds = before.get("seeds");
      if (seeds != null) {
        method.put("seeds", seeds);
      }
      method.put("budget", value(budgets.get(name)));
      methods.add(method);
    }
    study.put("methods", new YamlNode.Sequence(methods, HERE));
    study.put("seeds", value(study().seeds()));
    return mapper.toYaml(study.toJson());
  }
}
