package dev.retort.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * A file of Linux's {@code /proc}, whose lines are {@code Key: 123 kB}, or of its control groups,
 * {@code key 123} in bytes.
 */
public final class ProcFile {
  private ProcFile() {}

  /** An amount in bytes; none on other systems, and where the file does not have the key. */
  public static OptionalLong bytes(Path file, String key) {
    if (!Files.isReadable(file)) {
      return OptionalLong.empty();
    }
    try {
      return Files.readAllLines(file).stream()
          .map(line -> line.split(":?\\s+"))
          .filter(words -> words[0].equals(key))
          .mapToLong(words -> (words.length > 2 ? 1024 : 1) * Long.parseLong(words[1]))
          .findFirst();
    } catch (IOException e) { // the process has ended
      return OptionalLong.empty();
    }
  }
}
