package dev.retort.system;

import java.nio.file.Path;

/** What the command lines in reports and model cards are made of. */
public final class ShellWord {
  private ShellWord() {}

  /** A word as a shell reads it: in quotes where it needs them. */
  public static String of(String word) {
    return word.matches("[A-Za-z0-9.,:_/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** A folder's name, seen from the folder above it, for which a page's commands are. */
  public static String nameOf(Path folder) {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }
}
