package dev.retort.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.Dataset;
import dev.retort.data.InMemoryDataset;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.training.StopRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a study does with its runs, beside training them. */
@NullUnmarked
class StudyRunnerTest {
  private static final List<String> CLASSES = List.of("a", "b");
  private static final Splits DATA = NoiseImages.splits(CLASSES, 4);

  @TempDir Path folder;

  private StudyRunner open(Splits data, String... changes) throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        """
        data: cifar10-mini
        student: resnet8
        training: {epochs: 1, batchSize: 8, precision: fp32, threads: 1}
        seeds: [1]
        methods: [cross-entropy]
        """);
    ConfigurationFile<StudyConfiguration> study =
        ConfigurationReader.standard().readStudy(file, List.of(changes));
    return new StudyRunner(
        study.configuration(),
        data,
        StudyFolder.createOrResume(folder.resolve("out"), study),
        Device.CPU,
        new StudyListener() {},
        new StopRequest());
  }

  private static Splits withTestLabels(int... labels) {
    byte[] pixels = new byte[labels.length * NoiseImages.SHAPE.values()];
    Dataset test = new InMemoryDataset("made/test", CLASSES, NoiseImages.SHAPE, pixels, labels);
    return new Splits(
        DATA.name(), DATA.train(), DATA.validation(), test, DATA.inputShape(), DATA.statistics());
  }

  @Test
  void testImagesWithoutALabelAreRefusedBeforeTheFirstRunUnlessTheyAreLeftUnread()
      throws IOException {
    assertThatThrownBy(() -> open(withTestLabels(-1, -1, -1)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            "data: of the 3 images of made/test none has a label, so no accuracy can be measured on"
                + " them; leave them unread and measure on the validation images with test: false");
    open(withTestLabels(-1, 1, -1)).close();
    Files.move(folder.resolve("out"), folder.resolve("labelled"));
    try (StudyRunner runner = open(withTestLabels(-1, -1, -1), "test=false")) {
      assertThat(runner.run(RunSelection.ALL).methods().get(0).validationAccuracy()).hasSize(1);
    }
  }
}
