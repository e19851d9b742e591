package dev.retort.cli;

import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetOptions.Unreadable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How pictures in files become a data set. */
final class DataOptions {
  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description = "The height and width that images are brought to (default: their own).")
  @Nullable Integer size;

  @Option(
      names = "--skip-unreadable",
      description = "Leave out images that cannot be read, with a warning.")
  boolean skipUnreadable;

  /** With a seed of the split and shares of the parts. */
  DatasetOptions options(@Nullable Double validation, @Nullable Double test, long splitSeed) {
    return new DatasetOptions(
        size,
        null,
        null,
        validation,
        test,
        splitSeed,
        skipUnreadable ? Unreadable.SKIP : Unreadable.STOP,
        null,
        null,
        null);
  }

  DatasetOptions options() {
    return options(null, null, 0);
  }
}
