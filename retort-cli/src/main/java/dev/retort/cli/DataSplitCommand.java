package dev.retort.cli;

import dev.retort.data.DatasetSource;
import dev.retort.data.ImageFolderWriter;
import dev.retort.data.Splits;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort data split}. */
@CommandLine.Command(
    name = "split",
    header = "Writes a data set's parts as folders of images.",
    description =
        "DIR gets train, validation and test, each with a folder for each class. Parts that the"
            + " data lack are set apart from the training images, the same share of each class."
            + " Files of pictures are copied as they are, other images are written as PNG.")
final class DataSplitCommand extends Command {
  /** Pictures of several sizes are looked at in one; it is not that of the files. */
  private static final int LOOKED_AT = 32;

  @Parameters(
      paramLabel = "DATA",
      description = "The images; retort list datasets shows the spellings.")
  DatasetSource data;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      required = true,
      description = "The folder, which must not be there yet.")
  Path to;

  @Mixin PartOptions parts;

  @Override
  public Integer call() throws IOException {
    data.requireOutside(to, null);
    ImageFolderWriter.requireNew(to);
    Splits splits =
        data.open(
            parts.options(LOOKED_AT, null, null, null),
            null,
            null,
            new ReadingProgress(terminal(), System::nanoTime));
    ImageFolderWriter.write(splits, to);
    printf(
        "folder:%s has %,d training, %,d validation and %,d test images",
        to, splits.train().size(), splits.validation().size(), splits.test().size());
    return ExitCode.DONE;
  }
}
