package dev.retort.cli;

import picocli.AutoComplete;
import picocli.CommandLine;

/** {@code retort completion}. */
@CommandLine.Command(
    name = "completion",
    header = "Prints the command's completion for bash and zsh.",
    description =
        "A shell reads it by: source <(retort completion). The archive of a release has it in"
            + " completion/retort.")
final class CompletionCommand extends Command {
  @Override
  public Integer call() {
    // Picocli would switch names of files off where an argument is no path, as MODEL and DATA.
    print(
        AutoComplete.bash("retort", spec.root().commandLine())
            .replace("compopt +o default", "compopt -o default"));
    return ExitCode.DONE;
  }
}
