package dev.retort.cli;

import dev.retort.study.RunSelection;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code retort demo}. */
@CommandLine.Command(
    name = "demo",
    header = "Distils a bundled teacher into a small student on real images, in minutes.",
    description =
        "Compares the methods of examples/demo.yaml on bundled images of CIFAR-10, offline: retort"
            + " compare examples/demo.yaml.")
final class DemoCommand extends StudyCommand {
  @Option(
      names = "--out",
      paramLabel = "OUT",
      defaultValue = "retort-demo",
      description =
          "The folder for the results; missing or empty, unless with --resume"
              + " (default: ${DEFAULT-VALUE}).")
  Path out;

  @Mixin JobsOption jobs;

  @Override
  public Integer call() throws IOException {
    RanksOption.requireOneProcess("demo", "retort compare examples/demo.yaml");
    // The launcher says where the examples are.
    Path home = Path.of(System.getProperty("retort.home", ""));
    return run(home.resolve("examples/demo.yaml"), overrides(), RunSelection.ALL, out, jobs);
  }
}
