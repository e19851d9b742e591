package dev.retort.cli;

import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.study.Study;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code retort train}. */
@CommandLine.Command(
    name = "train",
    header = "Trains one network on labels alone, as a teacher is.",
    description =
        "Writes a folder like that of retort compare, with one run; the trained network is its"
            + " student.safetensors.")
final class TrainCommand extends StudyCommand {
  @Parameters(
      paramLabel = "CONFIG",
      description = "A YAML file such as examples/cifar10-teacher.yaml.")
  Path configuration;

  @Option(
      names = "--out",
      paramLabel = "OUT",
      required = true,
      description = "The folder for the results; missing or empty, unless with --resume.")
  Path out;

  @Mixin RanksOption ranks;

  @Override
  Collective join(Device device) {
    return ranks.join(device);
  }

  @Override
  public Integer call() throws IOException {
    return run(Study.readTraining(configuration, overrides()), out);
  }
}
