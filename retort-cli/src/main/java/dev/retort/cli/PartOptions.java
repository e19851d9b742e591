package dev.retort.cli;

import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetOptions.Unreadable;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which images of DATA are read, and to which part each belongs. */
final class PartOptions {
  @Option(
      names = "--validation",
      paramLabel = "SHARE",
      description =
          "The share of each class's training images that is set apart to validate, where a folder"
              + " or Parquet tables have no such part (default: "
              + DatasetOptions.SHARE
              + ").")
  @Nullable Double validation;

  @Option(
      names = "--test",
      paramLabel = "SHARE",
      description =
          "The share of each class's images that is set apart before that to test, likewise; 1 for"
              + " all (default: "
              + DatasetOptions.SHARE
              + ").")
  @Nullable Double test;

  @Option(
      names = "--split-seed",
      paramLabel = "N",
      description =
          "Decides which images of a folder or of Parquet tables are set apart (default: 0).")
  long splitSeed;

  @Option(
      names = "--image-column",
      paramLabel = "NAME",
      description =
          "The column of Parquet tables with the images (default: the only one that can be meant).")
  @Nullable String imageColumn;

  @Option(
      names = "--label-column",
      paramLabel = "NAME",
      description =
          "The column of Parquet tables with the classes (default: the only one that can be"
              + " meant).")
  @Nullable String labelColumn;

  @Option(
      names = "--skip-unreadable",
      description = "Leave out pictures that cannot be read, with a warning.")
  boolean skipUnreadable;

  /**
   * With what else there is to say of data.
   *
   * @param unlabelled a folder of pictures that are trained on too; null for none
   */
  DatasetOptions options(
      @Nullable Integer size,
      @Nullable Integer resize,
      @Nullable Integer channels,
      @Nullable Path unlabelled) {
    return new DatasetOptions(
        size,
        resize,
        channels,
        validation,
        test,
        splitSeed,
        skipUnreadable ? Unreadable.SKIP : Unreadable.STOP,
        imageColumn,
        labelColumn,
        unlabelled,
        null);
  }
}
