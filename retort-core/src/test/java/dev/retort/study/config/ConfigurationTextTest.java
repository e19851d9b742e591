package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.data.Augmentation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** YAML as people write it, and as Retort writes it back. */
@NullUnmarked
class ConfigurationTextTest extends ReadBack {
  @Test
  void aByteOrderMarkCommentsAnchorsAndWindowsLineEndsAreRead() throws IOException {
    StudyConfiguration study =
        study(
            "\ufeff# a study\r\n"
                + SHORT.replace("\n", "\r\n")
                + "seeds: &some [4]\r\nobserver: false  # none\r\n");
    assertThat(study.seeds()).containsExactly(4L);
    assertThat(study.observer()).isFalse();
  }

  @Test
  void onlyCoreSchemaScalarsAreNumbersAndTruthValues() {
    YamlNode read =
        YamlReader.read(
            "[on, yes, 1:30, 1_000, 2001-01-01, '3', 1e3, .5, -7, true, ~, 0x10]"
                .getBytes(StandardCharsets.UTF_8),
            "list.yaml");
    assertThat(read.toJson())
        .hasToString(
            "[\"on\",\"yes\",\"1:30\",\"1_000\",\"2001-01-01\",\"3\",1000.0,0.5,-7,true,null,\"0x10\"]");
  }

  @Test
  void foldersWithSpacesQuotesAndCyrillicAreReadBack() throws IOException {
    Path odd = Files.createDirectories(folder.resolve("мои данные: \"1\" # it's"));
    Path file = odd.resolve("study.yaml");
    Files.writeString(file, SHORT);
    var read = READER.readStudy(file, List.of());
    assertThat(read.configuration().data().source())
        .isEqualTo("cifar10:" + odd.toAbsolutePath().resolve("data"));
    Path resolved = folder.resolve("resolved.yaml");
    Files.writeString(resolved, read.resolved());
    assertThat(READER.readStudy(resolved, List.of()).configuration())
        .isEqualTo(read.configuration());
  }

  /** PyYAML, which reads YAML 1.1, would make false of {@code name: off}. */
  @Test
  void aNameThatYaml11TakesForATruthValueIsWrittenInQuotes() throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        SHORT.replace(
            "[cross-entropy, hinton]",
            "[{name: off, extends: hinton}, {name: No, extends: hinton}]"));
    var read = READER.readStudy(file, List.of());
    assertThat(read.resolved()).contains("- name: \"off\"\n").contains("- name: \"No\"\n");
  }

  @Test
  void theTurkishLocaleChangesNothing() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr-TR"));
    try {
      StudyConfiguration study =
          study(SHORT, "training.augmentation.flip=alternating", "training.schedule=multi-step");
      assertThat(study.training().augmentation().flip()).isEqualTo(Augmentation.Flip.ALTERNATING);
    } finally {
      Locale.setDefault(before);
    }
  }
}
