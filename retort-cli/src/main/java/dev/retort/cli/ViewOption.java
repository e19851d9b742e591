package dev.retort.cli;

import dev.retort.data.ChannelStatistics;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.teacher.ModelSource;
import dev.retort.teacher.TeacherView;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a model whose file does not say it wants its images. */
final class ViewOption {
  @Option(
      names = "--view",
      paramLabel = "FILE",
      description =
          "How an ONNX file, a TorchScript file or a state dictionary wants its images, and what it"
              + " gives: YAML with size, mean, std, layout, classes, channels and outputs.")
  @Nullable Path file;

  @Option(
      names = "--mean",
      paramLabel = "X,…",
      split = ",",
      description =
          "The mean of each channel, on the scale 0 … 1, that such a model expects subtracted, in the"
              + " place of the file's.")
  float @Nullable [] mean;

  @Option(
      names = "--std",
      paramLabel = "X,…",
      split = ",",
      description = "The standard deviation of each channel that it expects divided by, likewise.")
  float @Nullable [] std;

  /** Whether anything was said. */
  boolean isGiven() {
    return file != null || mean != null || std != null;
  }

  /**
   * Refuses it, and data, for a file of Retort's, which says what it is for: to read data takes
   * long.
   *
   * @param data whether there are any
   */
  void requireNotSaidTwice(ModelSource model, boolean data) {
    boolean ours = model instanceof ModelSource.Saved || model instanceof ModelSource.Bundled;
    if (ours && (data || isGiven())) {
      throw new IllegalArgumentException(
          "%s records its classes and how its images are made: leave %s out"
              .formatted(model, data ? "--data" : "--view, --mean and --std"));
    }
  }

  /** What was said; the standard view where nothing was. */
  TeacherView read() {
    TeacherView view =
        file == null ? TeacherView.standard() : ConfigurationReader.standard().readView(file);
    if (mean == null && std == null) {
      return view;
    }
    if (mean == null || std == null) {
      throw new IllegalArgumentException("--mean and --std must be given together");
    }
    return view.withStatistics(new ChannelStatistics(mean, std));
  }
}
