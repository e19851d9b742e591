package dev.retort.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all subcommands have: the outputs, and an exit code as their result. */
abstract class Command implements Callable<Integer> {
  @Spec CommandSpec spec;

  final Main main() {
    return (Main) spec.root().userObject();
  }

  final Terminal terminal() {
    return main().terminal();
  }

  final StopSignals signals() {
    return main().signals();
  }

  /** Prints one line of the result; a status line would stand before it. */
  final void print(String line) {
    terminal().status("");
    terminal().out().println(Terminal.plain(line));
  }

  final void print(Table table) {
    table.lines().forEach(this::print);
  }

  /** Prints one formatted line of the result, numbers spelled alike in every locale. */
  final void printf(String format, Object... arguments) {
    print(String.format(Locale.ROOT, format, arguments));
  }
}
