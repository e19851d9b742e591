package dev.retort.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
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

  /**
   * Refuses a file that is there, or could not be written, before anything is computed that would
   * then be lost.
   */
  static void requireNewFile(Path file) throws IOException {
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
    if (!Files.isWritable(folder)) {
      throw new AccessDeniedException(folder.toString());
    }
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
