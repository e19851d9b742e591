package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retort.distill.ObjectiveCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class MethodPresetsTest {
  /** What the file writes out and what a paper's objective has by default must not drift apart. */
  @TestFactory
  List<DynamicTest> aPresetNamedAfterAnObjectiveIsThatObjectiveByDefault(@TempDir Path folder) {
    List<DynamicTest> tests = new ArrayList<>();
    ObjectiveCatalog catalog = ObjectiveCatalog.standard();
    catalog.kinds().stream()
        .filter(kind -> MethodPresets.trees().containsKey(kind.name()))
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
    return ConfigurationReader.standard()
        .readStudy(file, List.of())
        .configuration()
        .methods()
        .get(0);
  }
}
