package dev.retort.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** A file of Linux's {@code /proc} whose lines are {@code Key: 123 kB}. */
public final class ProcFile {
  private ProcFile() {}

  /** An amount in bytes; none on other systems, and where the file does not have the key. */
  public static OptionalLong bytes(Path file, String key) {
    if (!Files.isReadable(file)) {
      return OptionalLong.empty();
    }
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(key + ":"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst();
    } catch (IOException e) { // the process has ended
      return OptionalLong.empty();
    }
  }
}
