package dev.retort.cli;

import dev.retort.study.StudyViews;
import dev.retort.study.config.ConfigurationReader;
import dev.retort.study.config.StudyConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort data views}. */
@CommandLine.Command(
    name = "views",
    header = "Writes the images that a study shows, for a teacher that runs elsewhere.",
    description =
        "FILE gets pixels and index of the training images' views, and validation.pixels, test.pixels"
            + " and their index. The teacher's logits of the pixels, stored beside the index, are then"
            + " the study's teacher: recorded:FILE.")
final class DataViewsCommand extends Command {
  @Parameters(paramLabel = "CONFIG", description = "The study's YAML file.")
  Path configuration;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      required = true,
      description = "The file, NumPy's .npz, which must not be there yet.")
  Path to;

  @Mixin OverrideOptions overrides;

  @Override
  public Integer call() throws IOException {
    StudyConfiguration study =
        ConfigurationReader.standard().readStudy(configuration, overrides.given).configuration();
    StudyViews.write(study, to);
    printf("%s  %,d bytes", to, Files.size(to));
    return ExitCode.DONE;
  }
}
