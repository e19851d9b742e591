package dev.retort.cli;

import dev.retort.adversary.GanLoss;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.Activations;
import dev.retort.network.NetworkSummary;
import dev.retort.network.Networks;
import dev.retort.study.ResultNumbers;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.MethodPresets;
import dev.retort.study.config.SettingRange;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code retort list}. */
@CommandLine.Command(
    name = "list",
    header = "Lists the methods, networks and data sets that there are.",
    description =
        "A method is a list of weighted objectives. Networks are counted for RGB images of 32x32"
            + " pixels in 10 classes.")
final class ListCommand extends Command {
  private static final int CLASSES = 10;

  /** What can be listed. */
  enum Subject {
    METHODS,
    NETWORKS,
    DATASETS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(paramLabel = "WHAT", description = "${COMPLETION-CANDIDATES}")
  Subject subject;

  @Mixin JsonOption json;

  @Override
  public Integer call() {
    switch (subject) {
      case METHODS -> methods();
      case NETWORKS -> networks();
      case DATASETS -> datasets();
    }
    return ExitCode.DONE;
  }

  /** The keys of a pair of layers. */
  private static final Set<String> PAIR = Set.of("teacher", "student");

  /**
   * A method that has a name, and the terms that it is the sum of.
   *
   * @param space the ranges of the keys that a search varies unless told
   */
  record MethodRow(
      String name,
      String description,
      List<String> objectives,
      List<Object> terms,
      Map<String, SettingRange> space) {}

  /** A term that a method's list may have. */
  record ObjectiveRow(
      String name,
      List<String> aliases,
      String description,
      String paper,
      Map<String, Object> defaults) {}

  /** What a student can do with an adversary's discriminator. */
  record OuterObjectiveRow(String name, String description, String paper) {}

  private static List<OuterObjectiveRow> outerObjectives() {
    return Arrays.stream(GanLoss.values())
        .map(loss -> new OuterObjectiveRow(loss.toString(), loss.description(), loss.paper()))
        .toList();
  }

  private void methods() {
    ObjectiveCatalog catalog = MethodPresets.objectives();
    ConfigurationReader reader = new ConfigurationReader(catalog);
    List<MethodRow> methods = methods(catalog, reader);
    List<ObjectiveRow> objectives = objectives(catalog, reader);
    if (json.asked) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("methods", methods);
      all.put("objectives", objectives);
      all.put("outerObjectives", outerObjectives());
      print(Json.of(all));
      return;
    }
    Table presets = new Table("method", "the sum of", "what the student learns from");
    methods.forEach(
        row -> presets.row(row.name(), String.join(" + ", row.objectives()), row.description()));
    print(presets);
    print("");
    Table terms = new Table("objective", "what the student learns from", "paper");
    objectives.forEach(row -> terms.row(names(row), row.description(), row.paper()));
    print(terms);
    print("");
    Table outer = new Table("loss of an adversary", "what the student does", "paper");
    outerObjectives().forEach(row -> outer.row(row.name(), row.description(), row.paper()));
    print(outer);
    print("");
    Table defaults = new Table("objective", "settings unless given");
    objectives.forEach(row -> defaults.row(row.name(), flow(row.defaults())));
    print(defaults);
    print("");
    print(changes(methods));
    print("");
    Table spaces = new Table("method", "what retort tune searches unless told");
    methods.forEach(row -> spaces.row(row.name(), flow(written(row.space()))));
    print(spaces);
  }

  private static List<MethodRow> methods(ObjectiveCatalog catalog, ConfigurationReader reader) {
    return MethodPresets.all(catalog).stream()
        .map(
            preset ->
                new MethodRow(
                    preset.name(),
                    preset.description(),
                    preset.objectives(),
                    preset.terms(),
                    reader.defaultSpace(reader.method(preset.name()))))
        .toList();
  }

  private static List<ObjectiveRow> objectives(
      ObjectiveCatalog catalog, ConfigurationReader reader) {
    return catalog.kinds().stream()
        .map(
            kind ->
                new ObjectiveRow(
                    kind.name(),
                    kind.aliases(),
                    kind.description(),
                    kind.paper(),
                    reader.defaults(kind)))
        .toList();
  }

  /** What methods that are more than an objective of their name set of their terms. */
  private static Table changes(List<MethodRow> methods) {
    Table changes = new Table("method", "what it sets of them");
    methods.stream()
        .filter(row -> !row.objectives().equals(List.of(row.name())))
        .forEach(
            row ->
                changes.row(
                    row.name(),
                    row.terms().stream()
                        .map(ListCommand::term)
                        .collect(Collectors.joining(" + "))));
    return changes;
  }

  private static Map<String, Object> written(Map<String, SettingRange> space) {
    Map<String, Object> written = new LinkedHashMap<>();
    space.forEach((key, range) -> written.put(key, range.written()));
    return written;
  }

  /** {@code hinton, kd}. */
  private static String names(ObjectiveRow row) {
    return Stream.concat(Stream.of(row.name()), row.aliases().stream())
        .collect(Collectors.joining(", "));
  }

  /** A term with its settings as in YAML on one line: {@code hinton: {temperature: 4}}. */
  private static String term(Object term) {
    return term instanceof Map<?, ?> named
        ? named.entrySet().stream()
            .map(entry -> entry.getKey() + ": " + flow(entry.getValue()))
            .collect(Collectors.joining(", "))
        : flow(term);
  }

  /**
   * As in YAML on one line: {@code {temperature: 4, on: embedding}}. Null is left out, a choice
   * without settings is its name, and so is a pair of layers of one name.
   */
  static String flow(Object value) {
    if (value instanceof Map<?, ?> map) {
      if (map.size() == 1 && Map.of().equals(map.values().iterator().next())) {
        return String.valueOf(map.keySet().iterator().next());
      }
      if (map.keySet().equals(PAIR) && Set.copyOf(map.values()).size() == 1) {
        return flow(map.values().iterator().next());
      }
      return map.entrySet().stream()
          .filter(entry -> entry.getValue() != null)
          .map(entry -> entry.getKey() + ": " + flow(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    if (value instanceof List<?> list) {
      return list.stream().map(ListCommand::flow).collect(Collectors.joining(", ", "[", "]"));
    }
    return value instanceof Double number
        ? new DecimalFormat("0.######", DecimalFormatSymbols.getInstance(Locale.ROOT))
            .format(number)
        : String.valueOf(value);
  }

  /**
   * A network of the zoo, or of a provider; what depends on its images is null where it cannot be
   * made for CIFAR's, or has no such layer.
   *
   * @param hiddenLayers convolutions and linear layers before the classifier
   * @param macs multiply-accumulates an image
   */
  record NetworkRow(
      String name,
      @Nullable Integer hiddenLayers,
      @Nullable Long embedding,
      @Nullable Long parameters,
      @Nullable Long macs) {}

  private void networks() {
    List<NetworkRow> rows = countedNetworks();
    if (json.asked) {
      print(Json.of(rows));
      return;
    }
    Table table = new Table("network", "hidden layers", "embedding", "parameters", "MMAC");
    for (NetworkRow row : rows) {
      table.row(
          row.name(),
          cell("%d", row.hiddenLayers()),
          cell("%d", row.embedding()),
          cell("%,d", row.parameters()),
          row.macs() == null ? ResultNumbers.UNDEFINED : cell("%.2f", row.macs() / 1e6));
    }
    print(table);
  }

  private static String cell(String format, @Nullable Number value) {
    return value == null ? ResultNumbers.UNDEFINED : String.format(Locale.ROOT, format, value);
  }

  /** Each network sees one blank image: too little work for a second thread to help with. */
  private static List<NetworkRow> countedNetworks() {
    return Engine.withThreads(
        1, () -> Networks.names().stream().map(ListCommand::network).toList());
  }

  private static NetworkRow network(String name) {
    try (TensorScope scope = TensorScope.open()) {
      NetworkSummary summary =
          NetworkSummary.of(
              Networks.create(
                  name,
                  ImageShape.CIFAR,
                  CLASSES,
                  Precision.FP32.parameterType(),
                  RandomSource.of(0, "list")));
      long[] embedding = summary.shapes().get(Activations.EMBEDDING);
      return new NetworkRow(
          name,
          summary.neurons().size(),
          embedding == null ? null : embedding[0],
          summary.parameters(),
          summary.macs());
    } catch (IllegalArgumentException e) {
      return new NetworkRow(name, null, null, null, null);
    }
  }

  /** A spelling of DATA. */
  record DatasetRow(String data, String description) {}

  private void datasets() {
    List<DatasetRow> rows =
        DatasetSource.providers().stream()
            .map(kind -> new DatasetRow(kind.spelling(), kind.description()))
            .toList();
    if (json.asked) {
      print(Json.of(rows));
      return;
    }
    Table table = new Table("data", "what it is");
    rows.forEach(row -> table.row(row.data(), row.description()));
    print(table);
  }
}
