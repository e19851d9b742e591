package dev.retort.adversary;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.optimization.Adam;
import dev.retort.study.ConfigurationReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;

/** An objective's settings as a configuration's reader makes them of YAML. */
@NullUnmarked
final class MadeSettings {
  private MadeSettings() {}

  /** Of an adversary, from what stands between the braces. */
  static AdversarySettings adversary(String keys) {
    return (AdversarySettings) of("adversary: {" + keys + "}");
  }

  /** One plain step. */
  static InnerProblem.Settings inner() {
    return new InnerProblem.Settings(1, 1e-3, new Adam.Settings(0.5, 0.9, 1e-8), 1, null, 0, 0);
  }

  static ObjectiveSettings of(String objective) {
    String study =
        """
        data: cifar10:data
        teacher: bundled:cifar10
        student: resnet8
        training: {epochs: 1}
        methods:
          - name: made
            objectives:
              - %s
        """
            .formatted(objective);
    try {
      Path file = Files.createTempFile("settings", ".yaml");
      try {
        Files.writeString(file, study);
        return ConfigurationReader.standard()
            .readStudy(file, List.of())
            .configuration()
            .methods()
            .get(0)
            .objectives()
            .get(0);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
