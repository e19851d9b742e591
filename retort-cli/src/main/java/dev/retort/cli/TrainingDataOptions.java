package dev.retort.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How DATA become a data set whose training images are read, too. */
final class TrainingDataOptions extends DataOptions {
  @Option(
      names = "--unlabelled",
      paramLabel = "DIR",
      description = "A folder of pictures without classes that are training images too.")
  @Nullable Path folder;

  @Override
  @Nullable Path unlabelled() {
    return folder;
  }
}
