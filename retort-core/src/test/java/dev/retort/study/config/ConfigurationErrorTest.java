package dev.retort.study.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigurationErrorTest {
  private static final ConfigurationReader READER = ConfigurationReader.standard();

  private static final String STUDY =
      """
      data: cifar10:data
      student: resnet8
      training: {epochs: 3}
      methods: [cross-entropy]
      """;

  @TempDir Path folder;

  /** A row of {@code configuration-errors.txt}. */
  record Row(String yaml, List<String> overrides, String sentence) {
    static Row of(String text) {
      StringBuilder yaml = new StringBuilder();
      List<String> overrides = new ArrayList<>();
      String sentence = "";
      for (String line : text.lines().toList()) {
        if (line.startsWith("=> ")) {
          sentence = line.substring(3);
        } else if (line.startsWith("-o ")) {
          overrides.add(line.substring(3));
        } else {
          yaml.append(line.equals("STUDY") ? STUDY : line + "\n");
        }
      }
      return new Row(yaml.toString(), overrides, sentence);
    }
  }

  static Stream<Row> rows() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            ConfigurationErrorTest.class.getResourceAsStream("configuration-errors.txt"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Arrays.stream(text.split("====\n")).skip(1).map(Row::of);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void whatIsWrongIsSaidInOneSentenceWithItsPlace(Row row) throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, row.yaml());
    Throwable thrown = catchThrowable(() -> READER.readStudy(file, row.overrides()));
    assertThat(thrown).isInstanceOf(ConfigurationException.class);
    assertThat(thrown.getMessage()).startsWith(row.sentence().replace("FILE", file.toString()));
    assertThat(thrown.getMessage()).doesNotContain("\n").doesNotContain("jackson");
  }

  private void assertRefused(byte[] content, String sentence) throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.write(file, content);
    assertThatThrownBy(() -> READER.readStudy(file, List.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(file + sentence);
  }

  @Test
  void textOfAnotherEncodingIsRefused() throws IOException {
    assertRefused(
        "data: cifar10:données".getBytes(StandardCharsets.ISO_8859_1),
        ":1:1: the file is not text in UTF-8; save it in that encoding");
  }

  @Test
  void binaryContentIsRefused() throws IOException {
    assertRefused(new byte[] {'P', 'K', 3, 4, 0}, ":1:3: this is not YAML: the character U+0003");
    assertRefused(
        "data: a # 😀\nseeds: [1] # \u0007".getBytes(StandardCharsets.UTF_8),
        ":2:14: this is not YAML: the character U+0007");
  }

  @Test
  void aFileThatIsNoConfigurationBySizeAloneIsNotParsed() throws IOException {
    assertRefused(
        new byte[(1 << 22) + 5], ":1:1: a configuration of more than 4194304 bytes is not read");
  }

  @Test
  void nestingWithoutEndIsRefused() throws IOException {
    assertRefused(
        ("data: " + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8),
        ":1:1: this is not YAML: Nesting Depth exceeded max 40");
  }

  @Test
  void aliasesThatMultiplyWithoutEndAreRefused() throws IOException {
    StringBuilder bomb = new StringBuilder("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("a%d: &a%d [%s*a%d]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(9), i - 1));
    }
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, bomb);
    assertThatThrownBy(() -> READER.readStudy(file, List.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageMatching(".*study.yaml:1:\\d+: in .*: aliases repeat more than 50000 values");
  }

  @Test
  void aMissingFileAndAFolderAreSaid() {
    Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> READER.readStudy(missing, List.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("there is no configuration file " + missing);
    assertThatThrownBy(() -> READER.readStudy(folder, List.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(folder + " is a folder; a configuration is a YAML file");
  }

  @Test
  void aStudyIsNoPlainTraining() throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, STUDY);
    assertThatThrownBy(() -> READER.readTraining(file, List.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(file + ":1:1: this configures a study: retort compare reads it");
  }
}
