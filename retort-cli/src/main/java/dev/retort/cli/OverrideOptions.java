package dev.retort.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code -o KEY=VALUE}. */
final class OverrideOptions {
  @Option(
      names = {"-o", "--override"},
      paramLabel = "KEY=VALUE",
      description =
          "Takes the place of a key of the configuration, such as training.epochs=3. May be"
              + " repeated.")
  List<String> given = new ArrayList<>();
}
