package dev.retort.report;

import java.nio.file.Path;

/** What the command lines on a page are made of. They are for the folder above the page's own. */
final class ShellWord {
  private ShellWord() {}

  /** A word as a shell reads it: in quotes where it needs them. */
  static String of(String word) {
    return word.matches("[A-Za-z0-9.,_/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** A folder's name, seen from the folder above it. */
  static String nameOf(Path folder) {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }
}
