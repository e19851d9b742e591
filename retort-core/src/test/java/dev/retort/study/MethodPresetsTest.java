package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.distill.Hinton;
import dev.retort.distill.ObjectiveKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class MethodPresetsTest {
  private static final ConfigurationReader READER = ConfigurationReader.standard();

  @Test
  void presetsAreListedWithTheirTerms() {
    List<MethodPresets.Preset> presets = MethodPresets.all(MethodPresets.objectives());
    assertThat(preset(presets, "hinton").description())
        .isEqualTo("the teacher's softened probabilities, and the labels");
    assertThat(preset(presets, "hinton").objectives()).containsExactly("hinton");
    assertThat(preset(presets, "hinton").terms())
        .hasToString("[{hinton={temperature=4, weight=0.9, crossEntropy=0.1}}]");
    assertThat(preset(presets, "random-discriminator").objectives())
        .containsExactly("cross-entropy", "adversary");
    assertThat(preset(presets, "random-discriminator").terms())
        .hasToString(
            "[cross-entropy, {adversary={on=[logits, embedding], loss=talk, steps=0,"
                + " weight={gradientRatio=0.1, start=0.1, full=0.2, decay=0.75}}}]");
    assertThat(presets).extracting(MethodPresets.Preset::name).doesNotHaveDuplicates();
  }

  private static MethodPresets.Preset preset(List<MethodPresets.Preset> presets, String name) {
    return presets.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aTermWithoutAPresetIsAMethodOfItsOwn() {
    ObjectiveKind own =
        new ObjectiveKind("own-term", new Hinton.Settings(1.0, 2.0, 3.0), "a term", "a paper");
    assertThat(MethodPresets.all(MethodPresets.objectives().with(own)))
        .contains(
            new MethodPresets.Preset(
                "own-term", "a term", List.of("own-term"), List.of("own-term")));
  }

  /** What the file writes out and what a paper's objective has by default must not drift apart. */
  @TestFactory
  List<DynamicTest> aPresetNamedAfterAnObjectiveIsThatObjectiveByDefault(@TempDir Path folder) {
    List<DynamicTest> tests = new ArrayList<>();
    Set<String> presets = MethodPresets.trees(MethodPresets.objectives()).keySet();
    MethodPresets.objectives().kinds().stream()
        .filter(kind -> presets.contains(kind.name()))
        .forEach(
            kind ->
                tests.add(
                    DynamicTest.dynamicTest(
                        kind.name(),
                        () ->
                            assertThat(method(folder, kind.name()).objectives())
                                .containsExactly(kind.defaults()))));
    return tests;
  }

  private static MethodConfiguration method(Path folder, String preset) throws IOException {
    Path file = folder.resolve(preset + ".yaml");
    Files.writeString(
        file,
        """
        data: cifar10:data
        teacher: bundled:cifar10
        student: resnet8
        training: {epochs: 1}
        methods: [%s]
        """
            .formatted(preset));
    ConfigurationFile<StudyConfiguration> read = READER.readStudy(file, List.of());
    Files.writeString(file, read.resolved());
    assertThat(READER.readStudy(file, List.of()).configuration()).isEqualTo(read.configuration());
    return read.configuration().methods().get(0);
  }
}
