package dev.retort.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** The processes that this one has started, by what Linux says of them. */
final class Children {
  private Children() {}

  /** Those that were started with an argument that begins so. */
  static Stream<ProcessHandle> withArgument(String beginning) {
    return ProcessHandle.current()
        .children()
        .filter(child -> texts(child, "cmdline").anyMatch(each -> each.startsWith(beginning)));
  }

  /** Whether it was started with such a variable, {@code NAME=value}. */
  static boolean hasVariable(ProcessHandle child, String variable) {
    return texts(child, "environ").anyMatch(variable::equals);
  }

  /** Java's own reading of a command line ends after 4096 bytes, which a class path can fill. */
  private static Stream<String> texts(ProcessHandle process, String file) {
    try {
      Path path = Path.of("/proc", Long.toString(process.pid()), file);
      return Arrays.stream(
          new String(Files.readAllBytes(path), StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return Stream.of(); // it has just ended
    }
  }
}
