package dev.retort.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.io.TempDir;

/** Reads searches for settings, of which nothing is trained. */
@NullUnmarked
abstract class ReadSearch {
  @TempDir Path folder;

  Path file(String methods, String tune) throws IOException {
    return Files.writeString(
        folder.resolve("study.yaml"),
        """
        data: cifar10-mini
        teacher: bundled:cifar10
        student: resnet8
        training: {epochs: 3}
        methods: %s
        tune: %s
        """
            .formatted(methods, tune));
  }

  Tuning tuning(String methods, String tune) throws IOException {
    return Tuning.read(file(methods, tune), List.of());
  }

  static double number(Map<String, Object> settings, String key) {
    return ((Number) settings.get(key)).doubleValue();
  }
}
