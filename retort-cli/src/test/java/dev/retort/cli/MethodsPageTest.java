package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.retort.adversary.AdversarySettings;
import dev.retort.distill.ObjectiveKind;
import dev.retort.study.config.MethodPresets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * docs/methods.md is made from the objectives' kinds, the comments of their records, the presets,
 * and the records of the studies in docs/results that read the test images.
 */
class MethodsPageTest {
  private static final String PAGE = "methods.md";
  private static final Path RESULTS = Path.of("../docs/results");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final String LABELS = "cross-entropy";

  /**
   * Terms whose scale changed after the study: the record's weight, in the units of today, is half
   * of what it has.
   */
  private static final Map<String, String> RESCALED =
      Map.of("baselines/sp", "`sp: {weight: 1500}`", "baselines/pkt", "`pkt: {weight: 15000}`");

  /** Methods of a study that are presets by another name today. */
  private static final Map<String, String> PRESET_TODAY =
      Map.of("resnet8-stronger/adversarial-pair-stronger", "adversarial-pair");

  /**
   * What a study measured of a method.
   *
   * @param method its name today
   * @param accuracies with it and by the labels alone, two cells
   * @param differing what the study set otherwise than today's defaults; or empty
   * @param row all of it, as a row of a table
   */
  private record Measured(
      String study, String method, List<String> accuracies, String differing, String row) {}

  private static JsonNode listed;

  @BeforeAll
  static void list() throws IOException {
    listed = CommandRun.of("list", "methods", "--json").json();
  }

  /** The objectives by name. */
  private static JsonNode objectives() {
    ObjectNode byName = JSON.createObjectNode();
    listed.get("objectives").forEach(each -> byName.set(each.get("name").asText(), each));
    return byName;
  }

  @Test
  void thePageHasEveryObjective() throws IOException {
    JsonNode objectives = objectives();
    List<Measured> measured = measured(objectives);
    StringBuilder page = new StringBuilder();
    for (ObjectiveKind kind : MethodPresets.objectives().kinds()) {
      append(page, kind, objectives.get(kind.name()));
      append(page, measured.stream().filter(row -> row.method().equals(kind.name())).toList());
    }
    GeneratedPart.assertCurrent(PAGE, "objectives", page.toString());
  }

  @Test
  void thePageHasEveryPresetThatIsNoObjectivesName() throws IOException {
    JsonNode objectives = objectives();
    List<Measured> measured = measured(objectives);
    StringBuilder page = new StringBuilder();
    for (JsonNode preset : listed.get("methods")) {
      String name = preset.get("name").asText();
      if (!objectives.has(name)) {
        page.append("### `%s`\n\n".formatted(name));
        page.append(sentence(preset.get("description").asText()));
        page.append("\n\n    - name: %s\n      objectives:\n".formatted(name));
        for (JsonNode term : preset.get("terms")) {
          page.append("        - ").append(term(term)).append('\n');
        }
        page.append('\n');
        append(page, measured.stream().filter(row -> row.method().equals(name)).toList());
      }
    }
    GeneratedPart.assertCurrent(PAGE, "presets", page.toString());
  }

  @Test
  void thePageHasEveryLossOfAnAdversary() throws IOException {
    StringBuilder table =
        new StringBuilder(GeneratedPart.row("loss", "what the student does", "paper"));
    table.append("|---|---|---|\n");
    for (JsonNode loss : listed.get("outerObjectives")) {
      table.append(
          GeneratedPart.row(
              "`" + loss.get("name").asText() + "`",
              loss.get("description").asText(),
              loss.get("paper").asText()));
    }
    GeneratedPart.assertCurrent(PAGE, "losses of an adversary", table.toString());
  }

  /**
   * The accuracies are of the study of resnet8 that compares a method best: that of equal budgets
   * where it has the method.
   */
  @Test
  void thePageBeginsWithEveryMethodThatIsNoControl() throws IOException {
    List<Measured> measured = measured(objectives());
    StringBuilder table =
        new StringBuilder(
            GeneratedPart.row(
                "method",
                "what the student learns from",
                "paper",
                "resnet8, %",
                "labels alone, %"));
    table.append("|---|---|---|---:|---:|\n");
    for (ObjectiveKind kind : MethodPresets.objectives().kinds()) {
      if (!kind.equals(AdversarySettings.KIND)) {
        table.append(
            overviewRow(kind.name(), kind.description(), kind.paper(), link(kind), measured));
      }
    }
    for (JsonNode preset : listed.get("methods")) {
      String name = preset.get("name").asText();
      if (name.startsWith("adversarial")) {
        table.append(overviewRow(name, preset.get("description").asText(), "", "", measured));
      }
    }
    GeneratedPart.assertCurrent(PAGE, "methods", table.toString());
  }

  private static String overviewRow(
      String name, String description, String paper, String link, List<Measured> measured) {
    Optional<Measured> row =
        Stream.of("cifar10-equal-tuning-compared", "resnet8", "baselines")
            .flatMap(study -> measured.stream().filter(each -> each.study().equals(study)))
            .filter(each -> each.method().equals(name))
            .findFirst();
    String authors =
        paper.replaceFirst("^.*: ", "").replaceFirst("(;|, (section|equation|algorithm)).*", "");
    return GeneratedPart.row(
        "[`%s`](#%s)".formatted(name, name),
        description,
        link.isEmpty() ? authors : "[%s](%s)".formatted(authors, link),
        row.map(each -> each.accuracies().get(0) + (each.differing().isEmpty() ? "" : " ¹"))
            .orElse(""),
        row.map(each -> each.accuracies().get(1)).orElse(""));
  }

  /** The address of a kind's paper; empty where its comment has none. */
  private static String link(ObjectiveKind kind) throws IOException {
    Class<?> settings = kind.defaults().getClass();
    Class<?> outer = settings.getEnclosingClass() == null ? settings : settings.getEnclosingClass();
    List<String> links = SourceComment.of(outer.getSimpleName()).links();
    return links.isEmpty() ? "" : links.get(0).replaceFirst("^.*\\]\\((.*)\\)$", "$1");
  }

  private static String term(JsonNode term) {
    if (term.isTextual()) {
      return term.asText();
    }
    Map.Entry<String, JsonNode> named = term.properties().iterator().next();
    return named.getKey() + ": " + flow(named.getValue());
  }

  private static String flow(JsonNode value) {
    return ListCommand.flow(JSON.convertValue(value, Object.class));
  }

  private static String sentence(String words) {
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + ".";
  }

  private static void append(StringBuilder page, ObjectiveKind kind, JsonNode listed)
      throws IOException {
    Class<?> settings = kind.defaults().getClass();
    Class<?> outer = settings.getEnclosingClass() == null ? settings : settings.getEnclosingClass();
    SourceComment comment = SourceComment.of(outer.getSimpleName());
    page.append("### `%s`\n\n".formatted(kind.name()));
    page.append("What the student learns from: ").append(kind.description()).append(".\n\n");
    if (!kind.aliases().isEmpty()) {
      page.append("Other names: `").append(String.join("`, `", kind.aliases())).append("`.\n\n");
    }
    page.append("Paper: ").append(kind.paper());
    if (!comment.links().isEmpty()) {
      page.append(": ").append(String.join("; ", comment.links()));
    }
    page.append(".\n\n").append(comment.text()).append("\n\n");
    SourceComment keys =
        outer == settings ? comment : SourceComment.of(outer.getSimpleName() + ".Settings");
    if (kind.name().equals(AdversarySettings.KIND.name())) {
      page.append("[configuration.md](configuration.md#an-adversary) has its keys.\n\n");
      return;
    }
    page.append(GeneratedPart.row("key", "unless given", "what it is")).append("|---|---|---|\n");
    for (Map.Entry<String, String> key : keys.parameters().entrySet()) {
      String[] text = key.getValue().split("; null for ", 2);
      JsonNode standard = listed.get("defaults").get(key.getKey());
      boolean open = standard == null || standard.isNull();
      assertThat(open).as("%s.%s", kind.name(), key.getKey()).isEqualTo(text.length == 2);
      page.append(
          GeneratedPart.row(
              "`" + key.getKey() + "`", open ? text[1] : "`" + flow(standard) + "`", text[0]));
    }
    page.append('\n');
  }

  private static void append(StringBuilder page, List<Measured> rows) {
    if (!rows.isEmpty()) {
      page.append(
              GeneratedPart.row(
                  "measured in",
                  "student",
                  "seeds",
                  "test accuracy, %",
                  "labels alone, %",
                  "gain, points (95 %)",
                  "adjusted p",
                  "settings that differ"))
          .append("|---|---|---:|---:|---:|---:|---:|---|\n");
      rows.forEach(row -> page.append(row.row()));
      page.append('\n');
    }
  }

  private static List<Measured> measured(JsonNode objectives) throws IOException {
    List<Measured> rows = new ArrayList<>();
    try (Stream<Path> folders = Files.list(RESULTS)) {
      for (Path study :
          folders
              .filter(folder -> Files.exists(folder.resolve("summary.json")))
              .sorted(Comparator.comparing(Path::toString))
              .toList()) {
        JsonNode summary = JSON.readTree(study.resolve("summary.json").toFile());
        JsonNode resolved = YAML.readTree(study.resolve("resolved.yaml").toFile());
        // As the page says: on all of CIFAR-10 or CIFAR-100, on test images, after so many epochs.
        if (summary.get("dataset").get("name").asText().matches("cifar10:.*|folder:.*cifar100")
            && summary.path("measuredOn").asText().equals("test")
            && resolved.get("training").get("epochs").asInt() == 12) {
          for (JsonNode method : summary.get("methods")) {
            rows.add(
                measured(study.getFileName().toString(), summary, method, resolved, objectives));
          }
        }
      }
    }
    return rows;
  }

  private static Measured measured(
      String study, JsonNode summary, JsonNode method, JsonNode resolved, JsonNode objectives)
      throws IOException {
    String name = method.get("name").asText();
    JsonNode student = method.get("student");
    JsonNode labels = find(summary.get("methods"), "name", LABELS, student);
    JsonNode comparison =
        StreamSupport.stream(summary.get("comparisons").spliterator(), false)
            .filter(each -> each.get("baseline").asText().equals(LABELS))
            .filter(each -> each.get("method").asText().equals(name))
            .filter(each -> each.get("student").equals(student))
            .findFirst()
            .orElse(null);
    List<String> accuracies =
        List.of(accuracy(method), name.equals(LABELS) || labels == null ? "" : accuracy(labels));
    String today = PRESET_TODAY.getOrDefault(study + "/" + name, name);
    String differing =
        RESCALED.getOrDefault(study + "/" + name, differing(name, today, resolved, objectives));
    return new Measured(
        study,
        today,
        accuracies,
        differing,
        GeneratedPart.row(
            "[%s](results/%s/summary.md)".formatted(study, study),
            student.asText(),
            String.valueOf(method.get("seeds").size()),
            accuracies.get(0),
            accuracies.get(1),
            comparison == null ? "" : difference(comparison),
            comparison == null ? "" : p(comparison.get("adjustedPValue")),
            differing));
  }

  private static @Nullable JsonNode find(
      JsonNode list, String key, String value, JsonNode student) {
    return StreamSupport.stream(list.spliterator(), false)
        .filter(each -> each.get(key).asText().equals(value))
        .filter(each -> each.get("student").equals(student))
        .findFirst()
        .orElse(null);
  }

  private static String accuracy(JsonNode method) {
    return method.get("sd").isNull()
        ? number("%.2f", method.get("mean"))
        : number("%.2f", method.get("mean")) + " ± " + number("%.2f", method.get("sd"));
  }

  private static String number(String format, JsonNode fraction) {
    return String.format(Locale.ROOT, format, 100 * fraction.asDouble());
  }

  private static String difference(JsonNode comparison) {
    return "%s (%s … %s)"
        .formatted(
            points(comparison.get("meanDifference")),
            points(comparison.get("ci95").get(0)),
            points(comparison.get("ci95").get(1)));
  }

  private static String points(JsonNode fraction) {
    return number("%+.2f", fraction).replace('-', '−');
  }

  private static String p(JsonNode value) {
    return value.asDouble() < 0.0001
        ? "< 0.0001"
        : String.format(Locale.ROOT, "%.4f", value.asDouble());
  }

  /** What the study set otherwise than today's preset, or defaults of the method's objectives. */
  private static String differing(String name, String today, JsonNode resolved, JsonNode objectives)
      throws IOException {
    List<String> terms = new ArrayList<>();
    for (JsonNode method : resolved.get("methods")) {
      if (method.get("name").asText().equals(name)) {
        for (JsonNode term : method.get("objectives")) {
          Map.Entry<String, JsonNode> named = term.properties().iterator().next();
          ObjectNode differing =
              differing((ObjectNode) named.getValue(), standard(today, named.getKey(), objectives));
          if (!differing.isEmpty()) {
            terms.add("`" + named.getKey() + ": " + flow(differing) + "`");
          }
        }
      }
    }
    return String.join(" ", terms);
  }

  /** What a term has in today's preset, where the method is one, or by default. */
  private static JsonNode standard(String method, String term, JsonNode objectives)
      throws IOException {
    JsonNode standard = objectives.get(term).get("defaults").deepCopy();
    for (JsonNode preset : listed.get("methods")) {
      if (preset.get("name").asText().equals(method)) {
        for (JsonNode own : preset.get("terms")) {
          if (own.has(term)) {
            merge((ObjectNode) standard, (ObjectNode) own.get(term));
          }
        }
      }
    }
    return standard;
  }

  private static void merge(ObjectNode into, ObjectNode from) {
    from.properties()
        .forEach(
            key -> {
              if (key.getValue() instanceof ObjectNode inner
                  && into.get(key.getKey()) instanceof ObjectNode below) {
                merge(below, inner);
              } else {
                into.set(key.getKey(), key.getValue());
              }
            });
  }

  private static ObjectNode differing(ObjectNode set, JsonNode defaults) {
    ObjectNode differing = JSON.createObjectNode();
    set.properties()
        .forEach(
            key -> {
              JsonNode standard = defaults.path(key.getKey());
              JsonNode value = key.getValue();
              if (value instanceof ObjectNode inner && standard.isObject() && !inner.isEmpty()) {
                ObjectNode below = differing(inner, standard);
                if (!below.isEmpty()) {
                  differing.set(key.getKey(), below);
                }
              } else if (!value.isNull() && !isEqual(value, standard)) {
                differing.set(key.getKey(), value);
              }
            });
    return differing;
  }

  private static boolean isEqual(JsonNode value, JsonNode standard) {
    if (value.isNumber() && standard.isNumber()) {
      return Math.abs(value.asDouble() - standard.asDouble()) < 1e-9;
    }
    return flow(value).equals(flow(standard));
  }
}
