package dev.retort.cli;

import picocli.CommandLine.Option;

/** {@code --json}. */
final class JsonOption {
  @Option(names = "--json", description = "Print the result as JSON, for programs.")
  boolean asked;
}
