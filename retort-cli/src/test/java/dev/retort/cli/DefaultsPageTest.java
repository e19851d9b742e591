package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.adversary.AdversarySettings;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.Ttm;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.StudyConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/configuration.md says of defaults is what the objectives' kinds have. */
class DefaultsPageTest {
  private static final ConfigurationReader READER = ConfigurationReader.standard();

  private static String page() throws IOException {
    return Files.readString(Path.of("../docs/configuration.md"));
  }

  /** The beginning of a kind's row in the table of defaults. */
  private static String row(ObjectiveKind kind) {
    return "| `%s` | `%s` |".formatted(kind.name(), ListCommand.flow(READER.defaults(kind)));
  }

  @Test
  void theTableHasEveryPaperWithItsDefaults() throws IOException {
    for (ObjectiveKind kind : ObjectiveCatalog.withoutAdversaries().kinds()) {
      if (!kind.name().equals("cross-entropy")) {
        assertThat(page()).contains("\n" + row(kind));
      }
    }
    ObjectiveKind other = new ObjectiveKind("ttm", new Ttm(0.2, 45, 1), "", "");
    assertThat(row(other))
        .isEqualTo("| `ttm` | `{gamma: 0.2, weight: 45, crossEntropy: 1}` |")
        .satisfies(row -> assertThat(page()).doesNotContain(row));
  }

  /** The block says that it has every key and what holds unless it is given. */
  @Test
  void theAdversaryOnThePageIsTheAdversaryByDefault() throws IOException {
    Matcher block = Pattern.compile("(?m)^    - adversary:\n(?:^        .*\n)+").matcher(page());
    assertThat(block.find()).isTrue();
    assertThat(READER.method("name: page\nobjectives:\n" + block.group()).objectives())
        .containsExactly(AdversarySettings.KIND.defaults());
    for (var key : AdversarySettings.class.getRecordComponents()) {
      assertThat(block.group()).contains("\n        " + key.getName() + ":");
    }
  }

  private static final String STUDY =
      "data: cifar10-mini\nteacher: bundled:cifar10\nstudent: resnet8\nmethods: [hinton]\n";

  private static StudyConfiguration study(Path folder, String study, String training)
      throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, STUDY + study + "\ntraining: {epochs: 1" + training + "}\n");
    return READER.readStudy(file, List.of()).configuration();
  }

  /** By key what a section's table says in one of its columns, where that is nothing but values. */
  private static Map<String, String> documented(String section, int column) throws IOException {
    String page = page();
    int begin = page.indexOf("\n## " + section + "\n");
    String rows = page.substring(begin, page.indexOf("\n## ", begin + 1));
    Map<String, String> documented = new LinkedHashMap<>();
    for (String row : rows.lines().filter(line -> line.startsWith("| `")).toList()) {
      String[] cells = row.split("\\|", -1);
      List<String> keys = List.of(cells[1].strip().replace("`", "").split(", ", -1));
      String cell = cells[column].strip();
      String value = cell.replace("`", "");
      if (cell.matches("`[^`…]+`|[-0-9.e]+") && keys.size() == 1) {
        documented.put(keys.get(0), value);
      } else if (cell.matches("(`?[a-z0-9.-]+`?)(, `?[a-z0-9.-]+`?)+")) {
        List<String> values = List.of(value.split(", ", -1));
        for (int i = 0; i < keys.size(); i++) {
          documented.put(keys.get(i), values.get(i));
        }
      }
    }
    return documented;
  }

  @Test
  void whatTheTablesSayHoldsChangesNothingWhenItIsWritten(@TempDir Path folder) throws IOException {
    Map<String, String> ofStudy = documented("A study", 3);
    Map<String, String> ofTraining = documented("Training", 2);
    ofStudy.remove("init of a student");
    assertThat(ofStudy.keySet()).contains("seeds", "observer", "test", "tensorBoard");
    assertThat(ofTraining.keySet())
        .contains("batchSize", "learningRate", "schedule", "momentum", "weightDecay")
        .contains("averaging", "precision", "augmentation", "vectorRateFactor");
    StringBuilder study = new StringBuilder();
    StringBuilder training = new StringBuilder();
    ofStudy.forEach((key, value) -> study.append(key + ": " + value + "\n"));
    ofTraining.forEach((key, value) -> training.append(", " + key + ": " + value));

    assertThat(study(folder, study.toString(), training.toString()))
        .isEqualTo(study(folder, "", ""));
  }

  /** {@code one-cycle: {peak: 0.2, last: 0}} is {@code one-cycle}. */
  @Test
  void whatTheTablesSayOfASchedulesAndAnAveragesKeysIsWhatItsNameMeans(@TempDir Path folder)
      throws IOException {
    for (String key : List.of("schedule", "averaging")) {
      Matcher row = Pattern.compile("(?m)^\\| `" + key + "` .*$").matcher(page());
      assertThat(row.find()).isTrue();
      List<MatchResult> named =
          Pattern.compile("`([a-z-]+): (\\{[^}]+})`").matcher(row.group()).results().toList();
      assertThat(named).hasSizeGreaterThan(2);
      for (MatchResult each : named) {
        String name = each.group(1);
        String written = ", %s: {%s: %s}".formatted(key, name, each.group(2));
        assertThat(study(folder, "", written))
            .as(each.group())
            .isEqualTo(study(folder, "", ", %s: %s".formatted(key, name)));
      }
    }
  }
}
