package dev.retort.cli;

import dev.retort.study.ConfigurationReader;
import dev.retort.teacher.TeacherView;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --view}. */
final class ViewOption {
  @Option(
      names = "--view",
      paramLabel = "FILE",
      description =
          "How an ONNX file, a TorchScript file or a state dictionary wants its images, and what it"
              + " gives: YAML with size, mean, std, layout, classes and outputs.")
  @Nullable Path file;

  /** What the file says; the standard view without one. */
  TeacherView read() {
    return file == null ? TeacherView.standard() : ConfigurationReader.standard().readView(file);
  }
}
