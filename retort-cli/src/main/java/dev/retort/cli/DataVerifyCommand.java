package dev.retort.cli;

import dev.retort.data.DatasetSource;
import dev.retort.data.Splits;
import dev.retort.data.Verification;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code retort data verify}. */
@CommandLine.Command(
    name = "verify",
    header = "Reads every image of a data set, and reports those that it cannot read.",
    description =
        "Pictures that cannot be read are listed by path, and files of a folder that are not"
            + " taken for pictures are counted. Files of CIFAR-10 and CIFAR-100 are compared with"
            + " their published digests.")
final class DataVerifyCommand extends Command {
  @Parameters(
      paramLabel = "DATA",
      description = "The images; retort list datasets shows the spellings.")
  DatasetSource data;

  @Mixin TrainingDataOptions options;

  @Override
  public Integer call() {
    Verification found = data.verify(options.options(), options.progress());
    Splits splits = found.splits();
    printf(
        "%s %s: %,d training, %,d validation and %,d test images, %s",
        splits.name(),
        found.warnings().isEmpty() ? "is well" : "can be read, but see the warnings",
        splits.train().size(),
        splits.validation().size(),
        splits.test().size(),
        found.sizes() == null ? "digest " + splits.digest() : found.sizes());
    return ExitCode.DONE;
  }
}
