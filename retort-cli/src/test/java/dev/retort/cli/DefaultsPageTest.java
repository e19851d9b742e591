package dev.retort.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.adversary.AdversarySettings;
import dev.retort.distill.ObjectiveCatalog;
import dev.retort.distill.ObjectiveKind;
import dev.retort.distill.Ttm;
import dev.retort.study.ConfigurationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

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
    for (ObjectiveKind kind : ObjectiveCatalog.standard().kinds()) {
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
}
